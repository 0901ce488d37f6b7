#pragma once

// simdjson, without the checks of its own use, which it makes where NDEBUG is not defined: they are a twelfth of a
// query that picks from a table of 10,000 files by their statistics.
#pragma push_macro("NDEBUG")
#undef NDEBUG
#define NDEBUG
#include <simdjson.h>
#pragma pop_macro("NDEBUG")
#include <cassert>  // as it is for everybody else
