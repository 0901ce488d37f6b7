#include "delta/internal/json_checksum.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "base/digest.h"

namespace smelt::delta {
namespace {

/// Objects within objects, beyond which nothing is looked at: what is read was written by others.
constexpr int kDepthMax = 64;

bool IsUnreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

std::string Quoted(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (IsUnreserved(c)) {
      quoted += c;
    } else {
      quoted += fmt::format("%{:02X}", static_cast<unsigned>(static_cast<unsigned char>(c)));
    }
  }
  return quoted + '"';
}

/// Adds the leaves below `value`, each as its path and its value.
void CollectLeaves(const Json& value, const std::string& path, int depth, std::vector<std::string>& leaves) {
  if (depth > kDepthMax) return;
  const std::string start = path.empty() ? "" : path + "+";
  if (value.is_object()) {
    for (const auto& [key, member] : value.items()) {
      if (depth == 0 && key == "checksum") continue;
      CollectLeaves(member, start + Quoted(key), depth + 1, leaves);
    }
  } else if (value.is_array()) {
    for (std::size_t i = 0; i < value.size(); ++i) {
      CollectLeaves(value[i], start + std::to_string(i), depth + 1, leaves);
    }
  } else {
    leaves.push_back(path + "=" + (value.is_string() ? Quoted(value.get_ref<const std::string&>()) : JsonText(value)));
  }
}

}  // namespace

std::string JsonChecksum(const Json& object) {
  std::vector<std::string> leaves;
  CollectLeaves(object, "", 0, leaves);
  std::ranges::sort(leaves);
  const std::string text = fmt::format("{}", fmt::join(leaves, ","));
  return Md5Hex(text);
}

}  // namespace smelt::delta
