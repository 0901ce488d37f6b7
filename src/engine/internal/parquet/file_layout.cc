#include "engine/internal/parquet/file_layout.h"

#include "engine/internal/parquet/format.h"
#include "engine/internal/parquet/thrift_reader.h"

namespace smelt::engine::parquet {
namespace {

constexpr std::size_t kDepthMax = 64;

struct Element {
  std::string_view name;
  std::int64_t type = -1;
  std::int64_t repetition = 0;
  std::int64_t children = 0;

  bool Is(Repetition wanted) const { return repetition == static_cast<std::int64_t>(wanted); }
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
        default: return false;
      }
    });
  });
  return schema;
}

/// Walks through a schema, whose elements stand depth first.
class LeafFinder {
 public:
  LeafFinder(const std::vector<Element>& schema, std::span<const std::string_view> path)
      : schema_(schema), path_(path) {}

  /// False when the schema is damaged.
  bool Find() { return !schema_.empty() && Children(schema_[at_++].children, 0, 0, true); }

  std::optional<std::size_t> leaf;  ///< its number among the leaves
  unsigned level_max = 0;

 private:
  bool Children(std::int64_t count, std::size_t depth, unsigned level, bool is_on_path) {
    if (depth > kDepthMax) return false;
    for (; count > 0; --count) {
      if (at_ >= schema_.size()) return false;
      const Element& element = schema_[at_++];
      const bool matches = is_on_path && depth < path_.size() && element.name == path_[depth];
      if (matches && element.Is(Repetition::kRepeated)) return false;
      const unsigned inner = level + (element.Is(Repetition::kOptional) ? 1 : 0);
      if (element.children > 0) {
        if (!Children(element.children, depth + 1, inner, matches)) return false;
        continue;
      }
      if (matches && depth + 1 == path_.size()) {
        if (leaf || element.type != static_cast<std::int64_t>(Physical::kBytes)) return false;
        leaf = leaves_;
        level_max = inner;
      }
      ++leaves_;
    }
    return true;
  }

  const std::vector<Element>& schema_;
  std::span<const std::string_view> path_;
  std::size_t at_ = 0;
  std::size_t leaves_ = 0;
};

ColumnLayout::Chunk ReadChunk(ThriftReader& reader) {
  ColumnLayout::Chunk chunk;
  std::int64_t data_offset = 0, dictionary_offset = 0;
  reader.Struct([&](int id) {
    switch (id) {
      case 4: chunk.codec = static_cast<int>(reader.Integer()); return true;
      case 5: chunk.values = static_cast<std::uint64_t>(reader.Integer()); return true;
      case 7: chunk.size = static_cast<std::uint64_t>(reader.Integer()); return true;
      case 9: data_offset = reader.Integer(); return true;
      case 11: dictionary_offset = reader.Integer(); return true;
      default: return false;
    }
  });
  const bool has_dictionary = dictionary_offset > 0 && dictionary_offset < data_offset;
  chunk.offset = static_cast<std::uint64_t>(has_dictionary ? dictionary_offset : data_offset);
  return chunk;
}

/// The paths of the leaves, joined by dots; nothing when the schema is damaged.
class LeafNames {
 public:
  explicit LeafNames(const std::vector<Element>& schema) : schema_(schema) {}

  std::optional<std::vector<std::string>> Names() {
    if (schema_.empty() || !Children(schema_[at_++].children, 0, "")) return std::nullopt;
    return std::move(names_);
  }

 private:
  bool Children(std::int64_t count, std::size_t depth, const std::string& prefix) {
    for (; count > 0; --count) {
      if (depth > kDepthMax || at_ >= schema_.size()) return false;
      const Element& element = schema_[at_++];
      std::string name = prefix + std::string(element.name);
      if (element.children > 0) {
        if (!Children(element.children, depth + 1, name + ".")) return false;
      } else {
        names_.push_back(std::move(name));
      }
    }
    return true;
  }

  const std::vector<Element>& schema_;
  std::size_t at_ = 0;
  std::vector<std::string> names_;
};

/// Whether the statistics of a chunk say that all of it is NULL.
bool ReadIsValueless(ThriftReader& reader) {
  std::int64_t values = -1;
  std::int64_t nulls = -2;
  reader.Struct([&](int id) {
    if (id == 5) return values = reader.Integer(), true;
    if (id != 12) return false;
    reader.Struct([&](int part) { return part == 3 ? (nulls = reader.Integer(), true) : false; });
    return true;
  });
  return values == nulls;
}

/// The chunk of one leaf; nothing when the row group does not have it.
std::optional<ColumnLayout::Chunk> ReadRowGroup(ThriftReader& reader, std::size_t leaf) {
  std::optional<ColumnLayout::Chunk> found;
  reader.Struct([&](int id) {
    if (id != 1) return false;
    std::size_t at = 0;
    reader.List([&] {
      const bool is_wanted = at++ == leaf;
      reader.Struct([&](int part) {
        if (part != 3 || !is_wanted) return false;
        found = ReadChunk(reader);
        return true;
      });
    });
    return true;
  });
  return found;
}

}  // namespace

ValuelessColumns::ValuelessColumns(std::string_view footer) {
  ThriftReader reader(footer);
  std::vector<Leaf> leaves;
  bool is_sound = true;
  reader.Struct([&](int id) {
    if (id == 2) {
      const auto names = LeafNames(ReadSchema(reader)).Names();
      is_sound = names.has_value();
      for (const std::string& name : names.value_or(std::vector<std::string>())) leaves.push_back({name, false});
      return true;
    }
    if (id != 4) return false;
    reader.List([&] {
      std::size_t at = 0;
      reader.Struct([&](int part) {
        if (part != 1) return false;
        reader.List([&] {
          bool has_values = true;
          reader.Struct([&](int member) {
            if (member != 3) return false;
            has_values = !ReadIsValueless(reader);
            return true;
          });
          if (at < leaves.size()) leaves[at].has_values = leaves[at].has_values || has_values;
          ++at;
        });
        return true;
      });
      is_sound = is_sound && at == leaves.size();
    });
    return true;
  });
  if (reader.ok() && is_sound) leaves_ = std::move(leaves);
}

bool ValuelessColumns::Has(std::string_view path) const {
  bool is_there = false;
  for (const Leaf& leaf : leaves_) {
    const bool is_within =
        leaf.path.starts_with(path) && (leaf.path.size() == path.size() || leaf.path[path.size()] == '.');
    if (!is_within) continue;
    if (leaf.has_values) return false;
    is_there = true;
  }
  return is_there;
}

std::optional<ColumnLayout> FindTextColumn(std::string_view footer, std::span<const std::string_view> path) {
  ThriftReader reader(footer);
  ColumnLayout layout;
  std::optional<std::size_t> leaf;
  bool is_sound = true;
  reader.Struct([&](int id) {
    if (id == 2) {
      const std::vector<Element> schema = ReadSchema(reader);
      LeafFinder finder(schema, path);
      is_sound = reader.ok() && finder.Find();
      leaf = finder.leaf;
      layout.level_max = finder.level_max;
      return true;
    }
    // Row groups come behind the schema, in every file that was ever written.
    if (id != 4 || !leaf) return false;
    reader.List([&] {
      const auto chunk = ReadRowGroup(reader, *leaf);
      is_sound = is_sound && chunk;
      if (chunk) layout.chunks.push_back(*chunk);
    });
    return true;
  });
  return reader.ok() && is_sound && leaf ? std::optional(std::move(layout)) : std::nullopt;
}

}  // namespace smelt::engine::parquet
