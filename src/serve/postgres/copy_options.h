#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "serve/postgres/portal.h"

namespace smelt::serve::postgres {

/// How data in the binary format begins.
inline constexpr std::string_view kCopySignature("PGCOPY\n\xff\r\n\0", 11);

enum class CopyFormat : std::uint8_t { kText, kCsv, kBinary };

/// What a COPY from or to the client says.
struct CopyOptions {
  std::string query{};  ///< of COPY (query) TO
  std::string table{};  ///< as it stands in the statement, quoted where it is
  std::vector<std::string> columns{};
  CopyFormat format = CopyFormat::kText;
  char delimiter = '\t';
  std::string null_text = "\\N";
  bool header = false;
  char quote = '"';
  char escape = '"';
};

/// Reads a COPY statement. Errors: 42601 with the place; 0A000 for options that the door does not have.
WireResult<CopyOptions> ReadCopy(const ScriptPart& part);

}  // namespace smelt::serve::postgres
