#include "chart/state_map.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "chart/font.h"
#include "chart/internal/axes.h"
#include "chart/internal/ramp.h"

namespace smelt::chart {
namespace {

constexpr int kColumns = 6, kRows = 7;

constexpr auto kStates = std::to_array<StateTile>({
    {"AC", "Acre", 0, 2},
    {"AL", "Alagoas", 5, 3},
    {"AM", "Amazonas", 1, 1},
    {"AP", "Amapá", 2, 0},
    {"BA", "Bahia", 3, 3},
    {"CE", "Ceará", 4, 1},
    {"DF", "Distrito Federal", 2, 4},
    {"ES", "Espírito Santo", 4, 4},
    {"GO", "Goiás", 2, 3},
    {"MA", "Maranhão", 3, 1},
    {"MG", "Minas Gerais", 3, 4},
    {"MS", "Mato Grosso do Sul", 1, 4},
    {"MT", "Mato Grosso", 1, 3},
    {"PA", "Pará", 2, 1},
    {"PB", "Paraíba", 5, 2},
    {"PE", "Pernambuco", 4, 2},
    {"PI", "Piauí", 3, 2},
    {"PR", "Paraná", 1, 5},
    {"RJ", "Rio de Janeiro", 3, 5},
    {"RN", "Rio Grande do Norte", 5, 1},
    {"RO", "Rondônia", 1, 2},
    {"RR", "Roraima", 1, 0},
    {"RS", "Rio Grande do Sul", 1, 6},
    {"SC", "Santa Catarina", 2, 6},
    {"SE", "Sergipe", 4, 3},
    {"SP", "São Paulo", 2, 5},
    {"TO", "Tocantins", 2, 2},
});

const Part* Find(const StateMap& map, std::string_view code) {
  const auto found = std::ranges::find(map.values, code, &Part::name);
  return found == map.values.end() || !std::isfinite(found->value) ? nullptr : &*found;
}

/// The largest states by value, at the right of the map.
void DrawLargest(const StateMap& map, const Box& box, Canvas& canvas) {
  constexpr double kLine = 14;
  std::vector<Part> known;
  for (const StateTile& state : kStates) {
    if (const Part* part = Find(map, state.code)) known.push_back({std::string(state.name), part->value});
  }
  std::ranges::stable_sort(known, std::ranges::greater{}, &Part::value);
  const auto fits = static_cast<std::size_t>(std::max(0.0, box.height / kLine));
  double y = box.y + 10;
  for (std::size_t index = 0; index < std::min({known.size(), fits, std::size_t{10}}); ++index, y += kLine) {
    const std::string figure = FormatShort(known[index].value, map.format);
    canvas.Text({box.right(), y}, figure,
                {.size = internal::kLabelSize, .paint = {Ink::kText}, .bold = true, .anchor = Anchor::kEnd});
    const double room = box.width - TextWidth(figure, internal::kLabelSize, true) - 8;
    canvas.Text({box.x, y}, FitText(known[index].name, room, internal::kLabelSize),
                {.size = internal::kLabelSize, .paint = {Ink::kText}});
  }
}

}  // namespace

std::span<const StateTile> BrazilianStates() {
  return kStates;
}

void Draw(const StateMap& map, const Box& box, Canvas& canvas) {
  std::optional<internal::Range> range;
  std::size_t known = 0;
  for (const StateTile& state : kStates) {
    const Part* part = Find(map, state.code);
    if (part == nullptr) continue;
    ++known;
    internal::Widen(range, {part->value});
  }
  if (!range) return internal::DrawEmpty(box, canvas);
  if (range->low > 0 && range->low < range->high * 0.5) range->low = 0;
  const double size = std::min((box.height - internal::kRampHeight) / kRows, box.width * 0.56 / kColumns);
  const double height = size * kRows;
  for (const StateTile& state : kStates) {
    const Box tile = {box.x + state.column * size, box.y + state.row * size, size - 1.5, size - 1.5};
    const Part* part = Find(map, state.code);
    const double strength = part == nullptr ? 0 : internal::Strength(part->value, range->low, range->high);
    canvas.Rectangle(tile, part == nullptr ? Paint{Ink::kGrid, 0.5} : Paint{Ink::kQuantity, strength});
    const Ink ink = part == nullptr ? Ink::kMuted : TextUpon(strength);
    const std::string figure = part == nullptr ? std::string() : FormatShort(part->value, map.format);
    const bool two_lines = size >= 22 && TextWidth(figure, 6.5) <= tile.width && !figure.empty();
    canvas.Text({tile.middle(), tile.y + tile.height / 2 + (two_lines ? -1.0 : 2.8)}, state.code,
                {.size = 8, .paint = {ink}, .bold = true, .anchor = Anchor::kMiddle});
    if (!two_lines) continue;
    canvas.Text({tile.middle(), tile.y + tile.height / 2 + 7.5}, figure,
                {.size = 6.5, .paint = {ink}, .anchor = Anchor::kMiddle});
  }
  const double side = box.x + kColumns * size + 14;
  DrawLargest(map, {side, box.y, box.right() - side, height}, canvas);
  const std::size_t unknown = map.values.size() - known;
  const std::string note = unknown == 0 ? "" : fmt::format("{} not of Brazil", unknown);
  internal::DrawRamp({box.x, box.y + height, box.width, internal::kRampHeight}, range->low, range->high, map.format,
                     note, canvas);
}

}  // namespace smelt::chart
