# foz_room(NAME [SOURCES file...] [EDGES room...] [LIBRARIES lib...])
#   One static library for the room in this folder. EDGES are the other rooms whose headers it may include;
#   LIBRARIES are third-party link targets, private to the room.
function(foz_room name)
  cmake_parse_arguments(ROOM "" "" "SOURCES;EDGES;LIBRARIES" ${ARGN})
  add_library(foz_${name} STATIC ${ROOM_SOURCES})
  target_link_libraries(foz_${name} PUBLIC foz_settings)
  foreach(edge IN LISTS ROOM_EDGES)
    target_link_libraries(foz_${name} PUBLIC foz_${edge})
  endforeach()
  target_link_libraries(foz_${name} PRIVATE ${ROOM_LIBRARIES})
endfunction()

# foz_unit_test(NAME SOURCES file... ROOMS room... [LABEL tier])
#   One GoogleTest program; each of its tests is a ctest test named after it, labelled with its tier (unit by default). Where it lies is told
#   to tests/support/folders.cpp alone, so that ccache has all other objects for every clone.
function(foz_unit_test name)
  cmake_parse_arguments(TEST "" "LABEL;TIMEOUT" "SOURCES;ROOMS;LIBRARIES" ${ARGN})
  if(NOT TEST_LABEL)
    set(TEST_LABEL unit)
  endif()
  if(NOT TEST_TIMEOUT)
    set(TEST_TIMEOUT 60)
  endif()
  add_executable(${name} ${TEST_SOURCES})
  foreach(room IN LISTS TEST_ROOMS)
    target_link_libraries(${name} PRIVATE foz_${room})
  endforeach()
  target_link_libraries(${name} PRIVATE ${TEST_LIBRARIES} foz_test_folders GTest::gmock GTest::gtest_main)
  gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST PROPERTIES
    LABELS ${TEST_LABEL} TIMEOUT ${TEST_TIMEOUT} FIXTURES_REQUIRED room)
endfunction()

# foz_program(NAME SOURCES file... ROOMS room... [LIBRARIES lib...])
#   A program that is fully static when FOZ_STATIC is on: one folder copied to a cluster is an installation.
function(foz_program name)
  cmake_parse_arguments(PROGRAM "" "" "SOURCES;ROOMS;LIBRARIES" ${ARGN})
  add_executable(${name} ${PROGRAM_SOURCES})
  foreach(room IN LISTS PROGRAM_ROOMS)
    target_link_libraries(${name} PRIVATE foz_${room})
  endforeach()
  target_link_libraries(${name} PRIVATE ${PROGRAM_LIBRARIES})
  if(FOZ_STATIC)
    target_link_options(${name} PRIVATE -static-pie)
  endif()
  if(CMAKE_BUILD_TYPE STREQUAL "Release")
    target_link_options(${name} PRIVATE -s)
  endif()
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
endfunction()

# foz_python_tests(PREFIX LABEL [TIMEOUT seconds])
#   Every test_*.py of this folder is one ctest test, PREFIX.NAME. The program under test is $FOZ_BIN. A test that cannot run prints "SKIPPED: why".
#   Tests with real frameworks have the machine to themselves.
function(foz_python_tests prefix label)
  cmake_parse_arguments(TEST "" "TIMEOUT" "" ${ARGN})
  if(NOT TEST_TIMEOUT)
    set(TEST_TIMEOUT 300)
  endif()
  find_package(Python3 COMPONENTS Interpreter REQUIRED)
  file(GLOB files RELATIVE ${CMAKE_CURRENT_SOURCE_DIR} CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/test_*.py)
  foreach(file IN LISTS files)
    string(REGEX REPLACE "^test_(.*)\\.py$" "\\1" name ${file})
    add_test(NAME ${prefix}.${name} COMMAND ${Python3_EXECUTABLE} -B ${PROJECT_SOURCE_DIR}/tests/support/run_tests.py
      ${CMAKE_CURRENT_SOURCE_DIR}/${file})
    set_tests_properties(${prefix}.${name} PROPERTIES
      LABELS ${label} TIMEOUT ${TEST_TIMEOUT} SKIP_RETURN_CODE 77 FIXTURES_REQUIRED room
      ENVIRONMENT "FOZ_BIN=$<TARGET_FILE:foz>;PYTHONPATH=${PROJECT_SOURCE_DIR}/tests/support")
    if(label MATCHES "frameworks|examples")
      set_tests_properties(${prefix}.${name} PROPERTIES RUN_SERIAL ON)
    endif()
  endforeach()
endfunction()
