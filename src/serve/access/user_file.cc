#include "serve/access/user_file.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <optional>
#include <utility>

#include "base/base64.h"
#include "base/clock.h"
#include "base/file.h"
#include "state/lock.h"

namespace smelt::serve {
namespace {

namespace fs = std::filesystem;

constexpr int kFormat = 1;
constexpr std::size_t kNameMax = 63;
constexpr int kScramIterations = 100'000;
constexpr std::size_t kScramSaltBytes = 16;
constexpr std::size_t kDecoyBytes = 32;
constexpr std::size_t kStampBytes = 8;

Json PasswordJson(const PasswordHash& hash) {
  return {{"cost", hash.cost},
          {"block", hash.block},
          {"parallel", hash.parallel},
          {"salt", Base64Encode(hash.salt)},
          {"hash", Base64Encode(hash.hash)}};
}

Json ScramJson(const ScramVerifier& scram) {
  return {{"iterations", scram.iterations},
          {"salt", Base64Encode(scram.salt)},
          {"stored_key", Base64Encode(scram.stored_key)},
          {"server_key", Base64Encode(scram.server_key)}};
}

Json ToJson(const Users& users) {
  Json document = {{"format", kFormat}, {"decoy", Base64Encode(users.decoy)}};
  document["users"] = Json::array();
  for (const auto& [name, user] : users.users) {
    document["users"].push_back({{"name", name},
                                 {"role", RoleText(user.role)},
                                 {"made", FormatUtcMicros(user.made_us)},
                                 {"stamp", user.stamp},
                                 {"scrypt", PasswordJson(user.password)},
                                 {"scram_sha_256", ScramJson(user.scram)}});
  }
  document["tokens"] = Json::array();
  for (const TokenRecord& token : users.tokens) {
    document["tokens"].push_back({{"name", token.name},
                                  {"user", token.user},
                                  {"sha256", token.digest},
                                  {"made", FormatUtcMicros(token.made_us)},
                                  {"ends", token.ends_us == 0 ? Json(nullptr) : Json(FormatUtcMicros(token.ends_us))}});
  }
  return document;
}

/// Bytes of a member; throws when there are none.
std::string Bytes(const Json& object, const char* member) {
  return Base64Decode(object.at(member).get<std::string>()).value();
}

std::int64_t Time(const Json& object, const char* member) {
  return ParseTimestampMicros(object.at(member).get<std::string>()).value();
}

UserRecord UserOf(const Json& node) {
  UserRecord user{.name = node.at("name").get<std::string>(),
                  .role = RoleOf(node.at("role").get<std::string>()).value()};
  const Json& password = node.at("scrypt");
  user.password = {.cost = password.at("cost").get<int>(),
                   .block = password.at("block").get<int>(),
                   .parallel = password.at("parallel").get<int>(),
                   .salt = Bytes(password, "salt"),
                   .hash = Bytes(password, "hash")};
  const Json& scram = node.at("scram_sha_256");
  user.scram = {.salt = Bytes(scram, "salt"),
                .iterations = scram.at("iterations").get<int>(),
                .stored_key = Bytes(scram, "stored_key"),
                .server_key = Bytes(scram, "server_key")};
  user.stamp = node.at("stamp").get<std::string>();
  user.made_us = Time(node, "made");
  return user;
}

Result<Users> Parse(const std::string& text, const std::string& path) {
  Users users;
  try {
    SMELT_ASSIGN(const Json document, ParseJson(text, path));
    if (document.at("format").get<int>() != kFormat) {
      return Fail(Error(ErrorCode::kConfigValueInvalid, fmt::format("{} was written by another smelt", path))
                      .Hint("use the newer of the two"));
    }
    users.decoy = Bytes(document, "decoy");
    for (const Json& node : document.at("users")) {
      UserRecord user = UserOf(node);
      users.users.emplace(user.name, std::move(user));
    }
    for (const Json& node : document.at("tokens")) {
      TokenRecord token{.name = node.at("name").get<std::string>(),
                        .user = node.at("user").get<std::string>(),
                        .digest = node.at("sha256").get<std::string>(),
                        .made_us = Time(node, "made")};
      if (!node.at("ends").is_null()) token.ends_us = Time(node, "ends");
      users.tokens.push_back(std::move(token));
    }
  } catch (const std::exception&) {
    // The text of the exception might quote what the file holds.
    return Fail(Error(ErrorCode::kConfigValueInvalid, fmt::format("the file of users {} is damaged", path))
                    .Hint("take it from a backup, or remove it and add the users again: smelt users add NAME"));
  }
  return users;
}

Status CheckRights(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) {
    if (errno == ENOENT) return {};
    return Fail(FileError(errno, "look at", path));
  }
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) == 0) return {};
  return Fail(Error(ErrorCode::kAccessDenied, fmt::format("others than its owner may read {}", path))
                  .Hint(fmt::format("take their rights away: chmod 600 {}", path)));
}

/// Writes the file so that no other user could ever read it.
Status Write(const std::string& path, const Users& users) {
  constexpr mode_t kOwnerOnly = 0077;
  const mode_t before = ::umask(kOwnerOnly);
  const Status status = WriteWholeFile(path, JsonText(ToJson(users), 2) + "\n", Durability::kDurable);
  ::umask(before);
  SMELT_TRY(status);
  std::error_code error;
  fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write, error);
  if (error) return Fail(FileError(error.value(), "protect", path));
  return {};
}

}  // namespace

const UserRecord* Users::Find(std::string_view name) const {
  const auto found = users.find(std::string(name));
  return found == users.end() ? nullptr : &found->second;
}

UserRecord MakeUser(std::string name, Role role, const Secret& password) {
  UserRecord user{.name = std::move(name), .role = role};
  user.password = HashPassword(password);
  user.scram = MakeScramVerifier(password.Reveal(), RandomBytes(kScramSaltBytes), kScramIterations);
  user.stamp = RandomHex(kStampBytes);
  user.made_us = NowMicros();
  return user;
}

Status CheckUserName(std::string_view name) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
           c == '@' || c == '-';
  };
  if (!name.empty() && name.size() <= kNameMax && name[0] != '-' && std::ranges::all_of(name, fits)) return {};
  return Fail(Error(ErrorCode::kUsage, fmt::format("'{}' cannot be the name of a user", name.substr(0, kNameMax)))
                  .Hint("use up to 63 letters, digits and _ . @ -, the first of them no -"));
}

Result<Users> ReadUsers(const std::string& path) {
  SMELT_TRY(CheckRights(path));
  auto text = ReadWholeFile(path);
  if (!text && text.error().code() == ErrorCode::kStoreNotFound) return Users{};
  if (!text) return Fail(std::move(text.error()));
  return Parse(*text, path);
}

Status ChangeUsers(const std::string& path, const std::function<Status(Users&)>& change) {
  SMELT_ASSIGN(const auto lock,
               state::FileLock::Acquire(path + ".lock", state::CurrentOwner("users"), "the file of users"));
  SMELT_ASSIGN(Users users, ReadUsers(path));
  if (users.decoy.empty()) users.decoy = RandomBytes(kDecoyBytes);
  SMELT_TRY(change(users));
  return Write(path, users);
}

}  // namespace smelt::serve
