#include "serve/body_stream.h"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

#include "serve/http_server.h"
#include "serve/tests/raw_client.h"

namespace smelt::serve {
namespace {

/// Counts pieces up to an end; tells when it is destroyed.
class Counting : public BodyStream {
 public:
  Counting(int pieces, std::size_t bytes, std::atomic<int>& asked, std::atomic<bool>& gone, int fails_at = -1)
      : pieces_(pieces), bytes_(bytes), asked_(asked), gone_(gone), fails_at_(fails_at) {}
  ~Counting() override {
    gone_ = true;
    gone_.notify_all();
  }
  Result<Piece> Next() override {
    const int number = asked_++;
    if (number == fails_at_) return Fail(ErrorCode::kStoreIo, "the disk is gone");
    return Piece{.bytes = std::string(bytes_, static_cast<char>('a' + number % 26)),
                 .then = number + 1 == pieces_ ? Then::kEnd : Then::kMore};
  }

 private:
  const int pieces_;
  const std::size_t bytes_;
  std::atomic<int>& asked_;
  std::atomic<bool>& gone_;
  const int fails_at_;
};

class BodyStreamTest : public testing::Test {
 protected:
  void Start(const HttpSettings& settings, std::function<HttpResponse(const HttpRequest&)> handler) {
    RouteTable routes;
    routes.Add({.method = "GET", .pattern = "/stream", .summary = "", .handler = std::move(handler)});
    routes.Add({.method = "GET", .pattern = "/slow", .summary = "", .handler = [this](const HttpRequest& request) {
                  slow_runs_ = true;
                  slow_runs_.notify_all();
                  const std::stop_callback stop(request.stop, [this] {
                    slow_stopped_ = true;
                    slow_stopped_.notify_all();
                  });
                  slow_stopped_.wait(false);
                  return HttpResponse{};
                }});
    auto server = HttpServer::Start(settings, std::move(routes), [](const Route&, const HttpRequest&) {
      return std::expected<std::string, HttpResponse>("tester");
    });
    ASSERT_TRUE(server) << server.error().ToString();
    server_ = std::move(*server);
  }
  void StartCounting(const HttpSettings& settings, int pieces, std::size_t bytes, int fails_at = -1) {
    Start(settings, [this, pieces, bytes, fails_at](const HttpRequest&) {
      return HttpResponse{.content_type = "text/plain",
                          .stream = std::make_shared<Counting>(pieces, bytes, asked_, gone_, fails_at)};
    });
  }
  static std::string Request(const std::string& version = "1.1", const std::string& headers = "Connection: close\r\n") {
    return "GET /stream HTTP/" + version + "\r\nHost: x\r\n" + headers + "\r\n";
  }

