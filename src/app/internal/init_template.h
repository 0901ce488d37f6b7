#pragma once

#include <span>
#include <string_view>

namespace smelt::app {

struct TemplateFile {
  std::string_view path;  ///< relative to the project
  std::string_view text;  ///< <<name>> stands for the name of the project
};

/// The files of a new project: a small shop whose pipeline runs as it is.
std::span<const TemplateFile> ProjectTemplate();

}  // namespace smelt::app
