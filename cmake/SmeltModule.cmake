include(GoogleTest)

# The test programs of all modules, without the finished program.
add_custom_target(unit_tests)

# smelt_module(<name> USES <module>... LINKS <library>... PRECOMPILES <header>... [WITHOUT_SANITIZERS])
# One static library from src/<name>/**/*.cc (tests apart) and one test program from src/<name>/tests/*_test.cc.
# PRECOMPILES: headers that most sources of the module include, beside those that are common to all modules.
# WITHOUT_SANITIZERS: compiled as for use in any case; what it calls in other modules is checked.
function(smelt_module name)
  cmake_parse_arguments(ARG "WITHOUT_SANITIZERS" "" "USES;LINKS;PRECOMPILES" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cc)
  list(FILTER sources EXCLUDE REGEX "/tests/")
  list(FILTER sources EXCLUDE REGEX "/main\\.cc$")
  if(sources)
    add_library(smelt_${name} STATIC ${sources})
    if(NOT ARG_WITHOUT_SANITIZERS)
      target_compile_options(smelt_${name} PRIVATE ${sanitize_options})
    endif()
    set(scope PUBLIC)
    if(ARG_PRECOMPILES)
      target_precompile_headers(smelt_${name} PRIVATE ${common_headers} ${ARG_PRECOMPILES})
    else()
      target_precompile_headers(smelt_${name} REUSE_FROM smelt_common_headers)
    endif()
  else()
    add_library(smelt_${name} INTERFACE)
    set(scope INTERFACE)
  endif()
  target_include_directories(smelt_${name} ${scope} ${CMAKE_SOURCE_DIR}/src)
  set(uses ${ARG_USES})
  list(TRANSFORM uses PREPEND smelt_)
  target_link_libraries(smelt_${name} ${scope} ${uses} ${ARG_LINKS} fmt::fmt Threads::Threads)

  file(GLOB tests CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/tests/*_test.cc)
  if(tests)
    add_executable(${name}_tests ${tests})
    add_dependencies(unit_tests ${name}_tests)
    target_link_libraries(${name}_tests PRIVATE smelt_${name} GTest::gtest_main)
    target_precompile_headers(${name}_tests REUSE_FROM smelt_test_headers)
    target_compile_options(${name}_tests PRIVATE ${test_options})
    # Before the tests' own objects: of inline functions that both have, those of the module are taken, which are fast.
    target_link_options(${name}_tests PRIVATE LINKER:--whole-archive $<TARGET_FILE:smelt_${name}> LINKER:--no-whole-archive)
    target_compile_definitions(${name}_tests PRIVATE SMELT_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
    # Suites named <Peer>Service need a running peer, Foreign* data that is not part of the project; their module adds an
    # entry that brings it.
    set(filter -*Service.*:Foreign*)
    if(SMELT_SANITIZE)
      # Under the sanitizers a program takes longer to begin than most cases to run: each runs a quarter of them.
      foreach(shard RANGE 3)
        add_test(NAME ${name}.shard_${shard} COMMAND ${name}_tests --gtest_brief=1 --gtest_filter=${filter})
        set_tests_properties(${name}.shard_${shard} PROPERTIES LABELS unit TIMEOUT 1800
          ENVIRONMENT "GTEST_TOTAL_SHARDS=4;GTEST_SHARD_INDEX=${shard}")
      endforeach()
    else()
      # Each case is a test of ctest, listed when ctest starts: `ctest -R '^delta\\.'` runs those of one module.
      gtest_discover_tests(${name}_tests TEST_PREFIX ${name}. DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60
        TEST_FILTER ${filter} PROPERTIES LABELS unit TIMEOUT 600)
    endif()
  endif()
endfunction()
