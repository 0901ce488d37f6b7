#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "transform/internal/jinja/standard_globals.h"
#include "transform/internal/project/macro_set.h"
#include "transform/internal/project/manifest.h"
#include "transform/internal/project/project_file.h"
#include "transform/invoke.h"

namespace smelt::transform {

/// A table of a source.
struct SourceTable {
  std::string unique_id;  ///< "source.olist.bronze.orders"
  std::string source, table;
  RelationName relation;
  std::string description;
  std::vector<std::string> tags;
  std::string file;
  std::int64_t line = 1;
};

/// What the project keeps of a node beside the manifest.
struct NodeDetail {
  std::vector<std::string> fqn;                    ///< project, folders, name
  const jinja::Body* body = nullptr;               ///< the part of the template that is the node's SQL; null: all of it
  std::string source_input;                        ///< unique id of the source table that a generic test is attached to
  std::vector<std::string> sources;                ///< unique ids of the source tables it reads
  std::string raw_sql;                             ///< its text before rendering; of a seed, the hash of its file
  std::map<std::string, std::string> environment;  ///< environment variables that its SQL was made with
};

/// Everything known of a project. Filled by the loader, immutable then.
struct ProjectState {
  InvokeOptions options;
  ProjectFile file;
  MacroSet macros;
  jinja::GlobalTable functions;  ///< what every template can call
  std::string macros_hash;
  std::int64_t started_micros = 0;
  Manifest manifest;
  std::map<std::string, NodeDetail> details;             ///< by unique id
  std::map<std::string, std::string, std::less<>> refs;  ///< name → unique id of model, seed or snapshot
  std::set<std::string, std::less<>> disabled;           ///< names that a ref may not use
  std::map<std::pair<std::string, std::string>, SourceTable> sources;  ///< by source and table
  std::map<std::string, std::string, std::less<>> docs;                ///< docs blocks by name

  const SourceTable* FindSource(const std::string& source, const std::string& table) const {
    auto found = sources.find({source, table});
    return found == sources.end() ? nullptr : &found->second;
  }
};

}  // namespace smelt::transform
