#include "observe/lineage_sender.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <condition_variable>
#include <deque>
#include <filesystem>
#include <mutex>
#include <thread>
#include <utility>

#include "base/clock.h"
#include "base/file.h"
#include "base/file_descriptor.h"
#include "base/http.h"
#include "base/log.h"
#include "base/retry.h"
#include "observe/internal/kafka_producer.h"

namespace smelt::observe {
namespace {

constexpr std::size_t kQueueMax = 10'000;
constexpr int kFailuresMax = 3;

struct QueuedEvent {
  std::string key;   ///< see JobKey
  std::string body;  ///< JSON
};

/// "run:<namespace>/<name>" of the job at the root, as OpenLineage's clients have it: Kafka keeps messages of one key
/// in order.
std::string JobKey(const Json& event) {
  for (const char* place : {"/run/facets/parent/root/job", "/run/facets/parent/job", "/job"}) {
    const Json::json_pointer pointer(place);
    if (!event.contains(pointer)) continue;
    const Json& job = event.at(pointer);
    return fmt::format("run:{}/{}", job.value("namespace", ""), job.value("name", ""));
  }
  return {};
}

/// One target at work.
class Outlet {
 public:
  explicit Outlet(LineageTarget target) : target_(std::move(target)) {}

  void Send(const QueuedEvent& event, HttpClient& client, const std::stop_token& stop) {
    if (failures_ >= kFailuresMax) {
      ++undelivered_;
      return;
    }
    const Status sent = Try(event, client, stop);
    if (sent) {
      failures_ = 0;
      return;
    }
    ++failures_;
    ++undelivered_;
    reason_ = sent.error().message();
    Log(LogLevel::kWarn, "lineage.undelivered", {{"reason", reason_}});
  }

  std::string Complaint() const {
    if (undelivered_ == 0) return {};
    return fmt::format("{} lineage event{} not delivered: {}", undelivered_, undelivered_ == 1 ? " was" : "s were",
                       reason_);
  }

 private:
  Status Try(const QueuedEvent& event, HttpClient& client, const std::stop_token& stop) {
    switch (target_.transport) {
      case LineageTransport::kFile: return WriteToFile(event.body);
      case LineageTransport::kHttp: return Post(event.body, client, stop);
      case LineageTransport::kKafka: return Produce(event, stop);
      case LineageTransport::kConsole: return WriteLine(STDERR_FILENO, event.body, "standard error");
    }
    return {};
  }

  Status WriteToFile(const std::string& event) {
    if (!target_.append) {
      std::string time = FormatUtcMicros(NowMicros());
      std::erase_if(time, [](char c) { return c == ':' || c == '-'; });
      return WriteWholeFile(fmt::format("{}-{}-{:06}.json", target_.path, time, ++files_), event + "\n");
    }
    const std::string folder = std::filesystem::path(target_.path).parent_path().string();
    if (!folder.empty()) SMELT_TRY(CreateFolders(folder));
    // One write to a file opened for appending keeps the lines of several processes whole.
    const FileDescriptor file(open(target_.path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666));
    if (!file.valid()) return Fail(FileError(errno, "write lineage events to", target_.path));
    return WriteLine(file.get(), event, target_.path);
  }

  static Status WriteLine(int descriptor, const std::string& event, const std::string& path) {
    const int failure = WriteAll(descriptor, event + "\n");
    if (failure != 0) return Fail(FileError(failure, "write lineage events to", path));
    return {};
  }

  Status Produce(const QueuedEvent& event, const std::stop_token& stop) {
    if (kafka_ == nullptr) {
      SMELT_ASSIGN(kafka_, internal::KafkaProducer::Make(target_.properties));
    }
    const std::string& key = target_.message_key.empty() ? event.key : target_.message_key;
    return kafka_->Send(target_.topic, key, event.body, stop);
  }

