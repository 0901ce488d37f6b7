#include "app/internal/dbt/log_file.h"

#include <fmt/format.h>

#include <filesystem>
#include <iostream>

#include "base/clock.h"
#include "base/file.h"

namespace smelt::app {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kBytesMax = 10 << 20;  // as with dbt

/// "json" or "text": --log-format-file, else --log-format.
bool WritesJson(const DbtFlags& flags) {
  const std::string own = flags.Text("log_format_file");
  return (own.empty() ? flags.Text("log_format") : own) == "json";
}

std::string LevelOf(const DbtFlags& flags) {
  for (const char* key : {"log_level_file", "log_level"}) {
    if (const std::string level = flags.Text(key); !level.empty()) return level;
  }
  return "debug";
}

/// Puts a file that has grown too large aside; the one that was put aside before is lost.
void Rotate(const fs::path& path, std::int64_t bytes_max) {
  std::error_code ignored;
  if (bytes_max <= 0 || !fs::exists(path, ignored)) return;
  if (static_cast<std::int64_t>(fs::file_size(path, ignored)) < bytes_max) return;
  fs::rename(path, path.string() + ".1", ignored);
}

}  // namespace

std::unique_ptr<DbtLogFile> DbtLogFile::Open(const DbtInvocation& invocation) {
  const DbtFlags& flags = invocation.flags;
  EventLogStyle style{.as_json = WritesJson(flags), .lowest = LevelOf(flags)};
  const bool asks = flags.Has("log_path");
  if (style.lowest == "none" || (invocation.smelt_project && !asks)) return nullptr;
  const fs::path folder =
      fs::path(invocation.options.project_dir) / (asks ? flags.Text("log_path") : invocation.project.log_path);
  const fs::path path = folder / "dbt.log";
  Rotate(path, flags.Number("log_file_max_bytes").value_or(kBytesMax));
  const Status made = CreateFolders(folder.string());
  std::unique_ptr<DbtLogFile> file(made ? new DbtLogFile(path.string(), style, invocation.options.invocation_id)
                                        : nullptr);
  if (file != nullptr && file->file_) return file;
  if (!invocation.is_quiet) std::cerr << fmt::format("note: '{}' cannot be written; the run goes on\n", path.string());
  return nullptr;
}

DbtLogFile::DbtLogFile(const std::string& path, const EventLogStyle& style, const std::string& invocation_id)
    : file_(path, std::ios::app), events_(file_, style, invocation_id) {
  if (style.as_json || !file_) return;
  constexpr std::string_view kRule = "==============================";
  file_ << fmt::format("{0} {1} | {2} {0}\n", kRule, FormatUtcMicros(NowMicros()), invocation_id);
}

void ObserverPair::StepStarted(std::string_view name, std::string_view kind) {
  first_.StepStarted(name, kind);
  if (second_ != nullptr) second_->StepStarted(name, kind);
}

void ObserverPair::StepProgress(std::string_view name, std::int64_t done, std::int64_t total, std::string_view unit) {
  first_.StepProgress(name, done, total, unit);
  if (second_ != nullptr) second_->StepProgress(name, done, total, unit);
}

void ObserverPair::StepFinished(const StepResult& result) {
  first_.StepFinished(result);
  if (second_ != nullptr) second_->StepFinished(result);
}

}  // namespace smelt::app
