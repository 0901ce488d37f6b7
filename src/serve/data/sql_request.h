#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>

#include "engine/row_stream.h"
#include "serve/data/data_limits.h"
#include "serve/data/row_format.h"
#include "serve/http_message.h"

namespace smelt::serve {

/// What the body of `POST /api/v1/sql` asks for.
struct SqlRequest {
  std::string sql{};
  engine::ParameterValues parameters{};
  RowShape shape{};
  std::optional<std::int64_t> limit{};  ///< rows, at most
  std::int64_t timeout_ms = 0;
  std::optional<std::int64_t> page_rows{};  ///< the result is kept, and given in pages of so many rows
  bool async = false;                       ///< it is kept, and the answer does not wait for it
  std::int64_t wait_ms = 0;                 ///< how long the answer waits for a result that is kept

  bool keeps_result() const { return async || page_rows.has_value(); }
};

/// Reads it; the answer that refuses it names every field that is wrong.
std::expected<SqlRequest, HttpResponse> ReadSqlRequest(const HttpRequest& request, const DataLimits& limits);

/// The JSON Schema of such a body, and an example.
Json SqlRequestSchema(const DataLimits& limits);
Json SqlRequestExample();

}  // namespace smelt::serve
