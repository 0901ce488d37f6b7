#include "generate/internal/csv_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <utility>

#include "base/file.h"

namespace smelt::generate {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{1} << 20;

void AppendDigits(std::string& out, std::uint64_t value, int digits) {
  std::array<char, 20> text;
  for (int i = digits - 1; i >= 0; --i) {
    text[static_cast<std::size_t>(i)] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
  out.append(text.data(), static_cast<std::size_t>(digits));
}

void AppendHex(std::string& out, std::uint64_t value) {
  std::array<char, 16> text;
  for (std::size_t i = 0; i < text.size(); ++i) text[i] = "0123456789abcdef"[(value >> (60 - 4 * i)) & 0xF];
  out.append(text.data(), text.size());
}

void AppendDate(std::string& out, int day) {
  const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{day}}};
  AppendDigits(out, static_cast<std::uint64_t>(static_cast<int>(date.year())), 4);
  out += '-';
  AppendDigits(out, static_cast<unsigned>(date.month()), 2);
  out += '-';
  AppendDigits(out, static_cast<unsigned>(date.day()), 2);
}

}  // namespace

std::string DateText(int day) {
  std::string text;
  AppendDate(text, day);
  return text;
}

CsvFile::CsvFile(const std::string& out_dir, std::string name, RowCounter& counter, std::stop_token stop)
    : path_(out_dir + "/" + name), name_(std::move(name)), counter_(counter), stop_(std::move(stop)) {
  const std::size_t slash = path_.rfind('/');
  temporary_path_ = fmt::format("{}/.{}.tmp-{}", path_.substr(0, slash), path_.substr(slash + 1), ::getpid());
  buffer_.reserve(kBufferBytes + 65536);
  file_ = FileDescriptor(::open(temporary_path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
  if (!file_.valid()) status_ = Fail(FileError(errno, "create", temporary_path_));
}

void RowCounter::Add(std::int64_t rows) {
  if (!progress_) return;
  const std::lock_guard guard(lock_);
  done_ += rows;
  progress_(done_, total_);
}

CsvFile::~CsvFile() {
  if (file_.valid()) ::unlink(temporary_path_.c_str());
}

void CsvFile::Header(std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) Quoted(name);
  EndRow();
  rows_ = 0;
}

void CsvFile::Separate() {
  if (row_started_) buffer_ += ',';
  row_started_ = true;
}

CsvFile& CsvFile::Field(const Id& id) {
  Separate();
  buffer_ += '"';
  AppendHex(buffer_, id.high);
  AppendHex(buffer_, id.low);
  buffer_ += '"';
  return *this;
}

CsvFile& CsvFile::Quoted(std::string_view text) {
  Separate();
  buffer_ += '"';
  buffer_ += text;
  buffer_ += '"';
  return *this;
}

CsvFile& CsvFile::Text(std::string_view text) {
  Separate();
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) {
    buffer_ += text;
    return *this;
  }
  buffer_ += '"';
  for (const char c : text) {
    if (c == '"') buffer_ += '"';
    buffer_ += c;
  }
  buffer_ += '"';
  return *this;
}

CsvFile& CsvFile::Number(std::int64_t value) {
  Separate();
  std::array<char, 24> text;
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  buffer_.append(text.data(), end);
  return *this;
}

CsvFile& CsvFile::Money(std::int64_t cents) {
  Number(cents / 100);
  buffer_ += '.';
  AppendDigits(buffer_, static_cast<std::uint64_t>(cents % 100), 2);
  return *this;
}

CsvFile& CsvFile::Degrees(std::int64_t value) {
  constexpr std::int64_t kOne = 100'000'000'000'000;
  Separate();
  if (value < 0) buffer_ += '-';
  const std::uint64_t magnitude = static_cast<std::uint64_t>(value < 0 ? -value : value);
  const std::uint64_t whole = magnitude / kOne;
  AppendDigits(buffer_, whole, whole >= 10 ? 2 : 1);
  buffer_ += '.';
  AppendDigits(buffer_, magnitude % kOne, 14);
  return *this;
}

CsvFile& CsvFile::ZipPrefix(int prefix) {
  Separate();
  buffer_ += '"';
  AppendDigits(buffer_, static_cast<std::uint64_t>(prefix), 5);
  buffer_ += '"';
  return *this;
}

CsvFile& CsvFile::Time(std::int64_t seconds) {
  Separate();
  if (seconds == 0) return *this;
  AppendDate(buffer_, static_cast<int>(seconds / 86400));
  const auto time = static_cast<std::uint64_t>(seconds % 86400);
  buffer_ += ' ';
  AppendDigits(buffer_, time / 3600, 2);
  buffer_ += ':';
  AppendDigits(buffer_, time / 60 % 60, 2);
  buffer_ += ':';
  AppendDigits(buffer_, time % 60, 2);
  return *this;
}

CsvFile& CsvFile::Empty() {
  Separate();
  return *this;
}

void CsvFile::EndRow() {
  buffer_ += '\n';
  row_started_ = false;
  ++rows_;
  if (buffer_.size() >= kBufferBytes) Flush();
}

void CsvFile::Flush() {
  if (status_ && stop_.stop_requested()) status_ = Fail(ErrorCode::kCancelled, "generating " + path_ + " was stopped");
  if (status_) {
    if (const int failure = WriteAll(file_.get(), buffer_))
      status_ = Fail(FileError(failure, "write", temporary_path_));
  }
  counter_.Add(rows_ - std::exchange(rows_counted_, rows_));
  bytes_ += static_cast<std::int64_t>(buffer_.size());
  buffer_.clear();
}

Result<GeneratedFile> CsvFile::Finish() {
  Flush();
  SMELT_TRY(status_);
  int failure = file_.Close();
  if (failure == 0 && std::rename(temporary_path_.c_str(), path_.c_str()) != 0) failure = errno;
  if (failure != 0) {
    ::unlink(temporary_path_.c_str());
    return Fail(FileError(failure, "write", path_));
  }
  return GeneratedFile{name_, rows_, bytes_};
}

}  // namespace smelt::generate
