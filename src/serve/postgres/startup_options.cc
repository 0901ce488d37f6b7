#include "serve/postgres/startup_options.h"

#include <fmt/format.h>

#include <algorithm>

namespace smelt::serve::postgres {
namespace {

std::vector<std::string> Words(std::string_view text) {
  std::vector<std::string> words;
  bool within = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == ' ' || text[i] == '\t' || text[i] == '\n') {
      within = false;
      continue;
    }
    if (!within) words.emplace_back();
    within = true;
    if (text[i] == '\\' && i + 1 < text.size()) ++i;
    words.back() += text[i];
  }
  return words;
}

}  // namespace

WireResult<std::vector<std::pair<std::string, std::string>>> ReadStartupOptions(std::string_view text) {
  std::vector<std::pair<std::string, std::string>> settings;
  const std::vector<std::string> words = Words(text);
  for (std::size_t i = 0; i < words.size(); ++i) {
    std::string_view word = words[i];
    if (word == "-c" && i + 1 < words.size()) {
      word = words[++i];
    } else if (word.starts_with("-c") || word.starts_with("--")) {
      word.remove_prefix(2);
    } else {
      word = {};
    }
    const std::size_t is = word.find('=');
    if (is == std::string_view::npos || is == 0) {
      return std::unexpected(WireErrorOf("42601",
                                         fmt::format("invalid command-line argument for server process: {}", words[i]),
                                         "write -c name=value"));
    }
    std::string name(word.substr(0, is));
    std::ranges::replace(name, '-', '_');
    settings.emplace_back(std::move(name), word.substr(is + 1));
  }
  return settings;
}

}  // namespace smelt::serve::postgres
