#include "base/log.h"

#include <fcntl.h>

#include <atomic>
#include <filesystem>
#include <memory>
#include <mutex>
#include <utility>

#include "base/clock.h"
#include "base/file.h"
#include "base/file_descriptor.h"

namespace smelt {
namespace {

struct LogTarget {
  FileDescriptor file;
  LogLevel lowest = LogLevel::kInfo;
};

/// Where the log of the process goes. A writer holds its reference until its line is out, so that LogTo may redirect at
/// any time.
class CurrentTarget {
 public:
  std::shared_ptr<const LogTarget> Load() {
    std::lock_guard guard(lock_);
    return target_;
  }
  void Store(std::shared_ptr<const LogTarget> target) {
    std::lock_guard guard(lock_);
    target_.swap(target);
  }

 private:
  std::mutex lock_;
  std::shared_ptr<const LogTarget> target_;
};

CurrentTarget& Target() {
  static CurrentTarget target;
  return target;
}

std::atomic<int>& Mirror() {
  static std::atomic<int> descriptor = -1;
  return descriptor;
}

/// The fields of the scopes in which this thread is.
Json& ScopeFields() {
  thread_local Json fields = Json::object();
  return fields;
}

std::string_view LevelText(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug: return "debug";
    case LogLevel::kInfo: return "info";
    case LogLevel::kWarn: return "warn";
    case LogLevel::kError: return "error";
  }
  return "unknown";
}

}  // namespace

void Log(LogLevel level, std::string_view event, LogFields fields) {
  const std::shared_ptr<const LogTarget> target = Target().Load();
  const bool wanted = target != nullptr && level >= target->lowest;
  const int mirror = level >= LogLevel::kInfo ? Mirror().load() : -1;
  if (!wanted && mirror < 0) return;
  Json line = {{"ts", FormatUtcMicros(NowMicros())}, {"level", LevelText(level)}, {"event", event}};
  for (const auto& [name, value] : fields) line[std::string(name)] = value;
  for (const auto& [name, value] : ScopeFields().items()) {
    if (!line.contains(name)) line[name] = value;
  }
  // Text from outside may be broken UTF-8: a log line replaces it rather than fails. One write to a file opened for
  // appending keeps the lines of several processes whole.
  const std::string text = JsonText(line) + '\n';
  if (wanted) WriteAll(target->file.get(), text);
  if (mirror >= 0) WriteAll(mirror, text);
}

LogScope::LogScope(LogFields fields) : before_(ScopeFields()) {
  for (const auto& [name, value] : fields) ScopeFields()[std::string(name)] = value;
}

LogScope::LogScope(Json fields) : before_(std::exchange(ScopeFields(), std::move(fields))) {}

LogScope::~LogScope() {
  ScopeFields() = std::move(before_);
}

Json LogScope::Current() {
  return ScopeFields();
}

void MirrorLog(int descriptor) {
  Mirror().store(descriptor);
}

Status LogTo(const std::string& path, LogLevel lowest) {
  if (path.empty()) {
    Target().Store(nullptr);
    return {};
  }
  const std::string folder = std::filesystem::path(path).parent_path().string();
  if (!folder.empty()) SMELT_TRY(CreateFolders(folder));
  auto target = std::make_shared<LogTarget>();
  target->file = FileDescriptor(open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666));
  if (!target->file.valid()) return Fail(FileError(errno, "write the log", path));
  target->lowest = lowest;
  Target().Store(std::move(target));
  return {};
}

}  // namespace smelt
