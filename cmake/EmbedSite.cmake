# cmake -DFOLDER=<folder> -DOUTPUT=<file.cc> -P EmbedSite.cmake
# Writes a C++ file that holds the page of FOLDER with its style and scripts in it, for SitePage().
cmake_policy(VERSION 3.20)
file(READ ${FOLDER}/page.html page)
file(READ ${FOLDER}/style.css style)
set(script "")
foreach(name model text graph lineage pages)
  file(READ ${FOLDER}/${name}.js part)
  string(REPLACE "'use strict';\n" "" part "${part}")
  string(APPEND script "${part}")
endforeach()
string(REPLACE "@style@" "\n${style}" page "${page}")
string(REPLACE "@script@" "\n'use strict';\n${script}" page "${page}")
file(WRITE ${OUTPUT} "#include \"transform/internal/docs/site_page.h\"\n\nnamespace smelt::transform {\n\nstd::string_view SitePage() {\n  return R\"~embedded~(${page})~embedded~\";\n}\n\n}  // namespace smelt::transform\n")
