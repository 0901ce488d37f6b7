#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "notify/alert.h"

namespace smelt::notify::internal {

/// "Failed", "Warning", "Still failing", "Resolved" …: the state of things in a word or two.
std::string StateWord(const Alert& alert);

/// "[Failed] daily: 3 problems in silver": what a subject line says. One line.
std::string Subject(const Alert& alert);

/// Run, since when, last good run …: labels and values, only those that are known.
std::vector<std::pair<std::string, std::string>> Facts(const Alert& alert);

/// "and 7 more problems" when not all are listed; else empty.
std::string MoreProblems(const Alert& alert);

/// "2018-05-24 06:00 UTC".
std::string TimeText(std::int64_t micros);

/// The first `bytes_max` bytes at most, cut behind a whole character and marked so.
std::string CutText(std::string text, std::size_t bytes_max);

/// The text with its line ends and other control characters made spaces.
std::string OneLineOf(std::string_view text);

/// The colour of a state, "#d93025".
std::string_view ColourOf(const Alert& alert);

}  // namespace smelt::notify::internal
