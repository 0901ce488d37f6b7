#include "generate/data_set.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>

#include "base/file.h"
#include "base/file_writer.h"
#include "base/parallel.h"
#include "engine/session.h"
#include "generate/internal/built_in_data_sets.h"
#include "generate/internal/csv_file.h"
#include "generate/internal/delivery.h"
#include "generate/internal/file_keys.h"
#include "generate/internal/table_plan.h"

namespace smelt::generate {
namespace {

namespace fs = std::filesystem;

constexpr double kDataSetScaleMin = 0.001, kDataSetScaleMax = 1000, kDirtMax = 100, kRateMax = 1e8;
constexpr int kDataSetDaysMax = 3650;
constexpr const char* kEngineMemory = "512MiB";

/// One file to write: what makes its rows, and the parts that are ready but for one before them.
struct DataFile {
  std::string name, header;
  std::shared_ptr<const TablePlan> plan;
  std::vector<std::string> keys;  ///< a query for the keys of each part
  std::size_t number;             ///< among the files, for the names of its parts
  std::int64_t rows_expected;     ///< about, of all parts
  Fate fate;

  std::mutex lock = {};
  std::optional<FileWriter> writer = {};
  std::size_t next = 0;
  std::map<std::size_t, std::string> ready = {};
  std::int64_t rows = 0, bytes = 0;
  std::vector<GeneratedFile> others = {};  ///< that come of this one on its way
};

Status CheckDataSetOptions(const DataSetOptions& options) {
  if (!(options.scale >= kDataSetScaleMin && options.scale <= kDataSetScaleMax)) {
    return Fail(Error(ErrorCode::kUsage, fmt::format("the scale {} is out of range", options.scale))
                    .Hint(fmt::format("give a scale from {} to {}", kDataSetScaleMin, kDataSetScaleMax)));
  }
  if (!(options.dirt >= 0 && options.dirt <= kDirtMax)) {
    return Fail(Error(ErrorCode::kUsage, fmt::format("the dirt {} is out of range", options.dirt))
                    .Hint(fmt::format("give 0 for clean data, 1 for the described shares, at most {}", kDirtMax)));
  }
  if (options.rate < 0 || options.rate > kRateMax) {
    return Fail(Error(ErrorCode::kUsage, fmt::format("the rate {} is out of range", options.rate))
                    .Hint(fmt::format("give rows a day, up to {}", kRateMax)));
  }
  if (options.bad_share != -1 && !(options.bad_share >= 0 && options.bad_share <= 1)) {
    return Fail(Error(ErrorCode::kUsage, fmt::format("{} is no share of rows", options.bad_share))
                    .Hint("give a number from 0 to 1; 0.02 spoils two rows in a hundred"));
  }
  if (options.out_dir.empty()) {
    return Fail(Error(ErrorCode::kUsage, "no folder for the generated files").Hint("name one with --out"));
  }
  if (options.extra_days < 0 || options.first_extra_day < 1 ||
      options.first_extra_day + std::int64_t{options.extra_days} - 1 > kDataSetDaysMax) {
    return Fail(Error(ErrorCode::kUsage, fmt::format("{} extra days from day {} are out of range", options.extra_days,
                                                     options.first_extra_day))
                    .Hint(fmt::format("days count from 1 to {}", kDataSetDaysMax)));
  }
  return {};
}

Result<ConfigNode> BuiltInNode(const std::string& name) {
  std::vector<std::string_view> known;
  for (const BuiltInText& text : BuiltInTexts()) {
    if (text.name == name) return ConfigNode::ParseYaml(text.text, name);
    known.push_back(text.name);
  }
  return Fail(Error(ErrorCode::kUsage, fmt::format("there is no built-in data set '{}'", name))
                  .Hint(fmt::format("there are {}", fmt::join(known, ", "))));
}

Result<DataSet> LoadDataSet(const DataSetOptions& options) {
  TextLists lists;
  SMELT_ASSIGN(const ConfigNode texts, BuiltInNode("texts.yml"));
  SMELT_TRY(ReadTextLists(texts, lists));
  if (!options.built_in.empty()) {
    SMELT_ASSIGN(const ConfigNode node, BuiltInNode(options.built_in + ".yml"));
    return ReadDataSet(node, std::move(lists));
  }
  SMELT_ASSIGN(const ConfigNode node, ConfigNode::ReadFile(options.description));
  return ReadDataSet(node, std::move(lists));
}

/// Makes the files of one run; thread-safe once it is prepared.
class DataSetRun {
 public:
  DataSetRun(const DataSetOptions& options, DataSet data, std::stop_token stop, GenerateProgress progress)
      : options_(options), data_(std::move(data)), stop_(std::move(stop)), progress_(std::move(progress)) {}

