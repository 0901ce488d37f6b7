#include "engine/internal/maintenance/clustering.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <duckdb/function/create_sort_key.hpp>
#include <optional>
#include <utility>

#include "delta/clustering.h"
#include "delta/space_filling_curve.h"
#include "engine/internal/error_bridge.h"
#include "engine/internal/maintenance/key_ranges.h"

namespace smelt::engine {
namespace {

using duckdb::DataChunk;
using duckdb::idx_t;
using duckdb::LogicalType;
using duckdb::Vector;

/// The functions that give the place of a row on the curve: as text, as a number, and as the number of its part.
constexpr const char* kPlaceFunction = "smelt_curve";
constexpr const char* kNumberFunction = "smelt_curve_number";
constexpr const char* kPartFunction = "smelt_curve_part";
constexpr int kSampleRows = 50'000;
/// So many rows have a sample of about that size, and not of exactly that.
constexpr std::int64_t kSampledRowsMin = 1'000'000;
constexpr int kCoordinateBits = 12;
constexpr std::size_t kRangesMax = std::size_t{1} << kCoordinateBits;

/// What smelt_curve needs to know, kept with the connection that sorts.
class ClusteringState : public duckdb::ClientContextState {
 public:
  static constexpr const char* kName = "smelt-clustering";
  Curve curve = Curve::kZOrder;
  std::vector<KeyRanges> columns;
  std::optional<delta::CurveNumbers> numbers;  ///< where places are numbers
  std::vector<std::uint64_t> part_starts;      ///< ascending; the first part is before them
};

/// Bytes that sort like the values, NULL first.
void MakeSortKeys(Vector& values, idx_t count, Vector& keys) {
  const duckdb::OrderModifiers order(duckdb::OrderType::ASCENDING, duckdb::OrderByNullType::NULLS_FIRST);
  duckdb::CreateSortKeyHelpers::CreateSortKey(values, count, order, keys);
}

/// A column's ranges are stretched over all bits: a column with few values weighs as much as one with many.
std::uint32_t CoordinateOf(const ClusteringState& clustering, std::size_t axis, std::size_t range) {
  return static_cast<std::uint32_t>(range * kRangesMax / clustering.columns[axis].count());
}

/// The coordinates of all rows, point after point.
std::vector<std::uint32_t> PointsOf(const ClusteringState& clustering, DataChunk& columns) {
  const idx_t count = columns.size();
  const std::size_t axes = columns.ColumnCount();
  std::vector<std::uint32_t> points(count * axes);
  std::vector<std::string_view> texts(count);
  std::vector<std::uint32_t> ranges(count);
  for (std::size_t axis = 0; axis < axes; ++axis) {
    Vector keys(LogicalType::BLOB, count);
    MakeSortKeys(columns.data[axis], count, keys);
    duckdb::UnifiedVectorFormat format;
    keys.ToUnifiedFormat(count, format);
    const auto* bytes = duckdb::UnifiedVectorFormat::GetData<duckdb::string_t>(format);
    for (idx_t row = 0; row < count; ++row) {
      const duckdb::string_t& key = bytes[format.sel->get_index(row)];
      texts[row] = {key.GetData(), key.GetSize()};
    }
    clustering.columns[axis].RangesOf(texts, ranges);
    for (idx_t row = 0; row < count; ++row) points[row * axes + axis] = CoordinateOf(clustering, axis, ranges[row]);
  }
  return points;
}

/// The place of a point, which is no longer itself afterwards.
std::uint64_t NumberOf(const ClusteringState& clustering, std::span<std::uint32_t> point) {
  return clustering.curve == Curve::kHilbert ? clustering.numbers->Hilbert(point) : clustering.numbers->ZOrder(point);
}

const ClusteringState& StateOf(duckdb::ExpressionState& state, const DataChunk& arguments) {
  auto clustering = state.GetContext().registered_state->Get<ClusteringState>(ClusteringState::kName);
  if (!clustering || clustering->columns.size() != arguments.ColumnCount()) {
    Throw(Error(ErrorCode::kInternal, "the curves are for smelt's own statements"));
  }
  return *clustering;  // the connection keeps it
}

void CurvePlaces(DataChunk& arguments, duckdb::ExpressionState& state, Vector& result) {
  const ClusteringState& clustering = StateOf(state, arguments);
  const std::vector<std::uint32_t> points = PointsOf(clustering, arguments);
  const std::size_t axes = arguments.ColumnCount();
  const auto place = clustering.curve == Curve::kHilbert ? delta::HilbertPlace : delta::ZOrderPlace;
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  auto* places = duckdb::FlatVector::GetData<duckdb::string_t>(result);
  for (idx_t row = 0; row < arguments.size(); ++row) {
    const std::span<const std::uint32_t> point(points.data() + row * axes, axes);
    places[row] = duckdb::StringVector::AddStringOrBlob(result, place(point, kCoordinateBits));
  }
}

void CurvePlaceNumbers(DataChunk& arguments, duckdb::ExpressionState& state, Vector& result) {
  const ClusteringState& clustering = StateOf(state, arguments);
  std::vector<std::uint32_t> points = PointsOf(clustering, arguments);
  const std::size_t axes = arguments.ColumnCount();
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  auto* places = duckdb::FlatVector::GetData<std::uint64_t>(result);
  for (idx_t row = 0; row < arguments.size(); ++row) {
    places[row] = NumberOf(clustering, {points.data() + row * axes, axes});
  }
}

void CurveParts(DataChunk& arguments, duckdb::ExpressionState& state, Vector& result) {
  const ClusteringState& clustering = StateOf(state, arguments);
  std::vector<std::uint32_t> points = PointsOf(clustering, arguments);
  const std::size_t axes = arguments.ColumnCount();
  std::vector<std::uint64_t> places(arguments.size());
  for (idx_t row = 0; row < arguments.size(); ++row) {
    places[row] = NumberOf(clustering, {points.data() + row * axes, axes});
  }
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  CountUpTo(clustering.part_starts, places,
            {duckdb::FlatVector::GetData<std::uint32_t>(result), static_cast<std::size_t>(arguments.size())});
}

/// Cuts a sample of sort keys into ranges of about equal weight; equal keys never begin two.
KeyRanges CutIntoRanges(std::vector<std::string> sample) {
  std::ranges::sort(sample);
  std::vector<std::string> starts;
  const std::size_t ranges = std::min(sample.size(), kRangesMax - 1);
  for (std::size_t i = 0; i < ranges; ++i) {
    std::string& start = sample[i * sample.size() / ranges];
    if (starts.empty() || starts.back() != start) starts.push_back(start);
  }
  return KeyRanges(std::move(starts));
}

/// Sort keys of the rows of a sample, axis by axis.
using Sample = std::vector<std::vector<std::string>>;

Result<Sample> TakeSample(const CommandCall& call, duckdb::Connection& connection, const std::string& handle,
                          const std::string& column_list, std::size_t axes, std::int64_t rows) {
  // Of many rows each is taken or left by itself, which threads can do side by side: a sample, and rows in the order of
  // the table, they would not collect so.
  const std::string taken =
      rows < kSampledRowsMin
          ? fmt::format("using sample reservoir({} rows) repeatable (1)", kSampleRows)
          : fmt::format("where random() < {:.9f} order by 1", kSampleRows / static_cast<double>(rows));
  SMELT_ASSIGN(auto result, call.Run(connection, fmt::format("select {} from smelt_lent({}) {}", column_list,
                                                             QuoteLiteral(handle), taken)));
  Sample sample(axes);
  for (auto chunk = result->Fetch(); chunk && chunk->size() > 0; chunk = result->Fetch()) {
    for (std::size_t axis = 0; axis < axes; ++axis) {
      Vector keys(LogicalType::BLOB, chunk->size());
      MakeSortKeys(chunk->data[axis], chunk->size(), keys);
      for (idx_t row = 0; row < chunk->size(); ++row) {
        sample[axis].push_back(duckdb::StringValue::Get(keys.GetValue(row)));
      }
    }
  }
  return sample;
}

/// Cuts the places of a sample's rows into parts of about equal weight; equal places are in one.
std::vector<std::uint64_t> CutIntoParts(const ClusteringState& clustering, const Sample& sample, std::size_t parts) {
  std::vector<std::uint64_t> places;
  std::vector<std::uint32_t> point(sample.size());
  for (std::size_t row = 0; row < sample.front().size(); ++row) {
    for (std::size_t axis = 0; axis < sample.size(); ++axis) {
      point[axis] = CoordinateOf(clustering, axis, clustering.columns[axis].RangeOf(sample[axis][row]));
    }
    places.push_back(NumberOf(clustering, point));
  }
  std::ranges::sort(places);
  std::vector<std::uint64_t> starts;
  for (std::size_t part = 1; part < parts && !places.empty(); ++part) {
    const std::uint64_t start = places[part * places.size() / parts];
    if (starts.empty() || starts.back() != start) starts.push_back(start);
  }
  return starts;
}

/// The column at a path of physical names; without a name when there is none.
ClusteredColumn ColumnAt(const TableShape& shape, const delta::PhysicalPath& path) {
  const bool is_mapped = shape.mapping != delta::ColumnMapping::kNone;
  const std::vector<delta::Field>* fields = &shape.fields;
  ClusteredColumn column;
  for (const std::string& stored : path) {
    const auto found = std::ranges::find_if(
        *fields, [&](const delta::Field& field) { return field.physical_name(is_mapped) == stored; });
    if (found == fields->end()) return {};
    const bool is_first = column.name.empty();
    column.name += (is_first ? "" : ".") + found->name;
    column.expression = is_first ? QuoteIdentifier(stored)
                                 : fmt::format("struct_extract({}, {})", column.expression, QuoteLiteral(stored));
    fields = &found->type.fields;
  }
  return column;
}

}  // namespace

Result<std::vector<std::string>> ClusterColumns(const TableState& state, const std::vector<std::string>& columns) {
  std::vector<std::string> names;
  for (const std::string& column : columns) {
    const auto position = state.shape.Find(column);
    if (!position) {
      return Fail(Error(ErrorCode::kSqlBinding, fmt::format("zorder: the table has no column '{}'", column))
                      .Hint(fmt::format("its columns are {}", fmt::join(state.shape.names, ", "))));
    }
    if (state.shape.IsPartition(*position)) {
      return Fail(ErrorCode::kSqlBinding,
                  fmt::format("zorder: '{}' is a partition column, by which files are apart already", column));
    }
    const std::string& name = state.shape.names[*position];
    if (std::ranges::find(names, name) != names.end()) {
      return Fail(ErrorCode::kSqlBinding, fmt::format("zorder: the column '{}' is named twice", name));
    }
    names.push_back(name);
  }
  return names;
}

Result<std::vector<ClusteredColumn>> ClusterColumnsOf(const TableState& state) {
  SMELT_ASSIGN(const auto paths, delta::ClusteringColumns(*state.snapshot));
  std::vector<ClusteredColumn> columns;
  for (const delta::PhysicalPath& path : paths) {
    columns.push_back(ColumnAt(state.shape, path));
    if (columns.back().name.empty()) columns.back() = {fmt::format("{}", fmt::join(path, ".")), ""};
  }
  return columns;
}

Result<ClusterOrder> PrepareClustering(const CommandCall& call, duckdb::Connection& connection,
                                       const std::string& handle, const std::vector<std::string>& expressions,
                                       Curve curve, std::int64_t rows, std::size_t parts) {
  if (expressions.size() == 1) return ClusterOrder{expressions[0] + " asc nulls first"};
  const std::string list = fmt::format("{}", fmt::join(expressions, ", "));
  auto state = duckdb::make_shared_ptr<ClusteringState>();
  state->curve = curve;
  SMELT_ASSIGN(Sample sample, TakeSample(call, connection, handle, list, expressions.size(), rows));
  for (const auto& keys : sample) state->columns.push_back(CutIntoRanges(keys));
  const bool has_numbers = delta::CurveNumbers::Hold(expressions.size(), kCoordinateBits);
  if (has_numbers) state->numbers.emplace(expressions.size(), kCoordinateBits);
  const bool is_part = has_numbers && parts > 0;
  if (is_part) state->part_starts = CutIntoParts(*state, sample, parts);
  connection.context->registered_state->Insert(ClusteringState::kName, state);
  const char* function = is_part ? kPartFunction : has_numbers ? kNumberFunction : kPlaceFunction;
  return ClusterOrder{fmt::format("{}({})", function, list), is_part};
}

void RegisterClustering(duckdb::DatabaseInstance& db) {
  duckdb::ExtensionLoader loader(db, "smelt");
  const auto add = [&](const char* name, const LogicalType& type, duckdb::scalar_function_t run) {
    duckdb::ScalarFunction function(name, {}, type, std::move(run));
    function.varargs = LogicalType::ANY;
    function.SetNullHandling(duckdb::FunctionNullHandling::SPECIAL_HANDLING);
    loader.RegisterFunction(function);
  };
  add(kPlaceFunction, LogicalType::BLOB, CurvePlaces);
  add(kNumberFunction, LogicalType::UBIGINT, CurvePlaceNumbers);
  add(kPartFunction, LogicalType::UINTEGER, CurveParts);
}

}  // namespace smelt::engine
