#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/session.h"
#include "engine/statement.h"
#include "engine/statement_info.h"
#include "serve/postgres/command.h"
#include "serve/postgres/row_format.h"
#include "serve/postgres/sqlstate.h"

namespace smelt::serve::postgres {

using WireStatus = std::expected<void, WireError>;
template <typename T>
using WireResult = std::expected<T, WireError>;

/// Nested values have no type of PostgreSQL's.
inline constexpr engine::TypedOptions kWireOptions{.nested_as_json = true};

/// A parameter that a statement sets by set_config.
struct Assignment {
  std::string name;
  std::string value;
  bool local = false;  ///< until the transaction ends
};

/// A statement that a client prepared, by Parse or PREPARE, or one of a script.
struct PreparedText {
  std::string text{};  ///< as the client sent it; `part` refers to it
  ScriptPart part{};
  Command command = Command::kEngine;
  std::string tag{};
  std::vector<std::uint32_t> parameters{};         ///< types by number; 0 until they are found out
  std::vector<std::uint32_t> promised{};           ///< types of the columns, once the client was told them
  engine::StatementInfo info{};                    ///< of what the engine runs
  std::vector<Assignment> assigns{};               ///< each time it runs
  bool of_catalog = false;                         ///< for PostgreSQL's catalogue
  std::string sql{};                               ///< as the engine reads it
  std::unique_ptr<engine::Statement> statement{};  ///< of those that the engine runs
  std::unique_ptr<engine::Statement> typed{};      ///< the same with the types that the client gave its parameters

  /// Whether its rows can be asked for before it is executed.
  bool IsQuery() const {
    return command == Command::kShow || (statement != nullptr && tag == "SELECT" && info.reads_only());
  }
};

/// A statement that was bound to values, and its rows as far as they are sent.
struct Portal {
  std::shared_ptr<PreparedText> prepared{};
  std::vector<engine::ParameterValue> values{};
  std::vector<std::int16_t> formats{};
  bool started = false;
  std::unique_ptr<engine::TypedRows> rows{};       ///< of statements that have rows
  std::vector<engine::TypedColumnInfo> columns{};  ///< of the rows, as the client sees them
  std::optional<std::int64_t> changed{};
  RowFormat format{};
  const engine::TypedBatch* batch = nullptr;
  std::size_t row = 0;  ///< of the batch, the next one
  bool done = false;    ///< all rows are sent
};

/// The columns of a statement's rows as the client sees them: with PostgreSQL's names, and in the catalogue with its
/// types.
std::vector<engine::TypedColumnInfo> ShownColumns(const PreparedText& prepared,
                                                  std::vector<engine::TypedColumnInfo> columns);

/// Writes a RowDescription.
void PutRowDescription(const std::vector<engine::TypedColumnInfo>& columns, const std::vector<std::int16_t>& formats,
                       WireBuffer& out);

}  // namespace smelt::serve::postgres
