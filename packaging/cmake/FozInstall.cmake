# One folder that works when copied to another machine: bin/ and share/foz/. The build folder has the same shape through links,
# so that a foz that was just built finds its plugins and site templates in the same way.
include(GNUInstallDirs)

set(FOZ_PLUGIN_FOLDERS spark tensorflow)

file(MAKE_DIRECTORY ${PROJECT_BINARY_DIR}/share/foz/plugins)
file(CREATE_LINK ${PROJECT_SOURCE_DIR}/templates/site ${PROJECT_BINARY_DIR}/share/foz/site SYMBOLIC)
file(CREATE_LINK ${PROJECT_SOURCE_DIR}/templates/schema ${PROJECT_BINARY_DIR}/share/foz/schema SYMBOLIC)
foreach(plugin IN LISTS FOZ_PLUGIN_FOLDERS)
  file(CREATE_LINK ${PROJECT_SOURCE_DIR}/plugins/${plugin} ${PROJECT_BINARY_DIR}/share/foz/plugins/${plugin} SYMBOLIC)
  install(DIRECTORY plugins/${plugin} DESTINATION share/foz/plugins
    PATTERN "*.cpp" EXCLUDE PATTERN "*.h" EXCLUDE PATTERN "CMakeLists.txt" EXCLUDE PATTERN "__pycache__" EXCLUDE)
endforeach()

install(TARGETS foz foz-agent RUNTIME DESTINATION bin)
if(TARGET foz-libslurm)
  install(TARGETS foz-libslurm RUNTIME DESTINATION bin)
endif()
install(DIRECTORY templates/site templates/schema DESTINATION share/foz)
install(FILES LICENSE README.md DESTINATION share/doc/foz)
