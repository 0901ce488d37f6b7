#include "transform/internal/parsing/parse_record.h"

#include <cstring>
#include <type_traits>

#include "base/id.h"

namespace smelt::transform {
namespace {

/// Changes with the layout of a record.
constexpr std::string_view kMagic = "smelt parse 3\n";

class Encoder {
 public:
  static constexpr bool kReads = false;

  void Number(const std::int64_t& value) {
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);  // NOLINT: the same machine reads it
  }
  void Text(const std::string& text) {
    Number(static_cast<std::int64_t>(text.size()));
    bytes_ += text;
  }
  template <typename List, typename Item>
  void Each(List& list, Item item) {
    Number(static_cast<std::int64_t>(list.size()));
    for (auto& one : list) item(one);
  }
  std::string Take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

/// Reads what an Encoder wrote. After a first mistake everything is empty.
class Decoder {
 public:
  static constexpr bool kReads = true;

  explicit Decoder(std::string_view bytes) : bytes_(bytes) {}

  void Number(std::int64_t& value) {
    const std::string_view part = Next(sizeof value);
    value = 0;
    if (is_good_) std::memcpy(&value, part.data(), sizeof value);
  }
  void Text(std::string& text) {
    std::int64_t size = 0;
    Number(size);
    text = Next(size);
  }
  template <typename List, typename Item>
  void Each(List& list, Item item) {
    std::int64_t count = 0;
    Number(count);
    // Every item has eight bytes at least.
    is_good_ = is_good_ && count >= 0 && count <= static_cast<std::int64_t>(bytes_.size() / sizeof count);
    list.resize(is_good_ ? static_cast<std::size_t>(count) : 0);
    for (auto& one : list) item(one);
  }
  bool IsWhole() const { return is_good_ && bytes_.empty(); }

 private:
  std::string_view Next(std::int64_t size) {
    is_good_ = is_good_ && size >= 0 && size <= static_cast<std::int64_t>(bytes_.size());
    if (!is_good_) return {};
    const std::string_view part = bytes_.substr(0, static_cast<std::size_t>(size));
    bytes_.remove_prefix(part.size());
    return part;
  }

  std::string_view bytes_;
  bool is_good_ = true;
};

/// The parts of a record in their order: one walk for both ways.
template <typename Coder, typename T>
void Walk(Coder& coder, T& record) {
  const auto number = [&coder](auto& value) {
    auto wide = static_cast<std::int64_t>(value);
    coder.Number(wide);
    if constexpr (Coder::kReads) value = static_cast<std::remove_reference_t<decltype(value)>>(wide);
  };
  const auto texts = [&coder](auto&... all) { (coder.Text(all), ...); };
  const auto stamp = [&](auto& one) {
    texts(one.path);
    number(one.size), number(one.modified_ns), number(one.changed_ns), number(one.inode);
  };
  const auto span = [&](auto& one) { number(one.begin), number(one.size); };
  texts(record.key);
  coder.Each(record.places.folders, texts);
  coder.Each(record.places.files, texts);
  coder.Each(record.files, stamp);
  stamp(record.manifest);
  span(record.metadata);
  coder.Each(record.nodes, [&](auto& node) {
    number(node.type);
    texts(node.unique_id, node.package, node.name, node.version, node.latest_version, node.relation.schema,
          node.relation.identifier, node.materialized, node.access, node.group, node.quoting, node.file,
          node.original_file, node.path, node.properties_file, node.face);
    coder.Each(node.reads, texts);
    span(node.text);
  });
  coder.Each(record.sources, [&](auto& source) {
    texts(source.unique_id, source.package, source.source, source.table, source.relation.schema,
          source.relation.identifier);
  });
  coder.Each(record.warnings, [&](auto& warning) {
    number(warning.code);
    texts(warning.message, warning.hint, warning.file);
    number(warning.line), number(warning.column);
  });
  coder.Each(record.counts, [&](auto& count) {
    texts(count.first);
    number(count.second);
  });
}

}  // namespace

std::string EncodeRecord(const ParseRecord& record) {
  Encoder encoder;
  Walk(encoder, record);
  const std::string body = encoder.Take();
  return std::string(kMagic) + ContentHash(body) + body;
}

Result<ParseRecord> DecodeRecord(std::string_view bytes) {
  constexpr std::size_t kHashSize = 32;
  const std::size_t head = kMagic.size() + kHashSize;
  if (bytes.size() >= head && bytes.starts_with(kMagic)) {
    const std::string_view body = bytes.substr(head);
    if (ContentHash(body) == bytes.substr(kMagic.size(), kHashSize)) {
      ParseRecord record;
      Decoder decoder(body);
      Walk(decoder, record);
      if (decoder.IsWhole()) return record;
    }
  }
  return Fail(ErrorCode::kStoreIo, "the record of the last parse is damaged or of another version");
}

}  // namespace smelt::transform
