# One folder that works when copied to another machine: bin/ and share/foz/. The build folder has the same shape through links,
# so that a foz that was just built finds its plugins and site templates in the same way.

file(MAKE_DIRECTORY ${PROJECT_BINARY_DIR}/share/foz)
foreach(folder site schema)
  file(CREATE_LINK ${PROJECT_SOURCE_DIR}/templates/${folder} ${PROJECT_BINARY_DIR}/share/foz/${folder} SYMBOLIC)
endforeach()

# The folders' names are fixed: a program finds share/foz beside the bin/ that it lies in, wherever both were copied.
foreach(program foz foz-agent foz-libslurm)
  if(TARGET ${program})
    install(TARGETS ${program} RUNTIME DESTINATION bin)
  endif()
endforeach()
install(DIRECTORY templates/site templates/schema DESTINATION share/foz)
# The manual, with what its pages link to: they stand to each other as in the repository.
install(FILES LICENSE README.md CHANGELOG.md ARCHITECTURE.md CONTRIBUTING.md DESTINATION share/doc/foz)
install(DIRECTORY docs DESTINATION share/doc/foz FILES_MATCHING PATTERN "*.md" PATTERN "*.svg")
install(DIRECTORY plugins/api DESTINATION share/doc/foz/plugins)
install(FILES tests/README.md DESTINATION share/doc/foz/tests)
install(DIRECTORY examples DESTINATION share/doc/foz FILES_MATCHING PATTERN "*.md" PATTERN "*.yaml" PATTERN "*.py" PATTERN "requirements.txt")