  Status Post(const std::string& event, HttpClient& client, const std::stop_token& stop) const {
    HttpRequest request;
    request.method = "POST";
    request.url = target_.url;
    request.headers = target_.headers;
    request.headers.emplace_back("Content-Type", "application/json");
    if (!target_.api_key.empty()) request.headers.emplace_back("Authorization", "Bearer " + target_.api_key.Reveal());
    request.body = event;
    request.timeout_ms = target_.timeout_ms;
    request.connect_timeout_ms = target_.timeout_ms;
    request.stop = stop;
    constexpr RetryPolicy kRetries{.attempts_max = 3, .delay_ms = 200, .delay_max_ms = 2'000};
    constexpr int kServerError = 500, kOk = 200, kRedirect = 300;
    for (int attempt = 1;; ++attempt) {
      const auto response = client.Send(request);
      if (response && response->status >= kOk && response->status < kRedirect) return {};
      const bool may_pass = !response || response->status >= kServerError;
      if (may_pass && attempt < kRetries.attempts_max && SleepFor(RetryDelayMs(kRetries, attempt + 1), stop)) continue;
      if (!response) return std::unexpected(response.error());
      return Fail(ErrorCode::kHttpInterrupted, fmt::format("{} answered {}", target_.url, response->status));
    }
  }

  const LineageTarget target_;
  int failures_ = 0;  ///< one after the other
  std::int64_t undelivered_ = 0;
  std::int64_t files_ = 0;
  std::unique_ptr<internal::KafkaProducer> kafka_;  ///< made by the first event
  std::string reason_;
};

}  // namespace

class LineageSender::Impl {
 public:
  explicit Impl(std::vector<LineageTarget> targets) {
    for (LineageTarget& target : targets) outlets_.emplace_back(std::move(target));
    thread_ = std::jthread([this](const std::stop_token& stop) { Work(stop); });
  }

  void Send(QueuedEvent event) {
    const std::lock_guard guard(mutex_);
    if (ended_ || queue_.size() >= kQueueMax) {
      ++dropped_;
      return;
    }
    queue_.push_back(std::move(event));
    changed_.notify_all();
  }

  void Stop(std::int64_t drain_ms) {
    {
      std::unique_lock lock(mutex_);
      ended_ = true;
      changed_.notify_all();
      changed_.wait_for(lock, std::chrono::milliseconds(drain_ms), [this] { return idle_; });
    }
    thread_.request_stop();
    if (thread_.joinable()) thread_.join();
  }

  std::string Complaint() const {
    std::string text;
    for (const Outlet& outlet : outlets_) {
      const std::string one = outlet.Complaint();
      if (!one.empty()) text += (text.empty() ? "" : "; ") + one;
    }
    const std::size_t lost = static_cast<std::size_t>(dropped_) + queue_.size();
    if (lost > 0) text += fmt::format("{}{} lineage events were dropped", text.empty() ? "" : "; ", lost);
    return text;
  }

 private:
  void Work(const std::stop_token& stop) {
    HttpClient client;
    std::unique_lock lock(mutex_);
    while (!stop.stop_requested()) {
      changed_.wait(lock, [this] { return !queue_.empty() || ended_; });
      if (queue_.empty()) break;
      const QueuedEvent event = std::move(queue_.front());
      queue_.pop_front();
      lock.unlock();
      for (Outlet& outlet : outlets_) outlet.Send(event, client, stop);
      lock.lock();
    }
    idle_ = true;
    changed_.notify_all();
  }

  std::vector<Outlet> outlets_;  ///< used by the thread alone, and after its end
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<QueuedEvent> queue_;
  std::int64_t dropped_ = 0;
  bool ended_ = false;
  bool idle_ = false;  ///< the thread has nothing more to do
  std::jthread thread_;
};

LineageSender::LineageSender(std::vector<LineageTarget> targets) : impl_(std::make_unique<Impl>(std::move(targets))) {}

LineageSender::~LineageSender() {
  Stop();
}

void LineageSender::Send(const Json& event) {
  impl_->Send({JobKey(event), JsonText(event)});
}

void LineageSender::Stop(std::int64_t drain_ms) {
  impl_->Stop(drain_ms);
}

std::string LineageSender::Complaint() const {
  return impl_->Complaint();
}

}  // namespace smelt::observe
