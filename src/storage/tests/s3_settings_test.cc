#include "storage/s3_settings.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <deque>
#include <filesystem>

#include "base/clock.h"
#include "base/file.h"
#include "base/id.h"
#include "base/testing/loopback_server.h"
#include "storage/internal/s3_answers.h"
#include "storage/internal/s3_client.h"

namespace smelt::storage {
namespace {

/// Sets variables for the time of a test, and hides those of the machine.
class S3SettingsTest : public ::testing::Test {
 protected:
  S3SettingsTest() : folder_(std::filesystem::temp_directory_path() / ("smelt-test-" + NewUuid())) {
    for (const char* name :
         {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_REGION", "AWS_DEFAULT_REGION",
          "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL_STS", "AWS_PROFILE", "AWS_ROLE_ARN",
          "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_SESSION_NAME", "AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"}) {
      const char* value = std::getenv(name);
      if (value != nullptr) before_.emplace_back(name, value);
      unsetenv(name);
    }
    Set("AWS_SHARED_CREDENTIALS_FILE", File("credentials"));
    Set("AWS_CONFIG_FILE", File("config"));
  }
  ~S3SettingsTest() override {
    for (const std::string& name : set_) unsetenv(name.c_str());
    for (const auto& [name, value] : before_) setenv(name.c_str(), value.c_str(), 1);
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  void Set(const std::string& name, const std::string& value) {
    setenv(name.c_str(), value.c_str(), 1);
    set_.push_back(name);
  }
  std::string File(const std::string& name) const { return (folder_ / name).string(); }
  std::string Write(const std::string& name, const std::string& text) const {
    EXPECT_TRUE(WriteWholeFile(File(name), text));
    return File(name);
  }

 private:
  std::filesystem::path folder_;
  std::vector<std::string> set_;
  std::vector<std::pair<std::string, std::string>> before_;
};

TEST_F(S3SettingsTest, WithoutKeysItSaysWhereTheyCanComeFrom) {
  const auto settings = S3SettingsFromEnvironment();
  ASSERT_FALSE(settings);
  EXPECT_EQ(settings.error().code(), ErrorCode::kConfigKeyMissing);
  EXPECT_NE(settings.error().hint().find("AWS_PROFILE"), std::string::npos);
}

TEST_F(S3SettingsTest, TheDefaultProfileIsRead) {
  Write("credentials", "# ours\n[default]\naws_access_key_id = AK\naws_secret_access_key=sec=ret \r\n");
  Write("config", "[default]\nregion = eu-west-1\ns3 =\n  max_concurrent_requests = 20\n");
  const auto settings = S3SettingsFromEnvironment();
  ASSERT_TRUE(settings) << settings.error().ToString();
  EXPECT_EQ(settings->keys->Get()->access_key, "AK");
  EXPECT_EQ(settings->keys->Get()->secret_key.Reveal(), "sec=ret");
  EXPECT_EQ(settings->region, "eu-west-1");
  EXPECT_EQ(settings->endpoint, "https://s3.eu-west-1.amazonaws.com");
}

TEST_F(S3SettingsTest, ANamedProfileIsFoundInBothFilesAndVariablesWin) {
  Write("credentials", "[shop]\naws_access_key_id=AK\naws_secret_access_key=secret\naws_session_token=token\n");
  Write("config", "[profile shop]\nregion=eu-west-1\nendpoint_url=http://127.0.0.1:1/\n[profile other]\n");
  Set("AWS_PROFILE", "shop");
  auto settings = S3SettingsFromEnvironment();
  ASSERT_TRUE(settings) << settings.error().ToString();
  EXPECT_EQ(settings->keys->Get()->session_token.Reveal(), "token");
  EXPECT_EQ(settings->endpoint, "http://127.0.0.1:1");
  Set("AWS_ACCESS_KEY_ID", "OURS");
  Set("AWS_SECRET_ACCESS_KEY", "x");
  Set("AWS_REGION", "us-west-2");
  settings = S3SettingsFromEnvironment();
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->keys->Get()->access_key, "OURS");
  EXPECT_TRUE(settings->keys->Get()->session_token.empty());
  EXPECT_EQ(settings->region, "us-west-2");
}

TEST_F(S3SettingsTest, MistakesInProfilesAreNamed) {
  Write("credentials", "[shop]\naws_access_key_id=AK\n");
  Set("AWS_PROFILE", "shpo");
  auto settings = S3SettingsFromEnvironment();
  ASSERT_FALSE(settings);
  EXPECT_NE(settings.error().message().find("'shpo'"), std::string::npos);
  EXPECT_NE(settings.error().hint().find("shop"), std::string::npos);
  const std::string file = Write("credentials", "[shop]\n\nno setting\n");
  settings = S3SettingsFromEnvironment();
  ASSERT_FALSE(settings);
  EXPECT_EQ(settings.error().file(), file);
  EXPECT_EQ(settings.error().line(), 3);
  Write("credentials", "[shpo]\nsso_session = company\n");
  settings = S3SettingsFromEnvironment();
  ASSERT_FALSE(settings);
  EXPECT_NE(settings.error().hint().find("aws configure export-credentials --profile shpo"), std::string::npos);
}

/// What the token service gives for a role.
std::string RoleAnswer(const std::string& access_key, std::int64_t expires_ms) {
  const std::string body =
      "<AssumeRoleWithWebIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">"
      "<AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>" +
      access_key +
      "</AccessKeyId><SecretAccessKey>secret</SecretAccessKey><SessionToken>session</SessionToken><Expiration>" +
      FormatUtcMicros(expires_ms * 1'000) +
      "</Expiration></Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>";
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

class WebIdentityTest : public S3SettingsTest {
 protected:
  WebIdentityTest() {
    Set("AWS_WEB_IDENTITY_TOKEN_FILE", Write("token", "to+ken\n"));
    Set("AWS_ROLE_ARN", "arn:aws:iam::1:role/shop");
    Set("AWS_ENDPOINT_URL_STS", server_.url());
  }
  std::string Answer(const std::string& request) {
    requests_.push_back(request);
    std::string answer = std::move(answers_.front());
    answers_.pop_front();
    return answer;
  }

  std::deque<std::string> answers_;
  std::vector<std::string> requests_;
  testing::LoopbackServer server_{[this](const std::string& request) { return Answer(request); }};
};

TEST_F(WebIdentityTest, KeysAreFetchedOnceAndRenewedBeforeTheyExpire) {
  answers_ = {RoleAnswer("FIRST", NowMillis() + 60'000), RoleAnswer("SECOND", NowMillis() + 3'600'000)};
  const auto settings = S3SettingsFromEnvironment();
  ASSERT_TRUE(settings) << settings.error().ToString();
  const auto first = settings->keys->Get();
  ASSERT_TRUE(first) << first.error().ToString();
  EXPECT_EQ(first->access_key, "FIRST");
  EXPECT_EQ(first->session_token.Reveal(), "session");
  EXPECT_EQ(settings->keys->Get()->access_key, "SECOND");
  EXPECT_EQ(settings->keys->Get()->access_key, "SECOND");
  ASSERT_EQ(requests_.size(), 2u);
  EXPECT_NE(requests_[0].find("RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fshop"), std::string::npos) << requests_[0];
  EXPECT_NE(requests_[0].find("WebIdentityToken=to%2Bken"), std::string::npos);
  EXPECT_EQ(requests_[0].substr(0, requests_[0].find("\r\n")).find("ken"), std::string::npos)
      << "a token in an address";
}

TEST_F(WebIdentityTest, ARefusalIsNamedWithoutTheToken) {
  const std::string body =
      "<ErrorResponse><Error><Code>InvalidIdentityToken</Code><Message>no</Message></Error></ErrorResponse>";
  answers_ = {"HTTP/1.1 400 Bad Request\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body};
  const auto keys = S3SettingsFromEnvironment()->keys->Get();
  ASSERT_FALSE(keys);
  EXPECT_EQ(keys.error().code(), ErrorCode::kStoreDenied);
  EXPECT_NE(keys.error().message().find("InvalidIdentityToken"), std::string::npos);
  EXPECT_EQ(keys.error().ToString().find("to+ken"), std::string::npos);
}

TEST_F(WebIdentityTest, AFileThatIsNotThereIsNamed) {
  Set("AWS_WEB_IDENTITY_TOKEN_FILE", File("nothing"));
  const auto settings = S3SettingsFromEnvironment();
  ASSERT_TRUE(settings);
  const auto keys = settings->keys->Get();
  ASSERT_FALSE(keys);
  EXPECT_NE(keys.error().message().find(File("nothing")), std::string::npos);
  auto store = OpenS3Store(*settings, "b", "");
  EXPECT_EQ(store->List("").error().code(), ErrorCode::kConfigValueInvalid);
  EXPECT_FALSE(store->PutIfAbsent("a", "x"));
}

TEST(S3Hints, NameTheCure) {
  const internal::S3Call call{.method = "GET", .key = "a"};
  const auto hint = [&](int status, const std::string& code, const std::string& region = "") {
    HttpResponse response{.status = status, .headers = {}, .body = "<Error><Code>" + code + "</Code></Error>"};
    if (!region.empty()) response.headers.emplace_back("x-amz-bucket-region", region);
    return internal::ErrorOfAnswer(call, "lake", response).hint();
  };
  EXPECT_EQ(hint(301, "PermanentRedirect", "eu-west-1"),
            "the bucket lake is in the region eu-west-1: set AWS_REGION=eu-west-1");
  EXPECT_NE(hint(400, "AuthorizationHeaderMalformed").find("AWS_REGION"), std::string::npos);
  EXPECT_NE(hint(403, "RequestTimeTooSkewed").find("clock"), std::string::npos);
  EXPECT_NE(hint(404, "NoSuchBucket").find("make the bucket"), std::string::npos);
  EXPECT_NE(hint(403, "AccessDenied").find("list, get, put"), std::string::npos);
  EXPECT_EQ(hint(404, "NoSuchKey"), "");
}

}  // namespace
}  // namespace smelt::storage
