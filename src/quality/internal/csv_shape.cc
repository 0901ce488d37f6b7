#include "quality/internal/csv_shape.h"

#include <cstdint>
#include <fstream>
#include <string_view>

#include <fmt/format.h>

namespace smelt::quality {
namespace {

/// How many separators stand outside of quotes. A record that goes on in the next line leaves `quoted` set.
std::size_t CountSeparators(std::string_view line, char separator, bool& quoted) {
  std::size_t count = 0;
  for (const char c : line) {
    if (c == '"') quoted = !quoted;
    if (c == separator && !quoted) ++count;
  }
  return count;
}

struct Record {
  std::size_t fields = 0;
  std::int64_t line = 0;  ///< from 1
};

class RecordReader {
 public:
  RecordReader(std::ifstream& file, char separator) : file_(file), separator_(separator) {}

  /// The next record that is not empty.
  bool Next(Record& record) {
    std::string text;
    bool quoted = false;
    record = {1, line_ + 1};
    while (std::getline(file_, text)) {
      ++line_;
      const bool blank = text.empty() || text == "\r";
      if (blank && !quoted) {
        record.line = line_ + 1;
        continue;
      }
      record.fields += CountSeparators(text, separator_, quoted);
      if (!quoted) return true;
    }
    return false;
  }

 private:
  std::ifstream& file_;
  char separator_;
  std::int64_t line_ = 0;
};

/// The separator that the first line has most of; none has any: 0.
char SeparatorOf(std::string_view line) {
  char best = 0;
  std::size_t most = 0;
  for (const char candidate : {',', ';', '\t', '|'}) {
    bool quoted = false;
    const std::size_t count = CountSeparators(line, candidate, quoted);
    if (count <= most) continue;
    most = count;
    best = candidate;
  }
  return best;
}

std::string Fields(std::size_t count) {
  return fmt::format("{} {}", count, count == 1 ? "field" : "fields");
}

}  // namespace

Status CheckCsvShape(const std::string& path, std::size_t columns) {
  std::ifstream file(path, std::ios::binary);
  std::string line;
  if (!std::getline(file, line)) return {};
  const char separator = SeparatorOf(line);
  if (separator == 0) return {};
  file.seekg(0);
  RecordReader reader(file, separator);
  Record first;
  if (!reader.Next(first) || first.fields == columns) return {};
  Record record;
  while (reader.Next(record)) {
    if (record.fields == first.fields) continue;
    return Fail(Error(ErrorCode::kSqlRuntime,
                      fmt::format("the line has {} where the first line has {}", Fields(record.fields), first.fields))
                    .Hint("give every line as many fields, and put quotes around texts that contain the separator")
                    .At(path, record.line));
  }
  return {};
}

}  // namespace smelt::quality
