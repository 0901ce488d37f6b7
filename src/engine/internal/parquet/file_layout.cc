#include "engine/internal/parquet/file_layout.h"

#include <algorithm>
#include <utility>

#include "engine/internal/parquet/format.h"
#include "engine/internal/parquet/thrift_reader.h"

namespace smelt::engine::parquet {
namespace {

constexpr std::size_t kDepthMax = 64;

using Leaf = FileLayout::Leaf;
using Chunk = FileLayout::Chunk;
using Column = FileLayout::Column;
using Kind = FileLayout::Kind;

struct Element {
  std::string_view name;
  std::int64_t type = -1;
  std::int64_t repetition = 0;
  std::int64_t children = 0;
  std::int64_t converted = -1;
  bool has_logical = false;

  bool Is(Repetition wanted) const { return repetition == static_cast<std::int64_t>(wanted); }
  bool Is(Physical wanted) const { return type == static_cast<std::int64_t>(wanted); }
  bool Is(Converted wanted) const { return converted == static_cast<std::int64_t>(wanted); }
};

std::vector<Element> ReadSchema(ThriftReader& reader) {
  std::vector<Element> schema;
  reader.List([&] {
    Element& element = schema.emplace_back();
    reader.Struct([&](int id) {
      switch (id) {
        case 1: element.type = reader.Integer(); return true;
        case 3: element.repetition = reader.Integer(); return true;
        case 4: element.name = reader.Binary(); return true;
        case 5: element.children = reader.Integer(); return true;
        case 6: element.converted = reader.Integer(); return true;
        case 10: element.has_logical = true; return false;
        default: return false;
      }
    });
  });
  return schema;
}

/// What a column that holds values itself holds. Writers that know only logical types are not understood.
Kind KindOfLeaf(const Element& element) {
  if (element.Is(Repetition::kRepeated)) return Kind::kOther;
  if (element.Is(Physical::kBytes) && element.Is(Converted::kUtf8)) return Kind::kText;
  const bool is_plain = element.converted < 0 && !element.has_logical;
  if (element.Is(Physical::kBoolean) && is_plain) return Kind::kBoolean;
  if (element.Is(Physical::kInt32) && (is_plain || element.Is(Converted::kInt32))) return Kind::kInt32;
  if (element.Is(Physical::kInt64) && (is_plain || element.Is(Converted::kInt64))) return Kind::kInt64;
  return Kind::kOther;
}

/// What a column of several columns holds; `within` are those. A map has one entry that is repeated, of a key and a
/// value.
Kind KindOfGroup(const Element& element, const std::vector<Column>& within) {
  if (element.Is(Repetition::kRepeated)) return Kind::kOther;
  if (element.converted < 0 && !element.has_logical) return Kind::kStruct;
  const bool is_map = element.Is(Converted::kMap) && within.size() == 1 && within[0].members.size() == 2;
  const bool is_of_text =
      is_map && std::ranges::all_of(within[0].members, [](const Column& column) { return column.kind == Kind::kText; });
  return is_of_text ? Kind::kTextMap : Kind::kOther;
}

/// Walks through a schema, whose elements stand depth first.
class SchemaWalk {
 public:
  explicit SchemaWalk(const std::vector<Element>& schema) : schema_(schema) {}

  /// False when the schema is damaged.
  bool Walk() { return !schema_.empty() && Children(schema_[at_++].children, 0, Leaf(), columns); }

  std::vector<Column> columns = {};
  std::vector<Leaf> leaves = {};

 private:
  bool Children(std::int64_t count, std::size_t depth, const Leaf& around, std::vector<Column>& into) {
    for (; count > 0; --count) {
      if (depth > kDepthMax || at_ >= schema_.size()) return false;
      const Element& element = schema_[at_++];
      Leaf leaf{.path = around.path.empty() ? std::string() : around.path + ".",
                .is_text = element.Is(Physical::kBytes),
                .is_repeated = around.is_repeated || element.Is(Repetition::kRepeated),
                .level_max = around.level_max + (element.Is(Repetition::kRequired) ? 0 : 1)};
      leaf.path += element.name;
      Column column{.name = std::string(element.name)};
      if (element.children == 0) {
        column.kind = KindOfLeaf(element);
        leaves.push_back(std::move(leaf));
      } else {
        if (!Children(element.children, depth + 1, leaf, column.members)) return false;
        column.kind = KindOfGroup(element, column.members);
      }
      into.push_back(std::move(column));
    }
    return true;
  }

