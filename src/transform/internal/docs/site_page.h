#pragma once

#include <string_view>

namespace smelt::transform {

/// The page of the docs site, made of the files of src/transform/site; @title@ and @data@ stand for what a project
/// puts there.
std::string_view SitePage();

}  // namespace smelt::transform
