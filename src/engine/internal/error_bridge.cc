#include "engine/internal/error_bridge.h"

#include <charconv>
#include <duckdb/common/exception.hpp>
#include <exception>

namespace smelt::engine {
namespace {

constexpr const char* kCodeKey = "smelt_code";
constexpr const char* kMessageKey = "smelt_message";
constexpr const char* kHintKey = "smelt_hint";
constexpr const char* kFileKey = "smelt_file";
constexpr const char* kLineKey = "smelt_line";

duckdb::ExceptionType DuckDbType(ErrorCode code) {
  switch (code) {
    case ErrorCode::kDeltaConflict: return duckdb::ExceptionType::TRANSACTION;
    case ErrorCode::kSqlUnsupported:
    case ErrorCode::kDeltaUnsupported: return duckdb::ExceptionType::NOT_IMPLEMENTED;
    case ErrorCode::kSqlCatalog: return duckdb::ExceptionType::CATALOG;
    case ErrorCode::kSqlConstraint: return duckdb::ExceptionType::CONSTRAINT;
    case ErrorCode::kStoreIo:
    case ErrorCode::kStoreFull: return duckdb::ExceptionType::IO;
    case ErrorCode::kCancelled: return duckdb::ExceptionType::INTERRUPT;
    default: return duckdb::ExceptionType::INVALID_INPUT;
  }
}

duckdb::unordered_map<std::string, std::string> ExtraInfo(const Error& error) {
  duckdb::unordered_map<std::string, std::string> info;
  info[kCodeKey] = std::to_string(static_cast<int>(error.code()));
  info[kMessageKey] = error.message();
  info[kHintKey] = error.hint();
  info[kFileKey] = error.file();
  info[kLineKey] = std::to_string(error.line());
  return info;
}

std::int64_t ToInt(const std::string& text) {
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

bool Contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

ErrorCode CodeOf(const duckdb::ErrorData& error) {
  const std::string& text = error.RawMessage();
  switch (error.Type()) {
    case duckdb::ExceptionType::PARSER:
    case duckdb::ExceptionType::SYNTAX: return ErrorCode::kSqlSyntax;
    case duckdb::ExceptionType::BINDER:
    case duckdb::ExceptionType::INVALID_TYPE:
    case duckdb::ExceptionType::MISMATCH_TYPE:
    case duckdb::ExceptionType::PARAMETER_NOT_RESOLVED: return ErrorCode::kSqlBinding;
    case duckdb::ExceptionType::CATALOG: return ErrorCode::kSqlCatalog;
    case duckdb::ExceptionType::NOT_IMPLEMENTED: return ErrorCode::kSqlUnsupported;
    case duckdb::ExceptionType::OUT_OF_MEMORY: return ErrorCode::kSqlOutOfMemory;
    case duckdb::ExceptionType::INTERRUPT: return ErrorCode::kCancelled;
    case duckdb::ExceptionType::CONSTRAINT: return ErrorCode::kSqlConstraint;
    case duckdb::ExceptionType::INTERNAL:
    case duckdb::ExceptionType::FATAL: return ErrorCode::kInternal;
    case duckdb::ExceptionType::PERMISSION: return ErrorCode::kStoreDenied;
    case duckdb::ExceptionType::IO:
    case duckdb::ExceptionType::HTTP:
      if (Contains(text, "No space left") || Contains(text, "quota exceeded")) return ErrorCode::kStoreFull;
      if (Contains(text, "Permission denied")) return ErrorCode::kStoreDenied;
      if (Contains(text, "No such file") || Contains(text, "No files found")) return ErrorCode::kStoreNotFound;
      return ErrorCode::kStoreIo;
    default: return Contains(text, "std::bad_alloc") ? ErrorCode::kSqlOutOfMemory : ErrorCode::kSqlRuntime;
  }
}

/// DuckDB names settings that not everybody may change; the cure is the one that smelt has.
Error OutOfMemory(const std::string& text) {
  return Error(ErrorCode::kSqlOutOfMemory,
               fmt::format("the statement needs more memory than there is: {}", text.substr(0, text.find('\n'))))
      .Hint("ask for less at a time, or raise --memory-limit, which all statements share");
}

/// Faults of the engine itself end with the addresses of its functions, which help nobody who reads the message.
std::string WithoutTrace(const std::string& text) {
  return text.substr(0, text.find("\n\nStack Trace:"));
}

/// The line that DuckDB shows below its message as "LINE 2: select …"; 0 when there is none.
std::int64_t ShownLine(const std::string& message) {
  constexpr std::string_view kMark = "\nLINE ";
  std::size_t at = message.find(kMark);
  return at == std::string::npos ? 0 : ToInt(message.substr(at + kMark.size()));
}

}  // namespace

void Throw(const Error& error) {
  throw duckdb::Exception(ExtraInfo(error), DuckDbType(error.code()), error.message());
}

duckdb::ErrorData ToDuckDb(const Error& error) {
  return duckdb::ErrorData(duckdb::Exception(ExtraInfo(error), DuckDbType(error.code()), error.message()));
}

Error FromDuckDb(const duckdb::ErrorData& error) {
  const auto& info = error.ExtraInfo();
  if (auto code = info.find(kCodeKey); code != info.end()) {
    Error result = Error(static_cast<ErrorCode>(ToInt(code->second)), info.at(kMessageKey)).Hint(info.at(kHintKey));
    if (info.at(kFileKey).empty()) return result;
    return std::move(result).At(info.at(kFileKey), ToInt(info.at(kLineKey)));
  }
  const ErrorCode code = CodeOf(error);
  if (code == ErrorCode::kSqlOutOfMemory) return OutOfMemory(error.RawMessage());
  Error result(code, WithoutTrace(error.RawMessage()));
  if (std::int64_t line = ShownLine(error.RawMessage()); line > 0) return std::move(result).At("SQL", line);
  return result;
}

Status RunSql(duckdb::Connection& connection, const std::string& sql) {
  const auto result = connection.Query(sql);
  if (result->HasError()) return Fail(FromDuckDb(result->GetErrorObject()));
  return {};
}

Error FromCurrentException() {
  try {
    throw;
  } catch (const std::exception& e) {
    return FromDuckDb(duckdb::ErrorData(e));
  } catch (...) {
    return Error(ErrorCode::kInternal, "an exception of unknown type passed through the engine");
  }
}

}  // namespace smelt::engine