  const std::vector<Element>& schema_;
  std::size_t at_ = 0;
};

std::optional<std::uint64_t> ReadNulls(ThriftReader& reader) {
  std::optional<std::uint64_t> nulls;
  reader.Struct([&](int id) {
    if (id != 3) return false;
    nulls = static_cast<std::uint64_t>(reader.Integer());
    return true;
  });
  return nulls;
}

Chunk ReadChunk(ThriftReader& reader) {
  Chunk chunk;
  std::int64_t data_offset = 0, dictionary_offset = 0;
  reader.Struct([&](int id) {
    switch (id) {
      case 4: chunk.codec = static_cast<int>(reader.Integer()); return true;
      case 5: chunk.values = static_cast<std::uint64_t>(reader.Integer()); return true;
      case 7: chunk.size = static_cast<std::uint64_t>(reader.Integer()); return true;
      case 9: data_offset = reader.Integer(); return true;
      case 11: dictionary_offset = reader.Integer(); return true;
      case 12: chunk.nulls = ReadNulls(reader); return true;
      default: return false;
    }
  });
  const bool has_dictionary = dictionary_offset > 0 && dictionary_offset < data_offset;
  chunk.offset = static_cast<std::uint64_t>(has_dictionary ? dictionary_offset : data_offset);
  return chunk;
}

/// Gives each leaf its chunk; false when there are not as many of both.
bool ReadRowGroup(ThriftReader& reader, std::vector<Leaf>& leaves) {
  std::size_t at = 0;
  reader.Struct([&](int id) {
    if (id != 1) return false;
    reader.List([&] {
      Chunk chunk;
      reader.Struct([&](int part) {
        if (part != 3) return false;
        chunk = ReadChunk(reader);
        return true;
      });
      if (at < leaves.size()) leaves[at].chunks.push_back(chunk);
      ++at;
    });
    return true;
  });
  return at == leaves.size();
}

}  // namespace

std::optional<FileLayout> FileLayout::Parse(std::string_view footer) {
  ThriftReader reader(footer);
  FileLayout layout;
  bool has_schema = false;
  bool is_sound = true;
  reader.Struct([&](int id) {
    if (id == 2) {
      const std::vector<Element> schema = ReadSchema(reader);
      SchemaWalk walk(schema);
      has_schema = walk.Walk();
      layout.columns_ = std::move(walk.columns);
      layout.leaves_ = std::move(walk.leaves);
      return true;
    }
    // Row groups come behind the schema, in every file that was ever written.
    if (id != 4 || !has_schema) return false;
    reader.List([&] { is_sound = ReadRowGroup(reader, layout.leaves_) && is_sound; });
    return true;
  });
  return reader.ok() && is_sound && has_schema ? std::optional(std::move(layout)) : std::nullopt;
}

const Leaf* FileLayout::FindText(std::string_view path) const {
  if (std::ranges::count(leaves_, path, &Leaf::path) != 1) return nullptr;
  const auto leaf = std::ranges::find(leaves_, path, &Leaf::path);
  return leaf->is_text && !leaf->is_repeated ? &*leaf : nullptr;
}

bool FileLayout::IsValueless(std::string_view path) const {
  bool is_there = false;
  for (const Leaf& leaf : leaves_) {
    const bool is_within =
        leaf.path.starts_with(path) && (leaf.path.size() == path.size() || leaf.path[path.size()] == '.');
    if (!is_within) continue;
    if (!std::ranges::all_of(leaf.chunks, [](const Chunk& chunk) { return chunk.nulls == chunk.values; })) return false;
    is_there = true;
  }
  return is_there;
}

}  // namespace smelt::engine::parquet
