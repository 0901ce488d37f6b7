#include "base/http.h"

#include <gtest/gtest.h>

#include <latch>

#include "base/testing/loopback_server.h"

namespace smelt {
namespace {

using testing::LoopbackServer;

TEST(HttpClient, SendsMethodHeadersAndBody) {
  std::string seen;
  LoopbackServer server([&](const std::string& request) {
    seen = request;
    return "HTTP/1.1 201 Created\r\nX-Thing:  two words \r\nEmpty:\r\nContent-Length: 5\r\n\r\nhello";
  });
  HttpClient client;
  const auto response = client.Send({.method = "PUT",
                                     .url = server.url() + "/a%20b?x=1",
                                     .headers = {{"X-Sent", "yes"}, {"Content-Type", "text/plain"}},
                                     .body = std::string_view("a\0b", 3)});
  ASSERT_TRUE(response) << response.error().ToString();
  EXPECT_EQ(response->status, 201);
  EXPECT_EQ(response->body, "hello");
  EXPECT_EQ(response->Header("x-thing"), "two words");
  EXPECT_EQ(response->Header("empty"), "");
  EXPECT_EQ(response->Header("absent"), std::nullopt);
  EXPECT_TRUE(seen.starts_with("PUT /a%20b?x=1 HTTP/1.1\r\n")) << seen;
  EXPECT_NE(seen.find("\r\nX-Sent: yes\r\n"), std::string::npos) << seen;
  EXPECT_NE(seen.find("\r\nUser-Agent: smelt/"), std::string::npos) << seen;
  EXPECT_TRUE(seen.ends_with(std::string("\r\n\r\na\0b", 7))) << seen;
}

TEST(HttpClient, FailuresOfTheServerAreAnswers) {
  LoopbackServer server([](const std::string& request) {
    return request.starts_with("HEAD") ? "HTTP/1.1 404 Not Found\r\nContent-Length: 9\r\n\r\n"
                                       : "HTTP/1.1 302 Found\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n";
  });
  HttpClient client;
  EXPECT_EQ(client.Send({.method = "HEAD", .url = server.url()})->status, 404);
  const auto redirect = client.Send({.url = server.url()});
  EXPECT_EQ(redirect->status, 302) << "redirects are not followed";
}

TEST(HttpClient, TellsWhetherTheRequestWasSent) {
  HttpClient client;
  int free_port = 0;
  {
    LoopbackServer server([](const std::string&) { return std::string(); });
    free_port = server.port();
    const auto cut = client.Send({.url = server.url() + "/p?token=s3cret"});
    ASSERT_FALSE(cut);
    EXPECT_EQ(cut.error().code(), ErrorCode::kHttpInterrupted);
    EXPECT_NE(cut.error().message().find("GET " + server.url() + "/p:"), std::string::npos) << cut.error().message();
    EXPECT_EQ(cut.error().message().find("s3cret"), std::string::npos);
  }
  const std::string nobody = "http://127.0.0.1:" + std::to_string(free_port);
  EXPECT_EQ(client.Send({.url = nobody}).error().code(), ErrorCode::kHttpUnreachable);
  EXPECT_EQ(client.Send({.url = "file:///etc/hostname"}).error().code(), ErrorCode::kHttpUnreachable);
}

TEST(HttpClient, EndsAtItsDeadlineOrWhenStopped) {
  std::latch answered(1);
  LoopbackServer server([&](const std::string&) {
    answered.wait();
    return std::string();
  });
  HttpClient client;
  const auto late = client.Send({.url = server.url(), .timeout_ms = 50});
  EXPECT_EQ(late.error().code(), ErrorCode::kHttpInterrupted);
  std::stop_source stop;
  stop.request_stop();
  const auto stopped = client.Send({.url = server.url(), .stop = stop.get_token()});
  EXPECT_EQ(stopped.error().code(), ErrorCode::kCancelled);
  answered.count_down();
}

TEST(ParseHttpDate, ReadsWhatServersSendAndNothingElse) {
  EXPECT_EQ(ParseHttpDate("Sun, 06 Nov 1994 08:49:37 GMT"), 784'111'777);
  EXPECT_EQ(ParseHttpDate("Thu, 01 Jan 1970 00:00:00 GMT"), 0);
  EXPECT_EQ(ParseHttpDate("Sat, 29 Feb 2020 23:59:59 GMT"), 1'583'020'799);
  for (const char* text : {"", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 GMT.", "1994-11-06T08:49:37Z",
                           "Sun, 06 Abc 1994 08:49:37 GMT", "Sun, 06 Nov 1994 25:49:37 GMT"}) {
    EXPECT_EQ(ParseHttpDate(text), std::nullopt) << text;
  }
}

TEST(PercentEncode, KeepsOnlyTheUnreserved) {
  EXPECT_EQ(PercentEncode("aZ09-_.~"), "aZ09-_.~");
  EXPECT_EQ(PercentEncode("a b/c=\u00e9+%"), "a%20b%2Fc%3D%C3%A9%2B%25");
  EXPECT_EQ(PercentEncode("a/b=c", "/"), "a/b%3Dc");
}

}  // namespace
}  // namespace smelt
