#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "engine/row_stream.h"
#include "serve/body_stream.h"
#include "serve/data/data_limits.h"
#include "serve/data/row_format.h"
#include "serve/data/statement_gate.h"
#include "serve/http_message.h"

namespace smelt::serve {

/// The rows of a statement as the body of an answer, made while it is sent. JSON is an object with `columns`, `rows`,
/// `row_count`, `truncated`, and what `tail` adds.
class ResultBody : public BodyStream {
 public:
  struct Settings {
    RowShape shape{};
    std::int64_t rows_max = 0;              ///< more are left out
    std::optional<std::int64_t> refuse_at;  ///< more are refused with kServeLimit
    std::size_t bytes_max = 0;              ///< more are refused, too
    /// Further members of JSON, ",\"next\":null", once it is known how many rows there were and whether some were left
    /// out.
    std::function<std::string(std::int64_t rows, bool truncated)> tail{};
  };

  /// Begins the statement. Errors: those of RowStream::Open, as their cause has it.
  static Result<std::unique_ptr<ResultBody>> Open(std::unique_ptr<StatementPlace> place, std::string_view sql,
                                                  const engine::ParameterValues& parameters, Settings settings);
  ~ResultBody() override;

  const std::vector<engine::ResultColumn>& columns() const { return columns_; }
  Result<Piece> Next() override;

 private:
  ResultBody(std::unique_ptr<StatementPlace> place, Settings settings)
      : settings_(std::move(settings)), place_(std::move(place)) {}
  Result<Piece> Make();
  Status End(std::string& bytes);

  const Settings settings_;
  std::unique_ptr<StatementPlace> place_;
  std::unique_ptr<engine::RowStream> rows_;
  std::vector<engine::ResultColumn> columns_;
  std::size_t bytes_ = 0;
  bool begun_ = false;
};

/// An answer with a body of which the first piece is made already: what fails in it is a problem, and what is small is
/// sent whole.
HttpResponse Respond(std::unique_ptr<BodyStream> body, std::string_view content_type);

/// A local file as a body; it is gone from its folder once this is made. Errors: kStoreNotFound, kStoreIo.
Result<std::unique_ptr<BodyStream>> TakeFileBody(const std::string& path);
/// The same of a file that stays.
Result<std::unique_ptr<BodyStream>> FileBody(const std::string& path);

}  // namespace smelt::serve
