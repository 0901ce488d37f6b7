#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <ranges>
#include <vector>

#include "base/config.h"
#include "base/file.h"
#include "transform/deps.h"

namespace smelt::transform {
namespace {

namespace fs = std::filesystem;

/// The last part of a name without what differs between the hub and repositories: "dbt-utils" of
/// "https://x/dbt-labs/dbt-utils.git".
std::string ShortName(std::string name) {
  if (name.ends_with(".git")) name.resize(name.size() - 4);
  while (name.ends_with('/')) name.pop_back();
  name = name.substr(name.rfind('/') + 1);
  std::ranges::replace(name, '_', '-');
  return name;
}

std::string Entry(const NewPackage& package, const std::string& indent) {
  const bool is_hub = package.source == "hub";
  std::string text = fmt::format("{}- {}: {}\n", indent, is_hub ? "package" : package.source, JsonText(package.name));
  if (package.version.empty()) return text;
  std::string version = JsonText(package.version);
  if (package.version.find(',') != std::string::npos) {
    version.clear();
    for (const auto bound : std::views::split(package.version, ',')) {
      version += (version.empty() ? "[" : ", ") + JsonText(std::string_view(bound));
    }
    version += ']';
  }
  return text + fmt::format("{}  {}: {}\n", indent, package.source == "git" ? "revision" : "version", version);
}

std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> lines;
  for (const auto line : std::views::split(text, '\n')) lines.emplace_back(std::string_view(line));
  if (!lines.empty() && lines.back().empty()) lines.pop_back();
  return lines;
}

std::size_t Indent(const std::string& line) {
  return std::min(line.find_first_not_of(' '), line.size());
}

/// Where the item that begins in line `first` ends: before the next line that is not indented more than it.
std::size_t EndOf(const std::vector<std::string>& lines, std::size_t first) {
  std::size_t end = first + 1;
  for (std::size_t i = first + 1; i < lines.size(); ++i) {
    const bool is_blank = Indent(lines[i]) == lines[i].size();
    if (is_blank) continue;
    if (Indent(lines[i]) <= Indent(lines[first])) break;
    end = i + 1;
  }
  return end;
}

/// The package that an entry names, of whatever kind.
std::string NameOf(const ConfigNode& entry) {
  for (const char* key : {"package", "git", "local", "tarball"}) {
    const auto name = entry.is_map() ? entry.Find(key) : std::nullopt;
    if (!name || name->is_null()) continue;
    if (auto text = name->AsString()) return *std::move(text);
  }
  return {};
}

}  // namespace

Status AddPackage(const std::string& project_dir, const NewPackage& package) {
  const std::string path = (fs::path(project_dir) / "packages.yml").string();
  std::error_code ignored;
  if (!fs::exists(path, ignored)) return WriteWholeFile(path, "packages:\n" + Entry(package, "  "));
  SMELT_ASSIGN(const std::string text, ReadWholeFile(path));
  SMELT_ASSIGN(const ConfigNode root, ConfigNode::ParseYaml(text, path));
  std::vector<std::string> lines = Lines(text);
  const auto list = root.is_map() ? root.Find("packages") : std::nullopt;
  if (!list || list->is_null() || list->items().empty()) {
    // An empty list may be written as `packages: []`.
    std::erase_if(lines, [](const std::string& line) { return line.starts_with("packages:"); });
    lines.emplace_back("packages:\n" + Entry(package, "  "));
    lines.back().pop_back();
  } else {
    const std::size_t first = static_cast<std::size_t>(list->items().front().line()) - 1;
    if (first >= lines.size() || !lines[first].substr(Indent(lines[first])).starts_with("- ")) {
      return Fail(list->ErrorHere(ErrorCode::kConfigValueInvalid, "packages is not written with an entry per line")
                      .Hint("write each package in a line of its own that begins with `- `"));
    }
    const std::string indent(Indent(lines[first]), ' ');
    const std::size_t last = static_cast<std::size_t>(list->items().back().line()) - 1;
    std::string entry = Entry(package, indent);
    entry.pop_back();
    lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(EndOf(lines, last)), entry);
    for (const ConfigNode& item : std::views::reverse(list->items())) {
      if (ShortName(NameOf(item)) != ShortName(package.name)) continue;
      const std::size_t begin = static_cast<std::size_t>(item.line()) - 1;
      lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(begin),
                  lines.begin() + static_cast<std::ptrdiff_t>(EndOf(lines, begin)));
    }
  }
  std::string changed;
  for (const std::string& line : lines) changed += line + "\n";
  return WriteWholeFile(path, changed);
}

}  // namespace smelt::transform
