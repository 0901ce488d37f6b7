#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace smelt::notify::internal {

/// "Some Name <name@example.com>" in its parts.
struct MailAddress {
  std::string name;     ///< may be empty
  std::string address;  ///< "name@example.com"
};

/// Nothing for what is no address, or could be read as more than one header or recipient.
std::optional<MailAddress> ParseMailAddress(std::string_view text);

}  // namespace smelt::notify::internal
