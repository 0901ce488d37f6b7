#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace smelt::serve {

/// What a user may do at most. Each may what those before it may.
enum class Role : std::uint8_t {
  kReader,    ///< read tables of the lake
  kWriter,    ///< change them
  kOperator,  ///< run the server: pipelines, approvals, operations
};

/// "reader", "writer", "operator".
std::string_view RoleText(Role role);
/// Nothing for another text.
std::optional<Role> RoleOf(std::string_view text);

/// Through what a caller came in.
enum class Door : std::uint8_t { kHttp, kPostgres };

/// Who is behind a connection or request, and how it was shown. A value type.
struct Identity {
  std::string name{};  ///< of the user; with trust, what the client called itself, or "local"
  Role role = Role::kReader;
  Door door = Door::kHttp;
  std::string shown_by{};   ///< "trust", "password", "scram", "token", "session", "server token"; for logs
  std::string address{};    ///< of the other end, without the port
  bool reads_only = false;  ///< whatever the role: dashboards, reports and other parts that only ever read

  /// The same, for work that only reads.
  Identity Reading() const {
    Identity reader = *this;
    reader.reads_only = true;
    return reader;
  }
};

}  // namespace smelt::serve
