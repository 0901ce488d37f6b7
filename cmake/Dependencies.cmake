# What smelt links. `make setup` installs the packages and puts DuckDB under .deps/duckdb.
find_package(Threads REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(simdjson REQUIRED)
# Its headers alone: Asio and Beast.
find_package(Boost 1.81 REQUIRED)
find_package(CLI11 REQUIRED)
find_package(CURL REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(pugixml REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(ZLIB REQUIRED)
# The header alone: libpq is loaded when it is first needed.
find_path(LIBPQ_INCLUDE postgresql/libpq-fe.h REQUIRED)
find_package(GTest REQUIRED)
find_package(Python3 COMPONENTS Interpreter REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(RE2 REQUIRED IMPORTED_TARGET re2)
# It asks for -pthread, which the C library has done without for long, and which common_headers are not compiled with.
set_property(TARGET PkgConfig::RE2 PROPERTY INTERFACE_COMPILE_OPTIONS "")
pkg_check_modules(EDIT REQUIRED IMPORTED_TARGET libedit)
pkg_check_modules(XXHASH REQUIRED IMPORTED_TARGET libxxhash)
pkg_check_modules(SNAPPY REQUIRED IMPORTED_TARGET snappy)
pkg_check_modules(LZ4 REQUIRED IMPORTED_TARGET liblz4)
pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(XLSXWRITER REQUIRED IMPORTED_TARGET xlsxwriter)

set(DUCKDB_ROOT ${CMAKE_SOURCE_DIR}/.deps/duckdb CACHE PATH "DuckDB 1.5.5: include/ and lib/libduckdb.so")
if(NOT EXISTS ${DUCKDB_ROOT}/lib/libduckdb.so)
  message(FATAL_ERROR "DuckDB is missing under ${DUCKDB_ROOT}: run `make setup`")
endif()
# The library names itself libduckdb.so (its soname), so programs look it up by that name along their run path.
add_library(duckdb SHARED IMPORTED GLOBAL)
set_target_properties(duckdb PROPERTIES
  IMPORTED_LOCATION ${DUCKDB_ROOT}/lib/libduckdb.so
  IMPORTED_SONAME libduckdb.so
  INTERFACE_INCLUDE_DIRECTORIES ${DUCKDB_ROOT}/include)