  std::atomic<int> asked_ = 0;
  std::atomic<bool> gone_ = false;
  std::atomic<bool> slow_runs_ = false;
  std::atomic<bool> slow_stopped_ = false;
  std::unique_ptr<HttpServer> server_;
};

TEST_F(BodyStreamTest, IsSentInChunksAfterWhichTheConnectionGoesOn) {
  StartCounting({}, 2, 3);
  RawClient client(server_->port());
  ASSERT_TRUE(client.Send(Request("1.1", "")));
  const std::string answer = client.ReadUntil("\r\n0\r\n\r\n");
  EXPECT_NE(answer.find("Transfer-Encoding: chunked\r\n"), std::string::npos) << answer;
  EXPECT_EQ(answer.find("Content-Length"), std::string::npos) << answer;
  EXPECT_TRUE(answer.ends_with("\r\n\r\n3\r\naaa\r\n3\r\nbbb\r\n0\r\n\r\n")) << answer;
  gone_.wait(false);
  ASSERT_TRUE(client.Send("GET /nothing HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
  EXPECT_TRUE(client.ReadToEnd().starts_with("HTTP/1.1 404")) << "the connection is of use afterwards";
}

TEST_F(BodyStreamTest, AnOlderClientKnowsTheEndByTheConnection) {
  StartCounting({}, 2, 3);
  RawClient client(server_->port());
  ASSERT_TRUE(client.Send(Request("1.0", "")));
  const std::string answer = client.ReadToEnd();
  EXPECT_EQ(answer.find("chunked"), std::string::npos) << answer;
  EXPECT_TRUE(answer.ends_with("\r\n\r\naaabbb")) << answer;
}

TEST_F(BodyStreamTest, HeadAsksForNothing) {
  StartCounting({}, 2, 3);
  RawClient client(server_->port());
  ASSERT_TRUE(client.Send("HEAD /stream HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
  EXPECT_TRUE(client.ReadToEnd().ends_with("\r\n\r\n"));
  EXPECT_EQ(asked_, 0);
}

TEST_F(BodyStreamTest, AnErrorLeavesTheAnswerWithoutItsEnd) {
  StartCounting({}, 5, 3, 2);
  RawClient client(server_->port());
  ASSERT_TRUE(client.Send(Request()));
  const std::string answer = client.ReadToEnd();
  EXPECT_TRUE(answer.ends_with("3\r\nbbb\r\n")) << answer;
  EXPECT_EQ(answer.find("disk"), std::string::npos) << answer;
}

TEST_F(BodyStreamTest, WhoReadsTooSlowlyIsCutOffAndOnlyHe) {
  constexpr int kPieces = 4'096;
  constexpr std::size_t kPieceBytes = std::size_t{64} * 1024;
  StartCounting({.write_ms_max = 50}, kPieces, kPieceBytes);
  RawClient slow(server_->port());
  ASSERT_TRUE(slow.Send(Request()));
  gone_.wait(false);  // without having read: what the sockets hold is all that was made
  EXPECT_LT(asked_, kPieces);
  RawClient other(server_->port());
  ASSERT_TRUE(other.Send("GET /nothing HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
  EXPECT_TRUE(other.ReadToEnd().starts_with("HTTP/1.1 404"));
}

TEST_F(BodyStreamTest, AClientThatGoesEndsItsStreamAndItsHandler) {
  auto body = std::make_shared<PushedBody>(1'000, "");
  Start({}, [&](const HttpRequest&) { return HttpResponse{.content_type = "text/event-stream", .stream = body}; });
  {
    RawClient client(server_->port());
    ASSERT_TRUE(client.Send(Request()));
    client.ReadUntil("\r\n\r\n");
    RawClient waits(server_->port());
    ASSERT_TRUE(waits.Send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n"));
    slow_runs_.wait(false);
    EXPECT_FALSE(body->closed());
  }
  slow_stopped_.wait(false);
  while (!body->closed()) std::this_thread::yield();
  EXPECT_FALSE(body->Push(std::make_shared<const std::string>("late")));
}

TEST_F(BodyStreamTest, WhatIsPushedIsSentAsItComesAndWaitingShowsLife) {
  auto body = std::make_shared<PushedBody>(1'000, ":\n\n");
  Start({.heartbeat_ms = 20},
        [&](const HttpRequest&) { return HttpResponse{.content_type = "text/event-stream", .stream = body}; });
  RawClient client(server_->port());
  ASSERT_TRUE(client.Send(Request()));
  client.ReadUntil(":\n\n");
  const auto event = std::make_shared<const std::string>("data: 1\n\n");
  ASSERT_TRUE(body->Push(event));
  client.ReadUntil("data: 1\n\n");
  ASSERT_TRUE(body->Push(event));
  body->End();
  EXPECT_FALSE(body->Push(event));
  EXPECT_TRUE(client.ReadToEnd().ends_with("data: 1\n\n\r\n0\r\n\r\n"));
}

TEST_F(BodyStreamTest, MoreThanMayWaitIsNotKept) {
  PushedBody body(10, "");
  const auto text = std::make_shared<const std::string>("123456");
  EXPECT_TRUE(body.Push(text));
  EXPECT_FALSE(body.Push(text));
  EXPECT_TRUE(body.closed());
  EXPECT_FALSE(body.Next());
}

TEST_F(BodyStreamTest, AStoppingServerEndsWhatOnlyWaits) {
  auto body = std::make_shared<PushedBody>(1'000, "");
  Start({}, [&](const HttpRequest&) { return HttpResponse{.content_type = "text/event-stream", .stream = body}; });
  RawClient client(server_->port());
  ASSERT_TRUE(client.Send(Request()));
  ASSERT_TRUE(body->Push(std::make_shared<const std::string>("data: 1\n\n")));
  client.ReadUntil("data: 1\n\n");
  constexpr std::int64_t kGraceMs = 600'000;
  server_->Stop(kGraceMs);
  EXPECT_TRUE(client.ReadToEnd().ends_with("0\r\n\r\n"));
  EXPECT_TRUE(body->closed());
}

}  // namespace
}  // namespace smelt::serve
