#include "generate/internal/delivery.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "base/file_writer.h"
#include "generate/internal/csv_file.h"
#include "generate/internal/random.h"

namespace smelt::generate {
namespace {

constexpr std::string_view kCsv = ".csv";

}  // namespace

double DirtOf(const DataTable& table) {
  double share = 0;
  for (const DataColumn& column : table.columns) {
    for (const auto& [kind, of_kind] : column.dirt) share += of_kind;
  }
  return share;
}

std::size_t FilesFor(const DataSet& data, std::int64_t rows) {
  if (!data.drops) return 1;
  const double files = static_cast<double>(rows) / static_cast<double>(data.drops->rows_per_file);
  return static_cast<std::size_t>(std::max(1.0, std::round(files)));
}

std::string HeaderOf(const DataTable& table) {
  std::vector<std::string_view> columns;
  for (const DataColumn& column : table.columns) {
    if (!column.hidden) columns.emplace_back(column.name);
  }
  return fmt::format("{}\n", fmt::join(columns, ","));
}

std::string DropName(const DataTable& table, std::int64_t day, std::size_t number) {
  return fmt::format("{}_{}_{:03}{}", table.name, DateText(static_cast<int>(day)), number, kCsv);
}

std::string WithEnding(std::string_view name, std::string_view ending) {
  return fmt::format("{}{}{}", name.substr(0, name.size() - kCsv.size()), ending, kCsv);
}

Fate FateOf(const Drops& drops, const PlanSettings& settings, std::string_view name) {
  constexpr int kBits = 53;  // that a double holds exactly
  const double draw = std::ldexp(static_cast<double>(NamedDraw(settings.seed, name) >> (64 - kBits)), -kBits);
  const double broken = std::min(drops.broken * settings.dirt, 1.0);
  if (draw < broken) return Fate::kBroken;
  return draw < broken + drops.repeated * settings.dirt ? Fate::kRepeated : Fate::kWhole;
}

Result<std::vector<GeneratedFile>> Deliver(const std::string& folder, const std::string& name, std::string_view header,
                                           std::int64_t bytes, Fate fate) {
  std::vector<GeneratedFile> others;
  if (fate == Fate::kWhole) return others;
  std::string other(name);
  std::string first_line(header);
  if (fate == Fate::kRepeated) {
    other = WithEnding(name, kAgain);
  } else {
    other.erase(other.size() - kCsv.size() - kCorrected.size(), kCorrected.size());
    first_line = std::string(header.substr(0, header.rfind(','))) + "\n";
  }
  SMELT_ASSIGN(FileWriter writer, FileWriter::Create(folder + "/" + other));
  SMELT_TRY(writer.Append(first_line));
  const auto header_bytes = static_cast<std::int64_t>(header.size());
  SMELT_TRY(writer.AppendFrom(folder + "/" + name, header_bytes, bytes - header_bytes));
  const std::int64_t size = writer.size();
  SMELT_TRY(writer.Finish());
  others.push_back({other, 0, size});
  return others;
}

}  // namespace smelt::generate
