#include "engine/internal/arrow_ipc/flat_builder.h"

#include <algorithm>
#include <ranges>
#include <utility>

namespace smelt::engine {

void FlatBuilder::Align(std::size_t size, std::size_t bytes) {
  widest_ = std::max(widest_, size);
  const std::size_t over = (reversed_.size() + bytes) % size;
  if (over > 0) reversed_.append(size - over, '\0');
}

void FlatBuilder::PushOffset(Offset target) {
  Align(sizeof(std::uint32_t), 0);
  Push(static_cast<std::uint32_t>(Size() + sizeof(std::uint32_t) - target.from_end));
}

FlatBuilder::Offset FlatBuilder::String(std::string_view text) {
  Align(sizeof(std::uint32_t), text.size() + 1);
  reversed_ += '\0';
  reversed_.append(text.rbegin(), text.rend());
  Push(static_cast<std::uint32_t>(text.size()));
  return {Size()};
}

FlatBuilder::Offset FlatBuilder::Offsets(const std::vector<Offset>& elements) {
  Align(sizeof(std::uint32_t), elements.size() * sizeof(std::uint32_t));
  for (const auto& element : std::views::reverse(elements)) PushOffset(element);
  Push(static_cast<std::uint32_t>(elements.size()));
  return {Size()};
}

FlatBuilder::Offset FlatBuilder::Int64s(const std::vector<std::int64_t>& values, std::size_t per_element) {
  const std::size_t bytes = values.size() * sizeof(std::int64_t);
  Align(sizeof(std::uint32_t), bytes);
  Align(sizeof(std::int64_t), bytes);
  for (const auto& value : std::views::reverse(values)) Push(value);
  Push(static_cast<std::uint32_t>(values.size() / per_element));
  return {Size()};
}

FlatBuilder::Offset FlatBuilder::Int32s(const std::vector<std::int32_t>& values) {
  Align(sizeof(std::uint32_t), values.size() * sizeof(std::int32_t));
  for (const auto& value : std::views::reverse(values)) Push(value);
  Push(static_cast<std::uint32_t>(values.size()));
  return {Size()};
}

void FlatBuilder::StartTable(std::size_t fields) {
  fields_.assign(fields, 0);
  table_end_ = Size();
}

void FlatBuilder::Field(std::size_t field, Offset target) {
  PushOffset(target);
  fields_[field] = Size();
}

FlatBuilder::Offset FlatBuilder::EndTable() {
  Align(sizeof(std::int32_t), 0);
  Push(std::int32_t{0});  // where the table's layout is: known when that is written
  const std::uint32_t table = Size();
  for (const auto& field : std::views::reverse(fields_)) {
    Push(static_cast<std::uint16_t>(field == 0 ? 0 : table - field));
  }
  Push(static_cast<std::uint16_t>(table - table_end_));
  Push(static_cast<std::uint16_t>((fields_.size() + 2) * sizeof(std::uint16_t)));
  const std::uint32_t distance = Size() - table;
  for (std::size_t byte = 0; byte < sizeof distance; ++byte) {
    reversed_[table - 1 - byte] = static_cast<char>((distance >> (8 * byte)) & 0xFFU);
  }
  return {table};
}

std::string FlatBuilder::Finish(Offset root) {
  Align(widest_, sizeof(std::uint32_t));
  PushOffset(root);
  std::ranges::reverse(reversed_);
  return std::move(reversed_);
}

}  // namespace smelt::engine
