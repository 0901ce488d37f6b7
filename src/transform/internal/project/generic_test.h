#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/json.h"
#include "transform/internal/jinja/template.h"
#include "transform/internal/project/macro_set.h"
#include "transform/internal/project/manifest.h"
#include "transform/internal/project/render_context.h"

namespace smelt::transform {

/// The names that dbt gives a generic test.
struct TestNames {
  std::string brief;  ///< of files and relations: names of 64 characters and more end in a hash instead
  std::string full;
};

/// "not_null_orders_order_id": with the values of its arguments in the order of their names. `subject` is a model's
/// name, or a source's and its table's ("bronze_orders"); `test` has what dbt puts before it: "source_", a package.
TestNames MakeTestNames(std::string_view test, std::string_view subject, const Json& arguments);

/// The last part of the test's unique id, as dbt makes it: ten hex characters over its name and what it is called with.
std::string TestHash(std::string_view full_name, std::string_view test_namespace, std::string_view test,
                     std::string_view model_call, const Json& arguments);

/// A template that calls the macro of a generic test, reporting errors at `line` of `file`. The arguments are set by
/// BindTestArguments.
Result<jinja::TemplatePointer> GenericTestTemplate(const MacroEntry& macro, const std::string& file, std::int64_t line);

/// Puts the arguments of the node's test into the context it is rendered in: the tested relation as `model`, within
/// its `where`, and texts like "ref('customers')" as what they stand for.
/// Errors: kJinja…, kDbtRefMissing, at the node.
Status BindTestArguments(const Node& node, RenderContext& context);

}  // namespace smelt::transform
