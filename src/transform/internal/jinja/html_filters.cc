#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <cctype>
#include <utility>

#include "transform/internal/jinja/dict.h"
#include "transform/internal/jinja/filters.h"
#include "transform/internal/jinja/interpreter.h"
#include "transform/internal/jinja/unicode.h"

namespace smelt::transform::jinja {
namespace {

Result<Value> Unchanged(BuiltinCall& call) {
  return call.input;
}

std::string EscapeHtml(std::string_view text) {
  std::string out;
  for (char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&#34;"; break;
      case '\'': out += "&#39;"; break;
      default: out += c;
    }
  }
  return out;
}
Result<Value> Escape(BuiltinCall& call) {
  return Value(EscapeHtml(call.input.ToText()));
}

/// The text without comments and tags, runs of spaces as one, and the commonest entities as characters.
Result<Value> StripTags(BuiltinCall& call) {
  std::string text = call.input.ToText();
  RE2::GlobalReplace(&text, "(?s)<!--.*?-->", "");
  RE2::GlobalReplace(&text, "(?s)<.*?>", "");
  RE2::GlobalReplace(&text, "\\s+", " ");
  text = StripRight(StripLeft(text));
  constexpr std::pair<std::string_view, std::string_view> kEntities[] = {
      {"&lt;", "<"},  {"&gt;", ">"},        {"&quot;", "\""}, {"&#34;", "\""},
      {"&#39;", "'"}, {"&nbsp;", "\u00a0"}, {"&amp;", "&"}};
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    std::string_view rest = std::string_view(text).substr(i);
    auto found = std::ranges::find_if(kEntities, [rest](const auto& entity) { return rest.starts_with(entity.first); });
    out += found == std::end(kEntities) ? rest.substr(0, 1) : found->second;
    i += found == std::end(kEntities) ? 1 : found->first.size();
  }
  return Value(std::move(out));
}

