# `cmake --install` makes a tree that runs wherever it is moved:
#   bin/smelt                   finds lib/ beside its own folder
#   lib/libduckdb.so
#   lib/smelt/extensions/       DuckDB's signed extensions
#   share/smelt/projects/       the reference projects
#   share/doc/smelt/            licences
if(TARGET smelt)
  set_target_properties(smelt PROPERTIES INSTALL_RPATH "$ORIGIN/../lib")
  install(TARGETS smelt RUNTIME DESTINATION bin)
endif()
install(FILES ${DUCKDB_ROOT}/lib/libduckdb.so DESTINATION lib
  PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
if(EXISTS ${DUCKDB_ROOT}/extensions)
  install(DIRECTORY ${DUCKDB_ROOT}/extensions/ DESTINATION lib/smelt/extensions)
endif()
install(DIRECTORY ${CMAKE_SOURCE_DIR}/projects/ DESTINATION share/smelt/projects 
  PATTERN "__pycache__" EXCLUDE PATTERN "target" EXCLUDE PATTERN "logs" EXCLUDE)
install(FILES ${CMAKE_SOURCE_DIR}/LICENSE ${CMAKE_SOURCE_DIR}/THIRD_PARTY.md DESTINATION share/doc/smelt)
if(EXISTS ${DUCKDB_ROOT}/LICENSE)
  install(FILES ${DUCKDB_ROOT}/LICENSE DESTINATION share/doc/smelt RENAME LICENSE.duckdb)
endif()
