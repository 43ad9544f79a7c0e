# One folder that works when copied to another machine: bin/ and share/foz/. The build folder has the same shape through links,
# so that a foz that was just built finds its plugins and site templates in the same way.
include(GNUInstallDirs)

file(MAKE_DIRECTORY ${PROJECT_BINARY_DIR}/share/foz)
foreach(folder site schema)
  file(CREATE_LINK ${PROJECT_SOURCE_DIR}/templates/${folder} ${PROJECT_BINARY_DIR}/share/foz/${folder} SYMBOLIC)
endforeach()

foreach(program foz foz-agent foz-libslurm)
  if(TARGET ${program})
    install(TARGETS ${program} RUNTIME DESTINATION bin)
  endif()
endforeach()
install(DIRECTORY templates/site templates/schema DESTINATION share/foz)
install(FILES LICENSE README.md CHANGELOG.md DESTINATION share/doc/foz)
install(DIRECTORY docs DESTINATION share/doc/foz FILES_MATCHING PATTERN "*.md" PATTERN "*.svg")
