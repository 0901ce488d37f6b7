# cmake -DFOLDER=<folder> -DOUTPUT=<file.cc> -P EmbedTexts.cmake
# Writes a C++ file that holds the text of every *.sql file under FOLDER, for BuiltInMacros().
file(GLOB_RECURSE files RELATIVE ${FOLDER} ${FOLDER}/*.sql)
list(SORT files)
set(code "#include <array>\n\n#include \"transform/internal/project/built_in_macros.h\"\n\nnamespace smelt::transform {\nnamespace {\n\n")
string(APPEND code "constexpr auto kMacros = std::to_array<BuiltInFile>({\n")
foreach(name IN LISTS files)
  file(READ ${FOLDER}/${name} text)
  string(APPEND code "{\"macros/${name}\", R\"~embedded~(${text})~embedded~\"},\n")
endforeach()
string(APPEND code "});\n\n}  // namespace\n\nstd::span<const BuiltInFile> BuiltInMacros() {\n  return kMacros;\n}\n\n}  // namespace smelt::transform\n")
file(WRITE ${OUTPUT} "${code}")
