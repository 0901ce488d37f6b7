#pragma once

#include <string>

#include "transform/internal/project/project_file.h"
#include "transform/internal/project/properties.h"
#include "transform/internal/project/source_files.h"

namespace smelt::transform {

/// A properties file, where it is and whose it is.
struct LocatedProperties {
  const ProjectFile* package = nullptr;
  SourceFile file;
  PropertiesFile properties;

  /// The file as messages name it.
  std::string Shown() const { return package->shown + file.path; }
  /// The file as manifests name it: "shop://models/schema.yml".
  std::string Address() const { return package->name + "://" + file.path; }
};

}  // namespace smelt::transform
