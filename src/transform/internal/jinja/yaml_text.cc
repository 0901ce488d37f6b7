#include "transform/internal/jinja/yaml_text.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "base/json.h"
#include "transform/internal/jinja/python_text.h"
#include "transform/internal/jinja/unicode.h"

namespace smelt::transform::jinja {
namespace {

/// Whether YAML 1.1 would read the plain text as something else than a text.
bool ReadsAsOther(const std::string& text) {
  static const RE2 kOther(
      "~|null|Null|NULL||yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF|=|<<"
      "|[-+]?(0b[0-1_]+|0[0-7_]*|(0|[1-9][0-9_]*)|0x[0-9a-fA-F_]+|[1-9][0-9_]*(:[0-5]?[0-9])+)"
      "|[-+]?([0-9][0-9_]*)\\.[0-9_]*([eE][-+][0-9]+)?|[-+]?\\.[0-9][0-9_]*([eE][-+][0-9]+)?"
      "|[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+\\.[0-9_]*|[-+]?\\.(inf|Inf|INF)|\\.(nan|NaN|NAN)"
      "|[0-9]{4}-[0-9]{2}-[0-9]{2}"
      "|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt]|[ \\t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}(\\.[0-9]*)?"
      "([ \\t]*(Z|[-+][0-9]{1,2}(:[0-9]{2})?))?");
  return RE2::FullMatch(text, kOther);
}

bool NeedsQuotes(const std::string& text) {
  if (ReadsAsOther(text)) return true;
  if (text.front() == ' ' || text.back() == ' ' || text.back() == ':') return true;
  if (std::string_view("#,[]{}&*!|>'\"%@`").contains(text.front())) return true;
  bool alone = text.size() == 1 || text[1] == ' ';
  if (alone && std::string_view("-?:").contains(text.front())) return true;
  if (text.starts_with("---") || text.starts_with("...")) return true;
  return text.contains(": ") || text.contains(" #");
}

/// Within double quotes, as JSON escapes it.
std::string DoubleQuoted(const std::string& text) {
  std::string out = "\"";
  for (std::size_t i = 0; i < text.size();) {
    CodePoint point = DecodeAt(text, i);
    std::string_view character = std::string_view(text).substr(i, point.length);
    i += point.length;
    auto code = static_cast<unsigned>(point.value);
    constexpr std::string_view kFrom = "\"\\\a\b\x1b\f\n\r\t\v\x85\xa0", kTo = "\"\\abefnrtvN_";
    std::size_t at = code < 0x100 ? kFrom.find(static_cast<char>(code)) : std::string_view::npos;
    if (code == 0) {
      out += "\\0";
    } else if (at != std::string_view::npos) {
      out += std::string("\\") + kTo[at];
    } else if (code >= 0x20 && code < 0x7F) {
      out += character;
    } else {
      out += code < 0x100     ? fmt::format("\\x{:02X}", code)
             : code < 0x10000 ? fmt::format("\\u{:04X}", code)
                              : fmt::format("\\U{:08X}", code);
    }
  }
  return out + "\"";
}

std::string QuotedScalar(const std::string& text) {
  bool special = std::ranges::any_of(text, [](char c) {
    auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte >= 0x7F;
  });
  if (special) return DoubleQuoted(text);
  if (!NeedsQuotes(text)) return text;
  std::string out = "'";
  for (char c : text) out += c == '\'' ? "''" : std::string(1, c);
  return out + "'";
}

std::string Scalar(const Json& json) {
  if (json.is_string()) return QuotedScalar(json.get<std::string>());
  if (json.is_null()) return "null";
  if (json.is_boolean()) return json.get<bool>() ? "true" : "false";
  if (!json.is_number_float()) return JsonText(json);
  std::string text = PythonReal(json.get<double>());
  if (text == "inf" || text == "-inf" || text == "nan") return text.insert(text[0] == '-' ? 1 : 0, ".");
  std::size_t exponent = text.find('e');
  return exponent != std::string::npos && !text.contains('.') ? text.insert(exponent, ".0") : text;
}

class YamlWriter {
 public:
  explicit YamlWriter(bool sort_keys) : sort_keys_(sort_keys) {}

  /// `started`: the current line already holds the indention and what leads to the value.
  void Write(const Json& json, std::size_t indent, bool started) {
    if (json.is_object() && !json.empty()) return WriteMap(json, indent, started);
    if (json.is_array() && !json.empty()) return WriteList(json, indent, started);
    out_ += json.is_object() ? "{}" : json.is_array() ? "[]" : Scalar(json);
    out_ += '\n';
  }

  std::string Take() { return std::move(out_); }

 private:
  static bool IsBlock(const Json& json) { return json.is_structured() && !json.empty(); }

  void WriteMap(const Json& json, std::size_t indent, bool started) {
    std::vector<std::pair<std::string, const Json*>> members;
    for (const auto& [key, member] : json.items()) members.emplace_back(key, &member);
    if (sort_keys_) std::ranges::sort(members, {}, &std::pair<std::string, const Json*>::first);
    for (const auto& [key, member] : members) {
      if (!std::exchange(started, false)) out_.append(indent, ' ');
      out_ += QuotedScalar(key) + ":";
      if (!IsBlock(*member)) {
        out_ += ' ';
        Write(*member, indent, true);
        continue;
      }
      out_ += '\n';
      // The items of a list stand below their key, not further in.
      Write(*member, member->is_array() ? indent : indent + 2, false);
    }
  }

  void WriteList(const Json& json, std::size_t indent, bool started) {
    for (const Json& item : json) {
      if (!std::exchange(started, false)) out_.append(indent, ' ');
      out_ += "- ";
      Write(item, indent + 2, true);
    }
  }

  bool sort_keys_;
  std::string out_;
};

}  // namespace

std::string YamlText(const Json& json, bool sort_keys) {
  YamlWriter writer(sort_keys);
  writer.Write(json, 0, true);
  std::string text = writer.Take();
  // A document of one plain scalar ends with a line that says so.
  bool plain = !json.is_structured() && text[0] != '\'' && text[0] != '"';
  return plain ? text + "...\n" : text;
}

}  // namespace smelt::transform::jinja