  Result<GenerateReport> Run();

 private:
  Status AddFiles(const PlanSettings& settings, const std::string& folder);
  double ScaleOf() const;
  PlanSettings For(const DataTable& table, PlanSettings settings) const;
  Status CheckFile(const DataFile& file);
  Status MakePart(DataFile& file, std::size_t part);
  Status AddPart(DataFile& file, std::size_t part, const std::string& path);
  Error ExplainRefusal(engine::Session& session, const DataFile& file, const Error& error);

  const DataSetOptions& options_;
  const DataSet data_;
  std::stop_token stop_;
  GenerateProgress progress_;
  std::unique_ptr<engine::Engine> engine_;
  std::vector<std::unique_ptr<DataFile>> files_;
  std::optional<RowCounter> counter_;
};

double DataSetRun::ScaleOf() const {
  if (options_.rate <= 0) return options_.scale;
  const auto daily = std::ranges::find(data_.tables, RowSource::kDaily, &DataTable::source);
  if (daily == data_.tables.end()) return options_.scale;
  return options_.rate * static_cast<double>(data_.last_day - data_.first_day + 1) / daily->rows;
}

/// The settings with the dirt that a table is to have.
PlanSettings DataSetRun::For(const DataTable& table, PlanSettings settings) const {
  if (options_.bad_share < 0) return settings;
  const double described = DirtOf(table);
  settings.dirt = described > 0 ? options_.bad_share / described : 0;
  return settings;
}

Status DataSetRun::AddFiles(const PlanSettings& all, const std::string& folder) {
  for (const DataTable& table : data_.tables) {
    if (!table.file) continue;
    const PlanSettings settings = For(table, all);
    SMELT_ASSIGN(auto made, TablePlan::Make(data_, table, settings));
    if (!made) continue;
    const auto plan = std::make_shared<const TablePlan>(std::move(*made));
    const std::int64_t rows = RowsExpected(data_, table, settings);
    const std::size_t files = plan->root().source == RowSource::kDaily ? FilesFor(data_, rows) : 1;
    for (std::size_t i = 0; i < files; ++i) {
      std::string name = data_.drops ? DropName(table, settings.day, i + 1) : folder + table.name + ".csv";
      const Fate fate = data_.drops ? FateOf(*data_.drops, settings, name) : Fate::kWhole;
      if (fate == Fate::kBroken) name = WithEnding(name, kCorrected);
      files_.push_back(std::make_unique<DataFile>(std::move(name), HeaderOf(table), plan,
                                                  KeyQueries(data_, table, plan->root(), settings, {i, files}),
                                                  files_.size(), rows / static_cast<std::int64_t>(files), fate));
    }
  }
  return {};
}

/// The column whose SQL the engine refuses, found by asking for one column more each time.
Error DataSetRun::ExplainRefusal(engine::Session& session, const DataFile& file, const Error& error) {
  for (const TablePlan::Probe& probe : file.plan->Probes(file.keys.at(0))) {
    const auto answer = session.Execute("describe " + probe.sql);
    if (answer) continue;
    // What follows the first line shows the whole query, of which the description is silent.
    const std::string message = answer.error().message();
    return probe.at
        .ErrorHere(ErrorCode::kConfigValueInvalid,
                   fmt::format("column '{}': {}", probe.column, message.substr(0, message.find('\n'))))
        .Hint("correct the expression; names are columns of this table, COLUMN.NAME of one that a column refers to");
  }
  return Error(error).Context(file.name);
}

Status DataSetRun::CheckFile(const DataFile& file) {
  if (file.keys.empty()) return {};
  SMELT_ASSIGN(const auto session, engine_->Connect());
  const auto answer = session->Execute("describe " + file.plan->Sql(file.keys[0]));
  if (answer) return {};
  return Fail(ExplainRefusal(*session, file, answer.error()));
}

Status DataSetRun::MakePart(DataFile& file, std::size_t part) {
  SMELT_ASSIGN(const auto session, engine_->Connect());
  session->ObserveStop(stop_);
  const std::string path =
      fmt::format("{}/{}{}-{}-{}.csv", options_.out_dir, kTemporaryPrefix, ::getpid(), file.number, part);
  const auto copied = session->Query(fmt::format("copy ({}) to {} (format csv, header false)",
                                                 file.plan->Sql(file.keys[part]), engine::QuoteLiteral(path)));
  const Status added = copied ? AddPart(file, part, path) : Fail(Error(copied.error()).Context(file.name));
  std::error_code ignored;
  if (!added) fs::remove(path, ignored);
  SMELT_TRY(added);
  const std::int64_t rows = copied->Int().value_or(0);
  {
    const std::lock_guard guard(file.lock);
    file.rows += rows;
  }
  counter_->Add(rows);
  return {};
}

/// Appends the parts that are next in order; others wait for those before them.
Status DataSetRun::AddPart(DataFile& file, std::size_t part, const std::string& path) {
  const std::lock_guard guard(file.lock);
  file.ready[part] = path;
  if (!file.writer) {
    SMELT_ASSIGN(auto writer, FileWriter::Create(options_.out_dir + "/" + file.name));
    file.writer.emplace(std::move(writer));
    SMELT_TRY(file.writer->Append(file.header));
  }
  for (auto next = file.ready.find(file.next); next != file.ready.end(); next = file.ready.find(file.next)) {
    std::error_code error;
    const auto size = static_cast<std::int64_t>(fs::file_size(next->second, error));
    SMELT_TRY(file.writer->AppendFrom(next->second, 0, error ? 0 : size));
    fs::remove(next->second, error);
    file.ready.erase(next);
    ++file.next;
  }
  if (file.next < file.keys.size()) return {};
  file.bytes = file.writer->size();
  SMELT_TRY(file.writer->Finish());
  SMELT_ASSIGN(file.others, Deliver(options_.out_dir, file.name, file.header, file.bytes, file.fate));
  return {};
}

Result<GenerateReport> DataSetRun::Run() {
  SMELT_TRY(CreateFolders(options_.out_dir));
  // One thread for the engine: the parts run side by side instead.
  SMELT_ASSIGN(engine_, engine::Engine::OpenWithoutLake(1, kEngineMemory));
  PlanSettings settings{options_.seed, ScaleOf(), options_.dirt, data_.last_day, false};
  if (options_.base) SMELT_TRY(AddFiles(settings, ""));
  std::size_t to_check = files_.size();
  settings.drop = true;
  for (int i = 0; i < options_.extra_days; ++i) {
    settings.day = data_.last_day + options_.first_extra_day + i;
    const std::string folder = data_.drops ? "" : DateText(static_cast<int>(settings.day)) + "/";
    SMELT_TRY(CreateFolders(options_.out_dir + "/" + folder));
    SMELT_TRY(AddFiles(settings, folder));
    // The SQL of later days differs in the day only.
    if (i == 0) to_check = files_.size();
  }
  // Children before the parents that add them up, so that a mistake is told of the column that has it.
  for (std::size_t i = to_check; i-- > 0;) SMELT_TRY(CheckFile(*files_[i]));
  std::vector<std::pair<DataFile*, std::size_t>> parts;
  std::int64_t rows_expected = 0;
  for (const auto& file : files_) {
    for (std::size_t i = 0; i < file->keys.size(); ++i) parts.emplace_back(file.get(), i);
    rows_expected += file->rows_expected;
  }
  counter_.emplace(std::move(progress_), rows_expected);
  const std::size_t threads = options_.threads > 0 ? static_cast<std::size_t>(options_.threads) : ProcessorCount();
  const Status made =
      ForEachParallel(parts.size(), threads, [&](std::size_t i) { return MakePart(*parts[i].first, parts[i].second); });
  GenerateReport report;
  for (const auto& file : files_) {
    std::error_code ignored;
    for (const auto& [part, path] : file->ready) fs::remove(path, ignored);
    report.files.push_back({file->name, file->rows, file->bytes});
    for (GeneratedFile other : file->others) {
      other.rows = file->rows;
      report.files.push_back(std::move(other));
    }
  }
  SMELT_TRY(made);
  return report;
}

}  // namespace

Result<GenerateReport> GenerateDataSet(const DataSetOptions& options, std::stop_token stop, GenerateProgress progress) {
  SMELT_TRY(CheckDataSetOptions(options));
  SMELT_ASSIGN(DataSet data, LoadDataSet(options));
  return DataSetRun(options, std::move(data), std::move(stop), std::move(progress)).Run();
}

}  // namespace smelt::generate
