message(STATUS "foz ${PROJECT_VERSION}: ${CMAKE_BUILD_TYPE}, static ${FOZ_STATIC}, strict ${FOZ_STRICT}, "
  "sanitize '${FOZ_SANITIZE}', tests ${FOZ_TESTS}, ccache '${FOZ_CCACHE}'")
