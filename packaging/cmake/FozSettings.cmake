# Flags and third-party libraries, as INTERFACE targets that rooms link privately.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()

# One cache for all clones: paths below the source folder count as relative to it, for ccache and in what the compiler writes.
find_program(FOZ_CCACHE ccache)
if(FOZ_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
    CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${FOZ_CCACHE})
endif()

option(FOZ_STRICT "Warnings are errors" OFF)
set(FOZ_SANITIZE "" CACHE STRING "Sanitizers, as for -fsanitize=")

add_library(foz_settings INTERFACE)
target_include_directories(foz_settings INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_definitions(foz_settings INTERFACE _GNU_SOURCE)
target_compile_options(foz_settings INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor
  -Wimplicit-fallthrough -Wno-missing-field-initializers $<$<BOOL:${FOZ_STRICT}>:-Werror>
  -ffile-prefix-map=${PROJECT_SOURCE_DIR}=.)
# ccache hands the compiler relative paths: those of a build folder that lies elsewhere would name the way to the source.
file(RELATIVE_PATH FOZ_WAY_TO_SOURCE ${PROJECT_BINARY_DIR} ${PROJECT_SOURCE_DIR})
if(NOT FOZ_WAY_TO_SOURCE MATCHES "^[./]*$")
  target_compile_options(foz_settings INTERFACE "-ffile-prefix-map=${FOZ_WAY_TO_SOURCE}=.")
endif()
# fmt, compiled once; see the source.
add_library(foz_fmt STATIC ${PROJECT_SOURCE_DIR}/core/base/fmt_library.cpp)
set_target_properties(foz_fmt PROPERTIES POSITION_INDEPENDENT_CODE ON)
target_link_libraries(foz_settings INTERFACE foz_fmt)
if(FOZ_SANITIZE)
  target_compile_options(foz_settings INTERFACE -fsanitize=${FOZ_SANITIZE} -fno-omit-frame-pointer)
  target_link_options(foz_settings INTERFACE -fsanitize=${FOZ_SANITIZE})
  set(FOZ_STATIC OFF CACHE BOOL "" FORCE)
endif()
