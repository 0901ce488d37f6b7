#include "serve/internal/question_run.h"

#include <fmt/format.h>

#include <functional>
#include <memory>

#include "engine/row_stream.h"

namespace smelt::serve::internal {
namespace {

engine::ParameterValues ValuesOf(const Question& question) {
  engine::ParameterValues values;
  for (std::size_t i = 0; i < question.parameters.size(); ++i) {
    const engine::Cell& value = question.parameters[i];
    values[fmt::to_string(i + 1)] = value ? Json(*value) : Json();
  }
  return values;
}

/// A session on pinned tables, with a stream of rows that has begun.
struct OpenQuestion {
  std::unique_ptr<engine::Session> session;
  std::unique_ptr<engine::RowStream> rows;
};

Result<OpenQuestion> Begin(engine::Engine& engine, const Question& question, const std::vector<engine::TablePin>& pins,
                           engine::RowFormat format, const std::stop_token& stop) {
  OpenQuestion open;
  SMELT_ASSIGN(open.session, engine.Connect());
  open.session->ObserveStop(stop);
  open.session->ReadAt(pins);
  SMELT_ASSIGN(open.rows, engine::RowStream::Open(*open.session, question.sql, ValuesOf(question), {.format = format}));
  return open;
}

/// Takes rows up to the limits. Errors: kServeLimit for more bytes.
Result<std::string> TakeRows(engine::RowStream& rows, const RowLimits& limits) {
  std::string text;
  constexpr std::size_t kPieceBytes = std::size_t{256} * 1024;
  while (true) {
    const auto left = static_cast<std::int64_t>(limits.rows_max) - rows.rows();
    if (left <= 0) return text;
    SMELT_ASSIGN(const std::string piece, rows.Next(left, kPieceBytes));
    if (piece.empty()) return text;
    text += piece;
    if (text.size() > limits.bytes_max) {
      return Fail(Error(ErrorCode::kServeLimit, fmt::format("the answer is larger than {} bytes", limits.bytes_max))
                      .Hint("ask for fewer rows or columns"));
    }
  }
}

}  // namespace

Result<Answer> RunQuestion(engine::Engine& engine, const Question& question, const std::vector<engine::TablePin>& pins,
                           const RowLimits& limits, const std::stop_token& stop) {
  SMELT_ASSIGN(const OpenQuestion open, Begin(engine, question, pins, engine::RowFormat::kJsonArrays, stop));
  Answer answer;
  SMELT_ASSIGN(answer.rows, TakeRows(*open.rows, limits));
  std::erase(answer.rows, '\n');  // between rows; within texts they are written as \n
  answer.columns = open.rows->columns();
  answer.row_count = static_cast<std::size_t>(open.rows->rows());
  SMELT_ASSIGN(answer.truncated, open.rows->HasMore());
  return answer;
}

Result<std::string> RunToCsv(engine::Engine& engine, const Question& question,
                             const std::vector<engine::TablePin>& pins, const RowLimits& limits,
                             const std::stop_token& stop) {
  SMELT_ASSIGN(const OpenQuestion open, Begin(engine, question, pins, engine::RowFormat::kCsv, stop));
  SMELT_ASSIGN(const std::string rows, TakeRows(*open.rows, limits));
  SMELT_ASSIGN(const bool has_more, open.rows->HasMore());
  if (!has_more) return open.rows->Prologue() + rows;
  return Fail(Error(ErrorCode::kServeLimit, fmt::format("there are more than {} rows", limits.rows_max))
                  .Hint("choose less with the filters"));
}

}  // namespace smelt::serve::internal