std::string PercentEncoded(std::string_view text, bool in_query) {
  std::string out;
  for (char c : text) {
    bool safe =
        std::isalnum(static_cast<unsigned char>(c)) || std::string_view("_.-~").contains(c) || (c == '/' && !in_query);
    if (safe && static_cast<unsigned char>(c) < 0x80) {
      out += c;
    } else if (c == ' ' && in_query) {
      out += '+';
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

/// A text for a path, or the pairs of a dict or list for a query.
Result<Value> UrlEncode(BuiltinCall& call) {
  bool iterable =
      call.input.is_sequence() || call.input.is_dict() || (call.input.is_object() && call.input.object().iterable());
  if (!iterable) return Value(PercentEncoded(call.input.ToText(), false));
  std::string out;
  auto add = [&out](const Value& key, const Value& value) {
    if (!out.empty()) out += '&';
    out += PercentEncoded(key.ToText(), true) + "=" + PercentEncoded(value.ToText(), true);
  };
  if (call.input.is_dict()) {
    for (const auto& [key, value] : call.input.dict().entries()) add(key, value);
    return Value(std::move(out));
  }
  SMELT_ASSIGN(List pairs, Iterate(call.input));
  for (const Value& pair : pairs) {
    SMELT_ASSIGN(List parts, Iterate(pair));
    if (parts.size() != 2) return Fail(ErrorCode::kJinjaType, "urlencode needs pairs of a key and a value");
    add(parts[0], parts[1]);
  }
  return Value(std::move(out));
}

/// A dict as the attributes of an element, without those that are none or undefined.
Result<Value> XmlAttributes(BuiltinCall& call) {
  if (!call.input.is_dict()) {
    return Fail(ErrorCode::kJinjaType, fmt::format("xmlattr needs a dict, not '{}'", call.input.type_name()));
  }
  std::string out;
  for (const auto& [key, value] : call.input.dict().entries()) {
    if (value.is_absent()) continue;
    if (!key.is_text()) return Fail(ErrorCode::kJinjaType, "xmlattr needs names that are texts");
    if (key.text().find_first_of(" \t\n\r\v\f/>=") != std::string::npos) {
      return Fail(ErrorCode::kJinjaType, fmt::format("xmlattr: {} is no name of an attribute", key.Repr()));
    }
    if (!out.empty()) out += ' ';
    out += EscapeHtml(key.text()) + "=\"" + EscapeHtml(value.ToText()) + "\"";
  }
  bool spaced = call.arguments[0].is_undefined() || call.arguments[0].Truthy();
  return Value((spaced && !out.empty() ? " " : "") + out);
}

/// What urlize was asked for.
struct LinkOptions {
  std::int64_t shown_max = -1;  ///< characters
  std::string attributes;       ///< rel and target, with a space before each
  List schemes;
};

std::string Link(std::string_view address, std::string_view shown, std::string_view attributes) {
  return fmt::format("<a href=\"{}\"{}>{}</a>", address, attributes, shown);
}

/// A word of a text, already escaped, as a link when it is an address.
std::string Linked(const std::string& word, const LinkOptions& options) {
  static const RE2 kWeb(
      "(?i)(https?://|www\\.)(([\\w%-]+\\.)+)?([a-z]{2,63}|xn--[\\w%]{2,59})"
      "|(?i)([\\w%-]{2,63}\\.)+(com|net|int|edu|gov|org|info|mil)"
      "|(?i)(https?://)((([\\d]{1,3})(\\.[\\d]{1,3}){3})|(\\[([\\da-f]{0,4}:){2}([\\da-f]{0,4}:?){1,6}\\]))");
  static const RE2 kMail("\\S+@\\w[\\w.-]*\\.\\w+");
  auto shown = [&](std::string_view text) {
    auto characters = Characters(text);
    if (options.shown_max < 0 || static_cast<std::int64_t>(characters.size()) <= options.shown_max)
      return std::string(text);
    std::string cut;
    for (std::int64_t i = 0; i < options.shown_max; ++i) cut += characters[static_cast<std::size_t>(i)];
    return cut + "...";
  };
  re2::StringPiece piece(word);
  static const RE2 kEnd("(?:(?::\\d{1,5})?(?:[/?#]\\S*)?)");
  re2::StringPiece rest = piece;
  if (RE2::Consume(&rest, kWeb) && RE2::FullMatch(rest, kEnd)) {
    bool has_scheme = word.starts_with("https://") || word.starts_with("http://");
    return Link(has_scheme ? word : "https://" + word, shown(word), options.attributes);
  }
  if (word.starts_with("mailto:") && RE2::FullMatch(word.substr(7), kMail)) return Link(word, word.substr(7), "");
  bool mail = word.contains('@') && !word.starts_with("www.") && !word.contains(':') && RE2::FullMatch(word, kMail);
  if (mail) return Link("mailto:" + word, word, "");
  for (const Value& scheme : options.schemes) {
    std::string text = scheme.ToText();
    if (word.size() > text.size() && word.starts_with(text)) return Link(word, word, options.attributes);
  }
  return word;
}

/// A word without the brackets and punctuation around it, which are no part of an address.
struct Trimmed {
  std::string head, middle, tail;
};

Trimmed Trim(std::string word) {
  Trimmed parts;
  constexpr std::string_view kOpening[] = {"(", "<", "&lt;"}, kClosing[] = {")", ">", ".", ",", "\n", "&gt;"};
  auto edge = [](std::string_view text, auto& pieces, bool at_end) {
    for (std::string_view piece : pieces) {
      if (at_end ? text.ends_with(piece) : text.starts_with(piece)) return piece.size();
    }
    return std::size_t{0};
  };
  while (std::size_t length = edge(word, kOpening, false)) {
    parts.head += word.substr(0, length);
    word.erase(0, length);
  }
  while (std::size_t length = edge(word, kClosing, true)) {
    parts.tail.insert(0, word.substr(word.size() - length));
    word.resize(word.size() - length);
  }
  // Closing brackets belong to the address as far as it opens them.
  auto count = [](std::string_view text, std::string_view piece) {
    std::size_t found = 0;
    for (std::size_t at = text.find(piece); at != std::string_view::npos; at = text.find(piece, at + piece.size()))
      ++found;
    return found;
  };
  constexpr std::pair<std::string_view, std::string_view> kPairs[] = {{"(", ")"}, {"<", ">"}, {"&lt;", "&gt;"}};
  for (const auto& [open, close] : kPairs) {
    std::size_t opened = count(word, open), closed = count(word, close);
    for (; opened > closed && parts.tail.contains(close); ++closed) {
      std::size_t end = parts.tail.find(close) + close.size();
      word += parts.tail.substr(0, end);
      parts.tail.erase(0, end);
    }
  }
  parts.middle = std::move(word);
  return parts;
}

Result<LinkOptions> LinkOptionsOf(const BuiltinCall& call) {
  LinkOptions options;
  SMELT_ASSIGN(options.shown_max, call.Integer(0, -1));
  std::vector<std::string> words{"noopener"};
  if (call.arguments[1].Truthy()) words.emplace_back("nofollow");
  if (call.Given(3) != nullptr) {
    std::string rel = call.arguments[3].ToText();
    for (std::size_t i = 0; i < rel.size();) {
      std::size_t end = std::min(rel.find(' ', i), rel.size());
      if (end > i) words.push_back(rel.substr(i, end - i));
      i = end + 1;
    }
  }
  std::ranges::sort(words);
  words.erase(std::unique(words.begin(), words.end()), words.end());
  options.attributes = fmt::format(" rel=\"{}\"", EscapeHtml(fmt::format("{}", fmt::join(words, " "))));
  if (call.Given(2) != nullptr)
    options.attributes += fmt::format(" target=\"{}\"", EscapeHtml(call.arguments[2].ToText()));
  if (call.Given(4) != nullptr) {
    SMELT_ASSIGN(options.schemes, Iterate(call.arguments[4]));
  }
  return options;
}

Result<Value> Urlize(BuiltinCall& call) {
  SMELT_ASSIGN(LinkOptions options, LinkOptionsOf(call));
  std::string text = EscapeHtml(call.input.ToText()), out;
  for (std::size_t i = 0; i < text.size();) {
    bool space = IsSpace(DecodeAt(text, i).value);
    std::size_t end = i;
    while (end < text.size() && IsSpace(DecodeAt(text, end).value) == space) end += DecodeAt(text, end).length;
    std::string word = text.substr(i, end - i);
    i = end;
    if (space) {
      out += word;
      continue;
    }
    Trimmed parts = Trim(std::move(word));
    out += parts.head + Linked(parts.middle, options) + parts.tail;
  }
  return Value(std::move(out));
}

constexpr Builtin kFilters[] = {
    {"e", Escape},
    {"escape", Escape},
    {"forceescape", Escape},
    {"safe", Unchanged},
    {"striptags", StripTags},
    {"urlencode", UrlEncode},
    {"urlize", Urlize, {"trim_url_limit", "nofollow", "target", "rel", "extra_schemes"}},
    {"xmlattr", XmlAttributes, {"autospace"}},
};
static_assert(SortedByName(kFilters));

}  // namespace

std::span<const Builtin> HtmlFilters() {
  return kFilters;
}

}  // namespace smelt::transform::jinja
