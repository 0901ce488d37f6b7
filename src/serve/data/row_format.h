#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "engine/row_stream.h"
#include "serve/http_message.h"

namespace smelt::serve {

/// In which form rows are sent.
enum class DataFormat : std::uint8_t { kJson, kNdjson, kCsv, kArrow, kParquet };

/// "json", "ndjson", "csv", "arrow", "parquet".
std::string_view DataFormatText(DataFormat format);
std::optional<DataFormat> DataFormatOf(std::string_view text);
std::string_view MediaTypeOf(DataFormat format);

/// How rows are written, beside the format.
struct RowShape {
  DataFormat format = DataFormat::kJson;
  bool objects = false;          ///< rows of JSON are objects, not arrays
  bool numbers_as_text = false;  ///< wide numbers of JSON are texts

  engine::RowFormatOptions Options() const;
};

/// The format that a request's Accept asks for; `fallback` where it takes anything, or has none. The answer 406 where
/// it takes nothing that there is.
std::expected<DataFormat, HttpResponse> AcceptedFormat(const HttpRequest& request, DataFormat fallback);

/// Names of columns as the JSON of answers has them: name, type and kind.
Json ColumnsJson(const std::vector<engine::ResultColumn>& columns);

/// A text as it stands for a kind of type: "integer", "decimal", "text" …
std::string_view TypeKindText(engine::TypeKind kind);

}  // namespace smelt::serve
