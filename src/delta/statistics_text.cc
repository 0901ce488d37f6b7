#include "delta/statistics_text.h"

#include "delta/statistics.h"

namespace smelt::delta {

StatisticsText::StatisticsText(std::shared_ptr<const TextSource> source, std::uint64_t offset, std::uint32_t size,
                               std::optional<std::int64_t> rows)
    : place_(Stored{std::move(source), offset, rows.value_or(0), size, rows.has_value()}) {}

bool StatisticsText::empty() const {
  const auto* stored = std::get_if<Stored>(&place_);
  return stored != nullptr ? stored->size == 0 : std::get<SharedText>(place_).empty();
}

SharedText StatisticsText::Read() const {
  const auto* stored = std::get_if<Stored>(&place_);
  if (stored == nullptr) return std::get<SharedText>(place_);
  if (std::optional<SharedText> text = stored->source->Read(stored->offset, stored->size)) return *std::move(text);
  return stored->has_rows ? SharedText(StatisticsToString({.rows = stored->rows, .columns = {}})) : SharedText();
}

std::optional<std::int64_t> StatisticsText::rows() const {
  const auto* stored = std::get_if<Stored>(&place_);
  if (stored == nullptr) return RowCount(std::get<SharedText>(place_));
  return stored->has_rows ? std::optional(stored->rows) : std::nullopt;
}

}  // namespace smelt::delta
