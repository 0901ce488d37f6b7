// The S3 store against a real server, whose address and keys the environment gives (tools/services/versitygw.sh).
// Failures of the network are made by a relay between the store and the server.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <deque>
#include <mutex>
#include <thread>

#include "base/id.h"
#include "base/testing/loopback_server.h"
#include "storage/internal/s3_client.h"
#include "storage/s3_settings.h"

namespace smelt::storage {
namespace {

using Texts = std::vector<std::string>;

constexpr char kBucket[] = "smelt-tests";

/// What the relay does with one request.
enum class Fate {
  kPass,
  kLose,         ///< not passed on; the connection ends without an answer
  kLoseAnswer,   ///< passed on; the connection ends without an answer
  kUnavailable,  ///< not passed on; answered with 503
  kDeny,         ///< not passed on; answered with 403
};

/// Passes requests on to the server, except where the script says otherwise.
class Relay {
 public:
  explicit Relay(int server_port)
      : server_port_(server_port), listener_([this](const std::string& request) { return Answer(request); }) {}

  std::string url() const { return listener_.url(); }

  /// The fates of the next requests; those after them pass.
  void Script(std::deque<Fate> fates) {
    const std::lock_guard lock(mutex_);
    fates_ = std::move(fates);
    methods_.clear();
  }

  /// The methods of the requests since the last script.
  Texts methods() {
    const std::lock_guard lock(mutex_);
    return methods_;
  }

 private:
  Fate NextFate(const std::string& request) {
    const std::lock_guard lock(mutex_);
    methods_.push_back(request.substr(0, request.find(' ')));
    if (fates_.empty()) return Fate::kPass;
    const Fate fate = fates_.front();
    fates_.pop_front();
    return fate;
  }

  std::string Answer(std::string request) {
    const Fate fate = NextFate(request);
    if (fate == Fate::kLose) return {};
    if (fate == Fate::kUnavailable) return "HTTP/1.1 503 Slow Down\r\nContent-Length: 0\r\n\r\n";
    if (fate == Fate::kDeny) return "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n";
    // So that the end of the answer is the end of the connection.
    request.insert(request.find("\r\n") + 2, "Connection: close\r\n");
    const std::string answer = testing::ExchangeWithPort(server_port_, request);
    return fate == Fate::kLoseAnswer ? std::string() : answer;
  }

  const int server_port_;
  std::mutex mutex_;
  std::deque<Fate> fates_;
  Texts methods_;
  testing::LoopbackServer listener_;
};

class S3Service : public ::testing::Test {
 protected:
  void SetUp() override {
    auto settings = S3SettingsFromEnvironment();
    ASSERT_TRUE(settings) << settings.error().ToString() << "\nrun this by tools/services/versitygw.sh run";
    settings_ = *settings;
    settings_.retry.delay_ms = 1;
    settings_.retry.delay_max_ms = 2;
    internal::S3Client client(settings_, kBucket);
    const auto created = client.SendOnce({.method = "PUT"});
    ASSERT_TRUE(created) << created.error().ToString();
    ASSERT_TRUE(created->status == 200 || created->status == 409) << created->status << " " << created->body;
    store_ = OpenS3Store(settings_, kBucket, prefix_);
    const std::string host = settings_.host();
    int port = 0;
    std::from_chars(host.data() + host.find(':') + 1, host.data() + host.size(), port);
    relay_ = std::make_unique<Relay>(port);
    auto relayed = settings_;
    relayed.endpoint = relay_->url();
    relayed_ = OpenS3Store(relayed, kBucket, prefix_);
  }

  void TearDown() override {
    if (!store_) return;
    const auto left = store_->List("", {}, true);
    ASSERT_TRUE(left) << left.error().ToString();
    for (const auto& info : *left) EXPECT_TRUE(store_->Delete(info.key));
  }

  void Fill(const Texts& keys) {
    for (const auto& key : keys) ASSERT_TRUE(store_->Put(key, key));
  }

  Texts Keys(std::string_view prefix, std::string_view start_after = {}, bool recursive = false) {
    const auto listed = store_->List(prefix, start_after, recursive);
    EXPECT_TRUE(listed) << listed.error().ToString();
    Texts keys;
    for (const auto& info : *listed) keys.push_back(info.key);
    return keys;
  }

