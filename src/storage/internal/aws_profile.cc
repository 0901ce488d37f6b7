#include "storage/internal/aws_profile.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdlib>
#include <filesystem>
#include <set>

#include "base/file.h"

namespace smelt::storage::internal {
namespace {

namespace fs = std::filesystem;

/// Section → name → value.
using Sections = std::map<std::string, AwsProfile>;

std::string_view Trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r";
  const std::size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

/// "[profile  name]" of a configuration file and "[name]" are both "name".
std::string SectionName(std::string_view line) {
  constexpr std::string_view kProfile = "profile ";
  std::string_view name = Trimmed(line.substr(1, line.find(']') - 1));
  if (name.starts_with(kProfile)) name = Trimmed(name.substr(kProfile.size()));
  return std::string(name);
}

/// Lines that begin with a space belong to a group of settings ("s3 =") that means nothing to us.
bool IsSetting(std::string_view line) {
  return !Trimmed(line).empty() && line[0] != '#' && line[0] != ';' && line[0] != ' ' && line[0] != '\t';
}

Status ReadLine(std::string_view line, std::string& section, Sections& sections) {
  if (!IsSetting(line)) return {};
  if (line[0] == '[') {
    if (!line.contains(']')) return Fail(ErrorCode::kConfigValueInvalid, "the name of a section lacks its ']'");
    section = SectionName(line);
    sections.try_emplace(section);
    return {};
  }
  const std::size_t equals = line.find('=');
  if (equals == std::string_view::npos) {
    return Fail(ErrorCode::kConfigValueInvalid, "the line is neither 'name = value' nor '[section]'");
  }
  const std::string_view name = Trimmed(line.substr(0, equals));
  sections[section][std::string(name)] = Trimmed(line.substr(equals + 1));
  return {};
}

Result<Sections> ReadSections(const std::string& path) {
  std::error_code ignored;
  Sections sections;
  if (path.empty() || !fs::exists(path, ignored)) return sections;
  SMELT_ASSIGN(const std::string text, ReadWholeFile(path));
  std::string section;
  std::int64_t number = 0;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    ++number;
    auto read = ReadLine(std::string_view(text).substr(begin, end - begin), section, sections);
    if (!read) return Fail(Error(read.error().code(), read.error().message()).At(path, number));
    begin = end + 1;
  }
  return sections;
}

std::string Variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::string InHome(const char* variable, const char* file) {
  std::string path = Variable(variable);
  if (!path.empty()) return path;
  const std::string home = Variable("HOME");
  return home.empty() ? "" : (fs::path(home) / ".aws" / file).string();
}

}  // namespace

AwsProfileFiles AwsProfileFilesFromEnvironment() {
  AwsProfileFiles files;
  files.credentials = InHome("AWS_SHARED_CREDENTIALS_FILE", "credentials");
  files.config = InHome("AWS_CONFIG_FILE", "config");
  const std::string profile = Variable("AWS_PROFILE");
  if (!profile.empty()) files.profile = profile;
  files.asked_for = !profile.empty();
  return files;
}

Result<AwsProfile> ReadAwsProfile(const AwsProfileFiles& files) {
  SMELT_ASSIGN(const Sections config, ReadSections(files.config));
  SMELT_ASSIGN(const Sections credentials, ReadSections(files.credentials));
  AwsProfile profile;
  std::set<std::string> names;
  bool found = false;
  for (const Sections* sections : {&credentials, &config}) {
    for (const auto& [name, settings] : *sections) {
      names.insert(name);
      if (name != files.profile) continue;
      found = true;
      profile.insert(settings.begin(), settings.end());
    }
  }
  if (found || !files.asked_for) return profile;
  return Fail(Error(ErrorCode::kConfigValueInvalid,
                    fmt::format("there is no profile '{}' in {} or {}", files.profile, files.credentials, files.config))
                  .Hint(names.empty() ? "unset AWS_PROFILE, or make the profile with `aws configure`"
                                      : fmt::format("AWS_PROFILE can be {}", fmt::join(names, ", "))));
}

}  // namespace smelt::storage::internal
