#include "serve/access/authenticator.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <sys/stat.h>

#include <array>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <string>

#include "base/base64.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/file.h"
#include "base/id.h"
#include "serve/access/login_delays.h"
#include "serve/access/user_file.h"

namespace smelt::serve {
namespace {

namespace fs = std::filesystem;

constexpr const char* kHere = "127.0.0.1";
constexpr const char* kPassword = "correct horse battery";

class AuthenticatorTest : public testing::Test {
 protected:
  AuthenticatorTest() : folder_((fs::temp_directory_path() / ("smelt-users-" + NewUuid())).string()) {
    fs::create_directories(folder_);
  }
  ~AuthenticatorTest() override { fs::remove_all(folder_); }

  std::string path() const { return folder_ + "/users.json"; }
  void Add(const std::string& name, Role role) {
    const Status status = ChangeUsers(path(), [&](Users& users) -> Status {
      users.users[name] = MakeUser(name, role, Secret(kPassword));
      return {};
    });
    ASSERT_TRUE(status) << status.error().ToString();
  }
  void AddToken(const std::string& user, const std::string& text, std::int64_t ends_us) {
    ASSERT_TRUE(ChangeUsers(path(), [&](Users& users) -> Status {
      users.tokens.push_back({.name = "t", .user = user, .digest = Sha256Hex(text), .made_us = 1, .ends_us = ends_us});
      return {};
    }));
  }

  std::string folder_;
};

TEST_F(AuthenticatorTest, WithoutUsersThisMachineIsTrustedAndNobodyElse) {
  const Authenticator authenticator(path(), std::nullopt);
  EXPECT_TRUE(authenticator.trusts_this_machine());
  const auto here = authenticator.Trust("whoever", kHere, Door::kPostgres);
  ASSERT_TRUE(here);
  EXPECT_EQ(here->name, "whoever");
  EXPECT_EQ(here->role, Role::kOperator);
  EXPECT_EQ(authenticator.Trust("whoever", "192.0.2.7", Door::kPostgres).error().code(), ErrorCode::kAccessUnknown);
  const Authenticator with_token(path(), Secret("a token of the server"));
  EXPECT_FALSE(with_token.trusts_this_machine());
  EXPECT_FALSE(with_token.Trust("whoever", kHere, Door::kPostgres));
}

TEST_F(AuthenticatorTest, UsersLogInByPasswordAndAreKnownAtOnceWhenTheFileChanges) {
  Authenticator authenticator(path(), std::nullopt);
  EXPECT_TRUE(authenticator.trusts_this_machine());
  Add("anna", Role::kWriter);
  EXPECT_FALSE(authenticator.trusts_this_machine());
  const auto anna = authenticator.Login("anna", Secret(kPassword), kHere, Door::kHttp);
  ASSERT_TRUE(anna) << anna.error().ToString();
  EXPECT_EQ(anna->role, Role::kWriter);
  EXPECT_EQ(anna->shown_by, "password");
  const std::string stamp = authenticator.StampOf("anna");
  Add("anna", Role::kReader);
  EXPECT_NE(authenticator.StampOf("anna"), stamp);
  EXPECT_EQ(authenticator.Login("anna", Secret(kPassword), kHere, Door::kHttp)->role, Role::kReader);
}

TEST_F(AuthenticatorTest, NothingTellsWhetherANameExists) {
  Add("anna", Role::kReader);
  Authenticator authenticator(path(), std::nullopt);
  const auto wrong = authenticator.Login("anna", Secret("wrong password"), kHere, Door::kHttp);
  const auto unknown = authenticator.Login("nobody", Secret("wrong password"), kHere, Door::kHttp);
  ASSERT_FALSE(wrong);
  ASSERT_FALSE(unknown);
  EXPECT_EQ(wrong.error().ToString(), unknown.error().ToString());
  // By SCRAM, too: the same answer to the first message, whose salt does not change, and failure at the last.
  const auto first = [&](const std::string& name) {
    return authenticator.BeginScram(name, "192.0.2.9")
        .value()
        ->First("n,,n=,r=abcdefgh", ScramMechanism::kPlain)
        .value();
  };
  const auto salt = [](const std::string& answer) { return answer.substr(answer.find(",s=")); };
  EXPECT_EQ(salt(first("nobody")), salt(first("nobody")));
  EXPECT_EQ(salt(first("anna")).size(), salt(first("nobody")).size());
  EXPECT_NE(salt(first("nobody")), salt(first("somebody")));
}

/// What a client sends last: RFC 5802, section 3.
std::string LastMessage(const std::string& password, const std::string& server_first) {
  int iterations = 0;
  const std::size_t salt_at = server_first.find(",s=");
  const std::size_t count_at = server_first.find(",i=");
  const std::string nonce = server_first.substr(2, salt_at - 2);
  const std::string salt = Base64Decode(server_first.substr(salt_at + 3, count_at - salt_at - 3)).value();
  std::from_chars(server_first.data() + count_at + 3, server_first.data() + server_first.size(), iterations);
  std::array<unsigned char, 32> salted{};
  PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()),
                    reinterpret_cast<const unsigned char*>(salt.data()), static_cast<int>(salt.size()), iterations,
                    EVP_sha256(), static_cast<int>(salted.size()), salted.data());
  std::string proof =
      HmacSha256(std::string_view(reinterpret_cast<const char*>(salted.data()), salted.size()), "Client Key");
  std::array<unsigned char, 32> stored{};
  SHA256(reinterpret_cast<const unsigned char*>(proof.data()), proof.size(), stored.data());
  const std::string bare = "c=biws,r=" + nonce;
  const std::string signature =
      HmacSha256(std::string_view(reinterpret_cast<const char*>(stored.data()), stored.size()),
                 fmt::format("n=,r=abcdefgh,{},{}", server_first, bare));
  for (std::size_t i = 0; i < proof.size(); ++i) proof[i] = static_cast<char>(proof[i] ^ signature[i]);
  return bare + ",p=" + Base64Encode(proof);
}

