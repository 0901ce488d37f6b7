#include "serve/postgres/copy_out.h"

namespace smelt::serve::postgres {
namespace {

/// PGCOPY, a newline and bytes that a transfer as text would damage.

}  // namespace

void CopyOut::PutBegin(const std::vector<engine::TypedColumnInfo>& columns, WireBuffer& out) const {
  const bool binary = options_.format == CopyFormat::kBinary;
  const std::size_t response = out.Begin('H');
  out.PutByte(binary ? '\1' : '\0');
  out.PutInt(static_cast<std::int16_t>(columns.size()));
  for (std::size_t i = 0; i < columns.size(); ++i) out.PutInt<std::int16_t>(binary ? 1 : 0);
  out.End(response);
  if (!binary && !options_.header) return;
  const std::size_t data = out.Begin('d');
  if (binary) {
    out.Put(kCopySignature);
    out.PutInt<std::int32_t>(0);  // flags
    out.PutInt<std::int32_t>(0);  // no extension
  } else {
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (i > 0) out.PutByte(options_.delimiter);
      PutField(columns[i].name, out);
    }
    out.PutByte('\n');
  }
  out.End(data);
}

void CopyOut::PutField(std::string_view text, WireBuffer& out) const {
  if (options_.format == CopyFormat::kText) {
    for (const char c : text) {
      switch (c) {
        case '\b': out.Put("\\b"); break;
        case '\f': out.Put("\\f"); break;
        case '\n': out.Put("\\n"); break;
        case '\r': out.Put("\\r"); break;
        case '\t': out.Put("\\t"); break;
        case '\v': out.Put("\\v"); break;
        case '\\': out.Put("\\\\"); break;
        default:
          if (c == options_.delimiter) out.PutByte('\\');
          out.PutByte(c);
      }
    }
    return;
  }
  const std::string special{options_.delimiter, options_.quote, '\n', '\r'};
  if (text != options_.null_text && text != "\\." && text.find_first_of(special) == std::string_view::npos) {
    return out.Put(text);
  }
  out.PutByte(options_.quote);
  for (const char c : text) {
    if (c == options_.quote || c == options_.escape) out.PutByte(options_.escape);
    out.PutByte(c);
  }
  out.PutByte(options_.quote);
}

void CopyOut::PutRow(const RowFormat& format, const engine::TypedBatch& batch, std::size_t row, WireBuffer& out) {
  const std::size_t data = out.Begin('d');
  const std::size_t count = format.cells().size();
  if (options_.format == CopyFormat::kBinary) {
    out.PutInt(static_cast<std::int16_t>(count));
    for (std::size_t i = 0; i < count; ++i) format.PutCell(i, batch.columns[i], row, out);
    return out.End(data);
  }
  for (std::size_t i = 0; i < count; ++i) {
    if (i > 0) out.PutByte(options_.delimiter);
    if (batch.columns[i].IsNull(row)) {
      out.Put(options_.null_text);
      continue;
    }
    cell_.Clear();
    format.PutText(format.cells()[i], batch.columns[i], row, cell_);
    PutField(cell_.View(), out);
  }
  out.PutByte('\n');
  out.End(data);
}

void CopyOut::PutEnd(WireBuffer& out) const {
  if (options_.format != CopyFormat::kBinary) return;
  const std::size_t data = out.Begin('d');
  out.PutInt<std::int16_t>(-1);
  out.End(data);
}

}  // namespace smelt::serve::postgres
