#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "engine/session.h"

namespace smelt::engine {

/// In which form rows leave the engine.
enum class RowFormat : std::uint8_t {
  kJsonArrays,   ///< [1,"a"],[2,"b"]: rows with commas between, without brackets around them
  kJsonObjects,  ///< {"x":1,"y":"a"},…: the same
  kNdjson,       ///< an object a line
  kCsv,          ///< RFC 4180 with LF, a line of names first; NULL is empty, an empty text is ""
  kArrow,        ///< Arrow's IPC streaming format
};

/// How values are written as text.
///
/// Dates and times are those of ISO 8601, with a zone always UTC ("2018-05-24T13:00:00Z"), intervals are its durations
/// ("P1MT2H"); binary is base64; what JSON has no number for is a text ("NaN", "Infinity"). Numbers have all their
/// digits; who reads JSON into doubles asks for texts.
struct RowFormatOptions {
  RowFormat format = RowFormat::kJsonArrays;
  /// In JSON, integers of 64 bits and more and decimals are texts.
  bool exact_numbers_as_text = false;
};

/// Values of a statement's parameters by name; `$1` has the name "1". Numbers, texts, booleans and null; a text takes
/// the type that the statement wants there.
using ParameterValues = std::map<std::string, Json>;

/// The rows of one statement that reads, in pieces of a form that is sent or stored: however many rows, the memory is
/// that of a piece. Holds its session's transaction until it is read to the end or destroyed. Confined to a thread at a
/// time; the session serves for nothing else meanwhile, and must outlive it.
class RowStream {
 public:
  /// Begins one statement. Errors: as Session::Stream; kSqlBinding for parameters that do not fit, naming them.
  static Result<std::unique_ptr<RowStream>> Open(Session& session, std::string_view sql,
                                                 const ParameterValues& parameters, const RowFormatOptions& options);
  /// Names and types of the columns that one statement answers with, without running it. Errors: as Open.
  static Result<std::vector<ResultColumn>> Describe(Session& session, std::string_view sql);
  ~RowStream();

  /// Names of columns differ: "a" and "a_1".
  const std::vector<ResultColumn>& columns() const;
  /// What the format has before the rows, and after them.
  std::string Prologue() const;
  std::string Epilogue() const;
  /// The next rows, at most `rows_max` and about `bytes` bytes of them; empty: there are none left. Errors: those of
  /// the statement.
  Result<std::string> Next(std::int64_t rows_max, std::size_t bytes);
  /// Whether there are rows left.
  Result<bool> HasMore();
  /// Rows that were handed out so far.
  std::int64_t rows() const;

  struct Impl;

 private:
  explicit RowStream(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// Runs one statement with parameters for its effect, as Session::Execute does; the number of rows that it changed,
/// nothing when it is not of a kind that changes rows. Errors: as Session::Execute, and kSqlBinding.
Result<std::optional<std::int64_t>> ExecuteWith(Session& session, std::string_view sql,
                                                const ParameterValues& parameters);

}  // namespace smelt::engine