TEST_F(AuthenticatorTest, ScramProvesThePassword) {
  Add("anna", Role::kWriter);
  Authenticator authenticator(path(), std::nullopt);
  const auto try_with = [&](const std::string& name, const std::string& password) -> Result<Identity> {
    SMELT_ASSIGN(const auto login, authenticator.BeginScram(name, "192.0.2.10"));
    SMELT_ASSIGN(const std::string first, login->First("n,,n=,r=abcdefgh", ScramMechanism::kPlain));
    SMELT_TRY(login->Final(LastMessage(password, first)));
    return login->identity();
  };
  const auto right = try_with("anna", kPassword);
  ASSERT_TRUE(right) << right.error().ToString();
  EXPECT_EQ(right->name, "anna");
  EXPECT_EQ(right->role, Role::kWriter);
  EXPECT_EQ(right->door, Door::kPostgres);
  const auto wrong = try_with("anna", "wrong password");
  const auto unknown = try_with("nobody", kPassword);
  ASSERT_FALSE(wrong);
  ASSERT_FALSE(unknown);
  EXPECT_EQ(wrong.error().ToString(), unknown.error().ToString());
}

TEST_F(AuthenticatorTest, TokensActForTheirUserUntilTheyEnd) {
  Add("anna", Role::kWriter);
  AddToken("anna", "smelt_valid", NowMicros() + 3'600'000'000);
  AddToken("anna", "smelt_ended", NowMicros() - 1);
  AddToken("gone", "smelt_orphan", 0);
  Authenticator authenticator(path(), Secret("a token of the server"));
  const auto valid = authenticator.LoginByToken(Secret("smelt_valid"), kHere, Door::kHttp);
  ASSERT_TRUE(valid);
  EXPECT_EQ(valid->name, "anna");
  EXPECT_EQ(authenticator.LoginByToken(Secret("a token of the server"), kHere, Door::kHttp)->role, Role::kOperator);
  for (const char* text : {"smelt_ended", "smelt_orphan", "smelt_", ""}) {
    EXPECT_FALSE(authenticator.LoginByToken(Secret(text), kHere, Door::kHttp)) << text;
  }
}

TEST_F(AuthenticatorTest, WhoFailsAgainAndAgainWaits) {
  Add("anna", Role::kReader);
  Authenticator authenticator(path(), std::nullopt);
  ErrorCode last = ErrorCode::kAccessUnknown;
  for (int i = 0; i < 8 && last == ErrorCode::kAccessUnknown; ++i) {
    last = authenticator.Login("anna", Secret("wrong password"), "192.0.2.1", Door::kHttp).error().code();
  }
  EXPECT_EQ(last, ErrorCode::kServeBusy);
}

TEST_F(AuthenticatorTest, ADamagedOrOpenFileLetsNobodyIn) {
  Add("anna", Role::kReader);
  ::chmod(path().c_str(), 0644);
  EXPECT_EQ(ReadUsers(path()).error().code(), ErrorCode::kAccessDenied);
  Authenticator authenticator(path(), std::nullopt);
  EXPECT_FALSE(authenticator.trusts_this_machine());
  EXPECT_FALSE(authenticator.Login("anna", Secret(kPassword), kHere, Door::kHttp));
  ::chmod(path().c_str(), 0600);
  std::ofstream(path()) << "{\"format\": 1, \"secret\": \"half a word\"";
  const auto damaged = ReadUsers(path());
  ASSERT_FALSE(damaged);
  EXPECT_EQ(damaged.error().ToString().find("half a word"), std::string::npos);
  EXPECT_FALSE(authenticator.trusts_this_machine());
}

TEST_F(AuthenticatorTest, TheFileHoldsNoPasswordAndItsOwnerAloneReadsIt) {
  Add("anna", Role::kReader);
  AddToken("anna", "smelt_token_text", 0);
  const std::string text = ReadWholeFile(path()).value();
  EXPECT_EQ(text.find(kPassword), std::string::npos);
  EXPECT_EQ(text.find(Base64Encode(kPassword)), std::string::npos);
  EXPECT_EQ(text.find("smelt_token_text"), std::string::npos);
  EXPECT_EQ(fs::status(path()).permissions() & fs::perms::mask, fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_TRUE(IsPassword(Secret(kPassword), ReadUsers(path())->Find("anna")->password));
}

TEST(LoginDelaysTest, WaitsGrowAndEnd) {
  LoginDelays delays;
  std::int64_t now = 1'000'000'000;
  std::int64_t before = -1;
  for (int i = 0; i < 4; ++i) delays.Failed("anna", "a", now);
  EXPECT_EQ(delays.WaitUs("anna", "a", now), 0);
  for (int i = 0; i < 6; ++i) {
    delays.Failed("anna", "a", now);
    EXPECT_GT(delays.WaitUs("anna", "a", now), before);
    before = delays.WaitUs("anna", "a", now);
  }
  EXPECT_LT(delays.WaitUs("anna", "b", now), before);  // a name alone waits less: anybody can cause it
  EXPECT_GT(delays.WaitUs("anna", "b", now), 0);
  EXPECT_EQ(delays.WaitUs("berta", "b", now), 0);
  now += before;
  EXPECT_EQ(delays.WaitUs("anna", "a", now), 0);
  delays.Failed("anna", "a", now);
  delays.Succeeded("anna");
  EXPECT_EQ(delays.WaitUs("anna", "b", now), 0);
  EXPECT_GT(delays.WaitUs("anna", "a", now), 0);
}

TEST(LoginDelaysTest, MemoryIsBounded) {
  LoginDelays delays(100);
  for (int i = 0; i < 1'000; ++i) delays.Failed(fmt::format("n{}", i), fmt::format("a{}", i), i);
  EXPECT_LE(delays.size(), 100U);
}

}  // namespace
}  // namespace smelt::serve