  const std::string prefix_ = "run-" + NewUuid();
  S3Settings settings_;
  std::unique_ptr<ObjectStore> store_;
  std::unique_ptr<Relay> relay_;
  std::unique_ptr<ObjectStore> relayed_;  ///< the same objects through the relay
};

TEST_F(S3Service, ReadsWhatWasPut) {
  const std::string bytes("\0\xFF\r\nx", 5);
  ASSERT_TRUE(store_->Put("a/b.bin", bytes));
  EXPECT_EQ(*store_->Read("a/b.bin"), bytes);
  ASSERT_TRUE(store_->Put("a/b.bin", ""));
  EXPECT_EQ(*store_->Read("a/b.bin"), "");
  EXPECT_TRUE(*store_->Exists("a/b.bin"));
  EXPECT_FALSE(*store_->Exists("a/none"));
  EXPECT_EQ(store_->Read("a/none").error().code(), ErrorCode::kStoreNotFound);
  EXPECT_EQ(store_->Address("a/b.bin"), "s3://smelt-tests/" + prefix_ + "/a/b.bin");
  ASSERT_TRUE(store_->Delete("a/b.bin"));
  ASSERT_TRUE(store_->Delete("a/b.bin"));
  EXPECT_FALSE(*store_->Exists("a/b.bin"));
}

TEST_F(S3Service, KeysMayHoldAnyCharacter) {
  const Texts keys{"p=1/a b.parquet", "p=a%20b/x", "p=caf\u00e9/x+y&z?.json", "p=~!*'()/,;:@$#[]"};
  Fill(keys);
  for (const auto& key : keys) EXPECT_EQ(*store_->Read(key), key);
  auto sorted = keys;
  std::ranges::sort(sorted);
  EXPECT_EQ(Keys("", {}, true), sorted);
  EXPECT_EQ(Keys("p=a%20b"), Texts{"p=a%20b/x"});
}

TEST_F(S3Service, HeadTellsWhatAListingTells) {
  ASSERT_TRUE(store_->Put("a/b", "12345"));
  const auto head = *store_->Head("a/b");
  const auto listed = *store_->List("a");
  ASSERT_TRUE(head);
  ASSERT_EQ(listed.size(), 1u);
  EXPECT_EQ(head->key, "a/b");
  EXPECT_EQ(head->bytes, 5);
  EXPECT_EQ(listed[0].bytes, 5);
  EXPECT_GT(head->modified_ms, 1'600'000'000'000);
  EXPECT_EQ(head->modified_ms, listed[0].modified_ms);
  EXPECT_FALSE(*store_->Head("a/c"));
}

TEST_F(S3Service, ListsInKeyOrder) {
  Fill({"t/c", "t/a", "t/sub/x", "t/b", "u/z", "top"});
  EXPECT_EQ(Keys("t"), (Texts{"t/a", "t/b", "t/c"}));
  EXPECT_EQ(Keys(""), (Texts{"top"}));
  EXPECT_EQ(Keys("", {}, true), (Texts{"t/a", "t/b", "t/c", "t/sub/x", "top", "u/z"}));
  EXPECT_EQ(Keys("t", "t/a"), (Texts{"t/b", "t/c"}));
  EXPECT_EQ(Keys("t", "t/aa"), (Texts{"t/b", "t/c"}));
  EXPECT_EQ(Keys("t", "t/c"), Texts{});
  EXPECT_EQ(Keys("nowhere"), Texts{});
  EXPECT_EQ(*store_->ListFolders(""), (Texts{"t", "u"}));
  EXPECT_EQ(*store_->ListFolders("t"), (Texts{"sub"}));
  EXPECT_EQ(*store_->ListFolders("nowhere"), Texts{});
}

TEST_F(S3Service, ListsBeyondOnePage) {
  constexpr int kObjects = 1'050;  // a page holds 1,000
  {
    std::vector<std::jthread> writers;
    for (int w = 0; w < 4; ++w) {
      writers.emplace_back([&, w] {
        for (int i = w; i < kObjects; i += 4) ASSERT_TRUE(store_->Put("log/" + std::to_string(10'000 + i), ""));
      });
    }
  }
  const Texts keys = Keys("log");
  ASSERT_EQ(keys.size(), static_cast<std::size_t>(kObjects));
  EXPECT_TRUE(std::ranges::is_sorted(keys));
  EXPECT_EQ(Keys("log", "log/11047"), (Texts{"log/11048", "log/11049"}));
}

TEST_F(S3Service, LargeObjectsGoInParts) {
  std::string bytes((std::size_t{33} << 20) + 7, '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * 2'654'435'761u >> 13);
  ASSERT_TRUE(store_->Put("big", bytes));
  EXPECT_EQ(ContentHash(*store_->Read("big")), ContentHash(bytes));
  EXPECT_EQ((*store_->Head("big"))->bytes, static_cast<std::int64_t>(bytes.size()));
}

TEST_F(S3Service, OfManyWritersExactlyOneWinsEachKey) {
  constexpr int kRounds = 20;
  std::array<std::atomic<int>, kRounds> wins{};
  {
    std::vector<std::jthread> writers;
    for (int w = 0; w < 6; ++w) {
      writers.emplace_back([&] {
        for (int round = 0; round < kRounds; ++round) {
          const auto won = store_->PutIfAbsent("log/" + std::to_string(round), "the same bytes from everybody");
          ASSERT_TRUE(won) << won.error().ToString();
          if (*won) ++wins[static_cast<std::size_t>(round)];
        }
      });
    }
  }
  for (const auto& count : wins) EXPECT_EQ(count, 1);
}

TEST_F(S3Service, PassingFailuresAreRepeated) {
  relay_->Script({Fate::kUnavailable, Fate::kLose, Fate::kLoseAnswer});
  ASSERT_TRUE(relayed_->Put("a", "x"));
  EXPECT_EQ(relay_->methods(), (Texts{"PUT", "PUT", "PUT", "PUT"}));
  relay_->Script({Fate::kUnavailable, Fate::kLoseAnswer});
  EXPECT_EQ(*relayed_->Read("a"), "x");
  relay_->Script({Fate::kLose});
  EXPECT_EQ(relayed_->List("")->size(), 1u);
  relay_->Script({Fate::kLoseAnswer});
  EXPECT_TRUE(relayed_->Delete("a"));
}

TEST_F(S3Service, LastingFailuresComeBack) {
  relay_->Script(std::deque<Fate>(5, Fate::kUnavailable));
  const auto read = relayed_->Read("a");
  EXPECT_EQ(read.error().code(), ErrorCode::kStoreIo);
  EXPECT_EQ(relay_->methods().size(), 5u);
  relay_->Script({Fate::kDeny});
  EXPECT_EQ(relayed_->Read("a").error().code(), ErrorCode::kStoreDenied);
  EXPECT_EQ(relay_->methods().size(), 1u) << "a refusal is not repeated";
}

TEST_F(S3Service, AConditionalWriteWhoseAnswerIsLostIsRecognised) {
  relay_->Script({Fate::kLoseAnswer});
  EXPECT_TRUE(*relayed_->PutIfAbsent("0.json", "ours"));
  EXPECT_EQ(relay_->methods(), (Texts{"PUT", "HEAD"}));
  relay_->Script({Fate::kLoseAnswer, Fate::kLose});
  EXPECT_TRUE(*relayed_->PutIfAbsent("1.json", "ours")) << "found by the repetition: it exists, and it is ours";
  EXPECT_EQ(relay_->methods(), (Texts{"PUT", "HEAD", "PUT", "HEAD"}));
  relay_->Script({Fate::kLose});
  EXPECT_TRUE(*relayed_->PutIfAbsent("2.json", "ours"));
  EXPECT_EQ(relay_->methods(), (Texts{"PUT", "HEAD", "PUT"}));
  EXPECT_EQ(*store_->Read("2.json"), "ours");
}

TEST_F(S3Service, ALostConditionalWriteDoesNotTakeACompetitorsForItsOwn) {
  ASSERT_TRUE(*store_->PutIfAbsent("0.json", "same bytes"));
  relay_->Script({Fate::kLose});
  EXPECT_FALSE(*relayed_->PutIfAbsent("0.json", "same bytes"));
}

TEST_F(S3Service, AnOutcomeThatCannotBeLearntIsUnknown) {
  relay_->Script(std::deque<Fate>(10, Fate::kLose));
  EXPECT_EQ(relayed_->PutIfAbsent("0.json", "x").error().code(), ErrorCode::kStoreUnknown);
  relay_->Script({Fate::kLose, Fate::kLose, Fate::kDeny});
  EXPECT_EQ(relayed_->PutIfAbsent("0.json", "x").error().code(), ErrorCode::kStoreUnknown);
  relay_->Script({Fate::kDeny});
  EXPECT_EQ(relayed_->PutIfAbsent("0.json", "x").error().code(), ErrorCode::kStoreDenied);
  EXPECT_FALSE(*store_->Exists("0.json"));
}

TEST_F(S3Service, WrongKeysAndBucketsAreNamed) {
  auto wrong = settings_;
  wrong.keys = FixedS3Keys({.access_key = settings_.keys->Get()->access_key, .secret_key = Secret("not-the-key")});
  const auto denied = OpenS3Store(wrong, kBucket, "")->List("");
  EXPECT_EQ(denied.error().code(), ErrorCode::kStoreDenied);
  EXPECT_NE(denied.error().hint().find("secret key"), std::string::npos);
  EXPECT_EQ(denied.error().ToString().find("not-the-key"), std::string::npos);
  const auto nowhere = OpenS3Store(settings_, "no-such-bucket", "");
  EXPECT_EQ(nowhere->List("").error().code(), ErrorCode::kStoreNotFound);
  EXPECT_EQ(nowhere->Put("a", "x").error().code(), ErrorCode::kStoreNotFound);
  EXPECT_EQ(nowhere->PutIfAbsent("a", "x").error().code(), ErrorCode::kStoreNotFound);
}

TEST_F(S3Service, OpensByAddress) {
  auto store = OpenStore(std::string("s3://") + kBucket + "/" + prefix_ + "/deeper/");
  ASSERT_TRUE(store) << store.error().ToString();
  ASSERT_TRUE((*store)->Put("a", "x"));
  EXPECT_EQ(*store_->Read("deeper/a"), "x");
  EXPECT_EQ(OpenStore("s3://").error().code(), ErrorCode::kConfigValueInvalid);
  EXPECT_EQ(OpenStore("s3://b/../c").error().code(), ErrorCode::kConfigValueInvalid);
}

}  // namespace
}  // namespace smelt::storage
