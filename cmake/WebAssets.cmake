# The pages of web/ become part of the program: packages by npm when the lock file changed, the bundle when a source did.
find_program(NPM npm REQUIRED)
find_program(NODE NAMES node nodejs REQUIRED)

# smelt_web_assets(<target>): adds what WebAssets() gives to a target.
function(smelt_web_assets target)
  set(web ${CMAKE_SOURCE_DIR}/web)
  set(bundle ${CMAKE_BINARY_DIR}/web)
  set(embedded ${CMAKE_CURRENT_BINARY_DIR}/web_assets.cc)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${web}/src/* ${web}/*.mjs ${web}/*.json ${web}/*.html)
  list(FILTER sources EXCLUDE REGEX "/node_modules/")
  # npm leaves this file when it is done; it is shared by all folders of builds.
  set(packages ${web}/node_modules/.package-lock.json)
  add_custom_command(OUTPUT ${packages}
    COMMAND ${NPM} ci --no-audit --no-fund --loglevel=error
    COMMAND ${CMAKE_COMMAND} -E touch ${packages}
    WORKING_DIRECTORY ${web} DEPENDS ${web}/package-lock.json COMMENT "Fetching the packages of web/" VERBATIM)
  add_custom_command(OUTPUT ${embedded}
    COMMAND ${CMAKE_COMMAND} -E rm -rf ${bundle}
    COMMAND ${NODE} ${web}/build.mjs ${bundle}
    COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/cmake/embed_assets.py ${bundle} ${embedded}
    DEPENDS ${packages} ${sources} ${CMAKE_SOURCE_DIR}/cmake/embed_assets.py
    WORKING_DIRECTORY ${web} COMMENT "Bundling web/" VERBATIM)
  target_sources(${target} PRIVATE ${embedded})
endfunction()
