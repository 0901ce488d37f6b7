#include "base/secret_source.h"

#include <fmt/format.h>

#include <filesystem>
#include <utility>

#include "base/file.h"

namespace smelt {

Result<SecretSource> SecretSource::Parse(const ConfigNode& node, const std::string& folder) {
  if (!node.is_map()) {
    return Fail(node.ErrorHere(ErrorCode::kConfigValueInvalid, "a secret does not stand here in plain text")
                    .Hint("name where it is: {env: VARIABLE} or {file: PATH}"));
  }
  SMELT_TRY(node.AllowKeys({"env", "file"}));
  SecretSource source{.place = node};
  SMELT_ASSIGN(source.environment, node.StringOr("env", ""));
  SMELT_ASSIGN(source.file, node.StringOr("file", ""));
  if (source.environment.empty() == source.file.empty()) {
    return Fail(node.ErrorHere(ErrorCode::kConfigValueInvalid, "a secret has one of the keys env and file")
                    .Hint("write it as {env: VARIABLE} or {file: PATH}"));
  }
  if (!source.file.empty()) source.file = (std::filesystem::path(folder) / source.file).lexically_normal().string();
  return source;
}

Result<Secret> SecretSource::Read() const {
  if (!environment.empty()) {
    const auto secret = SecretFromEnvironment(environment);
    if (secret && !secret->empty()) return *secret;
    return Fail(place.ErrorHere(ErrorCode::kConfigValueInvalid, fmt::format("the variable {} is not set", environment))
                    .Hint("set it in the environment of smelt"));
  }
  auto text = ReadWholeFile(file);
  if (!text) {
    return Fail(place.ErrorHere(ErrorCode::kConfigValueInvalid, text.error().message())
                    .Hint("the file holds the secret and nothing else; smelt must be able to read it"));
  }
  while (text->ends_with('\n') || text->ends_with('\r')) text->pop_back();
  if (text->empty()) return Fail(place.ErrorHere(ErrorCode::kConfigValueInvalid, fmt::format("{} is empty", file)));
  return Secret(std::move(*text));
}

}  // namespace smelt
