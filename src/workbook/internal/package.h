#pragma once

#include <stop_token>
#include <string>
#include <string_view>

#include "base/error.h"

namespace smelt::workbook::internal {

/// Reads a package (a ZIP file without extensions, as this module writes them) from its directory to its last byte:
/// every part has the size and checksum that the directory says, and is an XML document to its end.
/// Errors: kStoreIo naming the part that is not whole; kCancelled.
Status CheckPackage(const std::string& path, const std::stop_token& stop);

/// The text of one part: "xl/worksheets/sheet1.xml". Errors: kStoreNotFound, kStoreIo.
Result<std::string> ReadPart(const std::string& path, std::string_view part);

}  // namespace smelt::workbook::internal
