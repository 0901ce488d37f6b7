#include "serve/postgres/copy_options.h"

#include <fmt/format.h>

#include <optional>

namespace smelt::serve::postgres {
namespace {

using TokenList = std::vector<SqlToken>;

/// Reads the tokens of a COPY from the left.
class CopyReader {
 public:
  explicit CopyReader(const ScriptPart& part) : part_(part), tokens_(part.tokens) {}

  WireResult<CopyOptions> Read() {
    ++at_;  // copy
    if (IsSymbol("(")) {
      const std::size_t open = at_;
      if (!SkipParentheses()) return Syntax();
      const std::size_t begin = tokens_[open + 1].at;
      options_.query = part_.text.substr(begin, tokens_[at_ - 1].at - begin);
    } else if (auto table = ReadTable(); !table) {
      return std::unexpected(std::move(table.error()));
    }
    at_ += 2;  // from stdin, to stdout
    if (auto read = ReadOptions(); !read) return std::unexpected(std::move(read.error()));
    return options_;
  }

 private:
  bool IsSymbol(std::string_view symbol) const { return at_ < tokens_.size() && tokens_[at_].IsSymbol(symbol); }
  bool Is(std::string_view word) const { return at_ < tokens_.size() && tokens_[at_].Is(word); }

  std::unexpected<WireError> Syntax() const {
    const bool within = at_ < tokens_.size();
    WireError error = WireErrorOf("42601", within ? fmt::format("syntax error at or near \"{}\"", tokens_[at_].text)
                                                  : std::string("syntax error at end of input"));
    error.position = (within ? tokens_[at_].at : part_.text.size()) + 1;
    return std::unexpected(std::move(error));
  }

  /// To behind the closing parenthesis of the one that is next.
  bool SkipParentheses() {
    int depth = 0;
    for (; at_ < tokens_.size(); ++at_) {
      if (IsSymbol("(")) ++depth;
      if (IsSymbol(")") && --depth == 0) {
        ++at_;
        return true;
      }
    }
    return false;
  }

  WireStatus ReadTable() {
    while (at_ < tokens_.size() && !IsSymbol("(") && !Is("from") && !Is("to")) options_.table += tokens_[at_++].text;
    if (options_.table.empty()) return Syntax();
    if (!IsSymbol("(")) return {};
    for (++at_; at_ < tokens_.size() && !IsSymbol(")"); ++at_) {
      if (!IsSymbol(",")) options_.columns.push_back(tokens_[at_].Value());
    }
    ++at_;
    return {};
  }

  WireStatus ReadOptions() {
    bool listed = false;
    for (; at_ < tokens_.size(); ++at_) {
      if (Is("with") || IsSymbol(",") || IsSymbol(")")) continue;
      if (IsSymbol("(")) {
        listed = true;
        continue;
      }
      if (auto read = ReadOption(listed); !read) return read;
    }
    if (options_.format == CopyFormat::kCsv) {
      if (!delimiter_set_) options_.delimiter = ',';
      if (!null_set_) options_.null_text.clear();
      if (!escape_set_) options_.escape = options_.quote;
    }
    return {};
  }

  /// The value of an option; of the older form, AS may stand before it.
  std::optional<std::string> ReadValue() {
    if (at_ + 1 < tokens_.size() && tokens_[at_ + 1].Is("as")) ++at_;
    if (at_ + 1 >= tokens_.size()) return std::nullopt;
    ++at_;
    std::string value = tokens_[at_].Value();
    if (tokens_[at_].text.starts_with('E') || tokens_[at_].text.starts_with('e')) {
      if (value == "E'\\t'" || value == "e'\\t'") return "\t";
    }
    return value;
  }

  bool ReadSwitch() {
    const bool has_value =
        at_ + 1 < tokens_.size() && !tokens_[at_ + 1].IsSymbol(",") && !tokens_[at_ + 1].IsSymbol(")");
    if (!has_value) return true;
    if (tokens_[at_ + 1].kind == TokenKind::kWord && !tokens_[at_ + 1].Is("true") && !tokens_[at_ + 1].Is("false") &&
        !tokens_[at_ + 1].Is("on") && !tokens_[at_ + 1].Is("off")) {
      return true;
    }
    const std::string value = tokens_[++at_].Value();
    return value == "true" || value == "on" || value == "1";
  }

  WireStatus ReadOption(bool listed) {
    const std::string name = tokens_[at_].Value();
    if (name == "csv" || name == "binary") return SetFormat(name);
    if (name == "header") {
      options_.header = ReadSwitch();
      return {};
    }
    const bool known = name == "format" || name == "delimiter" || name == "delimiters" || name == "null" ||
                       name == "quote" || name == "escape" || name == "encoding";
    if (!known && listed && name == "freeze") {
      ReadSwitch();
      return {};
    }
    if (!known) {
      return std::unexpected(WireErrorOf("0A000", fmt::format("the COPY option \"{}\" is not supported", name)));
    }
    const auto value = ReadValue();
    if (!value) return Syntax();
    if (name == "format") return SetFormat(*value);
    if (name == "null") {
      options_.null_text = *value;
      null_set_ = true;
      return {};
    }
    if (name == "encoding") return {};
    if (value->size() != 1) {
      return std::unexpected(WireErrorOf("0A000", fmt::format("COPY {} must be a single one-byte character", name)));
    }
    if (name == "quote") options_.quote = (*value)[0];
    if (name == "escape") {
      options_.escape = (*value)[0];
      escape_set_ = true;
    }
    if (name.starts_with("delimiter")) {
      options_.delimiter = (*value)[0];
      delimiter_set_ = true;
    }
    return {};
  }

  WireStatus SetFormat(const std::string& name) {
    if (name == "text") {
      options_.format = CopyFormat::kText;
    } else if (name == "csv") {
      options_.format = CopyFormat::kCsv;
    } else if (name == "binary") {
      options_.format = CopyFormat::kBinary;
    } else {
      return std::unexpected(WireErrorOf("22023", fmt::format("COPY format \"{}\" not recognized", name)));
    }
    return {};
  }

  const ScriptPart& part_;
  const TokenList& tokens_;
  std::size_t at_ = 0;
  CopyOptions options_{};
  bool delimiter_set_ = false;
  bool null_set_ = false;
  bool escape_set_ = false;
};

}  // namespace

WireResult<CopyOptions> ReadCopy(const ScriptPart& part) {
  return CopyReader(part).Read();
}

}  // namespace smelt::serve::postgres
