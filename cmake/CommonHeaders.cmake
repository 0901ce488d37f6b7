# Headers of others that most sources include take longer to parse than the sources themselves: they are precompiled
# once for the libraries of all modules, and once, with those of googletest, for all tests.
set(common_headers <algorithm> <array> <charconv> <filesystem> <functional> <map> <memory> <mutex> <optional> <set>
  <string> <string_view> <utility> <vector> <fmt/format.h> <fmt/ranges.h> <nlohmann/json.hpp>)

file(WRITE ${CMAKE_BINARY_DIR}/common_headers.cc "int main() {}\n")

# Same kind of target as those that use it: code for libraries and for programs is made with different options.
add_library(smelt_common_headers STATIC ${CMAKE_BINARY_DIR}/common_headers.cc)
target_link_libraries(smelt_common_headers PRIVATE fmt::fmt nlohmann_json::nlohmann_json Threads::Threads)
target_precompile_headers(smelt_common_headers PRIVATE ${common_headers})
target_compile_options(smelt_common_headers PRIVATE ${sanitize_options})

# Tests are made once and run once: what the compiler would spend on making them faster is never earned.
set(test_options -O0)
add_executable(smelt_test_headers ${CMAKE_BINARY_DIR}/common_headers.cc)
target_link_libraries(smelt_test_headers PRIVATE fmt::fmt nlohmann_json::nlohmann_json GTest::gtest Threads::Threads)
target_precompile_headers(smelt_test_headers PRIVATE ${common_headers} <gtest/gtest.h>)
target_compile_options(smelt_test_headers PRIVATE ${test_options})
