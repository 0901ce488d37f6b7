#include "state/internal/machine.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "state/lock.h"

namespace smelt::state::internal {
namespace {

std::string FirstLine(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

std::string NameMachine() {
  std::error_code ignored;
  const std::string processes = std::filesystem::read_symlink("/proc/self/ns/pid", ignored).string();
  return fmt::format("{} {} {}", CurrentOwner("").host, FirstLine("/proc/sys/kernel/random/boot_id"), processes);
}

}  // namespace

const std::string& ThisMachine() {
  static const std::string kName = NameMachine();
  return kName;
}

std::int64_t ProcessStart(std::int64_t pid) {
  const std::string line = FirstLine(fmt::format("/proc/{}/stat", pid));
  // The name of the program, in brackets, may hold anything; the start is the 20th field behind it.
  const std::size_t name_end = line.rfind(')');
  if (name_end == std::string::npos) return 0;
  constexpr int kStartField = 20;
  std::istringstream fields(line.substr(name_end + 1));
  std::string field;
  fields >> field;
  if (field == "Z" || field == "X") return 0;  // it is dead, and its parent has not looked yet
  for (int i = 1; i < kStartField; ++i) fields >> field;
  std::int64_t start = 0;
  std::istringstream(field) >> start;
  return start;
}

}  // namespace smelt::state::internal
