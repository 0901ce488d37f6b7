# Compiler-wide settings: warnings are errors, ccache and mold where the machine has them.
find_program(CCACHE ccache)
if(CCACHE)
  # Without this sloppiness ccache keeps nothing that is built with a precompiled header; no source asks for the time of
  # its build. With the base directory, a clone finds what another one has built, wherever it lies.
  set(launcher ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros CCACHE_BASEDIR=${CMAKE_SOURCE_DIR}
    CCACHE_NOHASHDIR=1 ${CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${launcher})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${launcher})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-fpch-preprocess>)
  endif()
endif()
find_program(MOLD mold)
if(MOLD)
  add_link_options(-fuse-ld=mold)
endif()

# The libraries of modules are only linked within the build: archives that name their objects instead of copying them
# halve what it takes of the disk.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  set(CMAKE_CXX_ARCHIVE_CREATE "<CMAKE_AR> qcT <TARGET> <LINK_FLAGS> <OBJECTS>")
  set(CMAKE_CXX_ARCHIVE_APPEND "<CMAKE_AR> qT <TARGET> <LINK_FLAGS> <OBJECTS>")
endif()

add_compile_options(-Wall -Wextra -Wpedantic -Werror)
# Wrong diagnostics of GCC 12 about std::string, std::optional and std::expected; with precompiled headers also where they
# are inlined from those.
add_compile_options(-Wno-maybe-uninitialized -Wno-restrict -Wno-stringop-overflow -Wno-stringop-overread)
if(CMAKE_UNITY_BUILD)
  # What is declared in a source without linkage may be a member of what the same source declares; g++ sees another file.
  add_compile_options(-Wno-subobject-linkage)
endif()

# Where each compiler has memory enough, it need not collect garbage; a tenth of its work.
cmake_host_system_information(RESULT memory_mib QUERY TOTAL_PHYSICAL_MEMORY)
cmake_host_system_information(RESULT cores QUERY NUMBER_OF_LOGICAL_CORES)
math(EXPR memory_of_core_mib "${memory_mib} / ${cores}")
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND memory_of_core_mib GREATER 4000)
  add_compile_options($<$<COMPILE_LANGUAGE:CXX>:--param=ggc-min-heapsize=2000000>)
endif()

option(SMELT_SANITIZE "Build with AddressSanitizer and UndefinedBehaviorSanitizer" OFF)
if(SMELT_SANITIZE)
  # For what is checked, the modules and the program; what checks it is compiled as it is without sanitizers, and ccache
  # has it already.
  set(sanitize_options -Og -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  # The vptr check needs the type information of DuckDB's own classes, which its library hides in part. What the checks of
  # null pointers and sizes of objects find, AddressSanitizer finds when it happens; no byte is read through a pointer to
  # something larger, which the check of alignment would find. Together they are a third of the work.
  list(APPEND sanitize_options -fno-sanitize=vptr,null,object-size,alignment)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # What these passes cost is not earned back by code that runs once.
    list(APPEND sanitize_options -fno-tree-pta -fno-tree-sra -fno-tree-ter -fno-tree-ch -fno-tree-dse -fno-tree-copy-prop
      -fno-if-conversion -fno-forward-propagate)
    # In large functions a call for each check instead of the check itself.
    list(APPEND sanitize_options --param=asan-instrumentation-with-call-threshold=300)
    # Wrong about coroutines of Asio.
    list(APPEND sanitize_options -Wno-mismatched-new-delete)
  endif()
  add_link_options(-fsanitize=address,undefined)
endif()
