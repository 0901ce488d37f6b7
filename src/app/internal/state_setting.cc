#include "app/internal/state_setting.h"

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <utility>

#include "app/internal/command.h"
#include "base/environment.h"
#include "base/file.h"

namespace smelt::app {
namespace {

namespace fs = std::filesystem;

/// The same error, at its place in the file.
Error At(const ConfigNode& node, const Error& error) {
  return node.ErrorHere(error.code(), error.message()).Hint(error.hint());
}

Result<std::string> UrlOf(const ConfigNode& node) {
  SMELT_ASSIGN(const std::string text, node.AsString());
  const auto address = state::ParsePostgresUrl(text);
  if (!address) return Fail(At(node, address.error()));
  if (address->password.empty()) return address->url;
  return Fail(node.ErrorHere(ErrorCode::kConfigValueInvalid, "a password does not stand in this file")
                  .Hint("name where it is: 'password: {env: VARIABLE}' beside 'url', PGPASSWORD or ~/.pgpass"));
}

Result<Secret> PasswordOf(const ConfigNode& node, const std::string& folder) {
  if (const auto variable = node.Find("env")) {
    SMELT_ASSIGN(const std::string name, variable->AsString());
    auto secret = SecretFromEnvironment(name);
    if (secret && !secret->empty()) return *secret;
    return Fail(
        variable->ErrorHere(ErrorCode::kConfigValueInvalid, fmt::format("the environment variable {} is not set", name))
            .Hint(fmt::format("set {} to the password of the state database", name)));
  }
  SMELT_ASSIGN(const ConfigNode file, node.Require("file"));
  SMELT_ASSIGN(const std::string name, file.AsString());
  auto text = ReadWholeFile((fs::path(folder) / name).lexically_normal().string());
  if (!text) return Fail(At(file, text.error()));
  while (text->ends_with('\n') || text->ends_with('\r')) text->pop_back();
  return Secret(std::move(*text));
}

/// A local lake by its whole path, so that every machine which has it there knows it.
std::string WholeAddress(const std::string& lake) {
  if (lake.find("://") != std::string::npos) return lake;
  std::error_code ignored;
  std::string path = fs::absolute(lake, ignored).lexically_normal().string();
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  return path;
}

}  // namespace

Result<StateSetting> ParseStateSetting(const ConfigNode& node, const std::string& folder) {
  StateSetting setting{.folder = folder};
  if (!node.is_map()) {
    SMELT_ASSIGN(setting.url, UrlOf(node));
    return setting;
  }
  SMELT_TRY(node.AllowKeys({"url", "schema", "password"}));
  SMELT_ASSIGN(const ConfigNode url, node.Require("url"));
  SMELT_ASSIGN(setting.url, UrlOf(url));
  SMELT_ASSIGN(setting.schema, node.StringOr("schema", setting.schema));
  if (const Status named = state::CheckSchemaName(setting.schema); !named) {
    return Fail(At(*node.Find("schema"), named.error()));
  }
  setting.password = node.Find("password");
  if (!setting.password) return setting;
  if (!setting.password->is_map()) {
    return Fail(setting.password->ErrorHere(ErrorCode::kConfigValueInvalid, "a password does not stand in this file")
                    .Hint("name where it is: {env: VARIABLE} or {file: PATH}"));
  }
  SMELT_TRY(setting.password->AllowKeys({"env", "file"}));
  if (setting.password->keys().size() != 1) {
    return Fail(setting.password->ErrorHere(ErrorCode::kConfigValueInvalid, "a password comes from one place")
                    .Hint("write either {env: VARIABLE} or {file: PATH}"));
  }
  return setting;
}

Result<state::StoreAddress> StateAddress(const CommandContext& context) {
  const std::string named = EnvironmentVariable("SMELT_STATE");
  if (named.empty() && context.state.url.empty()) return state::StoreAddress(StatePath(context.lake));
  state::StoreAddress address;
  if (named.empty()) {
    address.url = context.state.url;
    if (context.state.password) {
      SMELT_ASSIGN(address.password, PasswordOf(*context.state.password, context.state.folder));
    }
  } else {
    auto parsed = state::ParsePostgresUrl(named);
    if (!parsed) return Fail(Error(parsed.error()).Context("SMELT_STATE"));
    address = std::move(*parsed);
  }
  address.schema = context.state.schema;
  if (std::string schema = EnvironmentVariable("SMELT_STATE_SCHEMA"); !schema.empty())
    address.schema = std::move(schema);
  if (const Status fits = state::CheckSchemaName(address.schema); !fits) {
    return Fail(Error(fits.error()).Context("SMELT_STATE_SCHEMA"));
  }
  address.lake = WholeAddress(context.lake);
  return address;
}

}  // namespace smelt::app
