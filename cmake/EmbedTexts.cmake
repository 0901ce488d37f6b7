# cmake -DFOLDER=<folder> -DPATTERN=<*.ext> -DPREFIX=<of the names> -DHEADER=<file.h> -DNAMESPACE=<smelt::module>
#   -DTYPE=<struct of name and text> -DFUNCTION=<name> -DOUTPUT=<file.cc> -P EmbedTexts.cmake
# Writes a C++ file that holds the text of every file under FOLDER that fits PATTERN, for FUNCTION of HEADER.
file(GLOB_RECURSE files RELATIVE ${FOLDER} ${FOLDER}/${PATTERN})
list(SORT files)
set(code "#include <array>\n\n#include \"${HEADER}\"\n\nnamespace ${NAMESPACE} {\nnamespace {\n\n")
string(APPEND code "constexpr auto k${FUNCTION} = std::to_array<${TYPE}>({\n")
foreach(name IN LISTS files)
  file(READ ${FOLDER}/${name} text)
  string(APPEND code "{\"${PREFIX}${name}\", R\"~embedded~(${text})~embedded~\"},\n")
endforeach()
string(APPEND code "});\n\n}  // namespace\n\nstd::span<const ${TYPE}> ${FUNCTION}() {\n  return k${FUNCTION};\n}\n\n}  // namespace ${NAMESPACE}\n")
file(WRITE ${OUTPUT} "${code}")
