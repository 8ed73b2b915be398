# Warnings are errors on the project's own code. g++ 12 sees overlaps inside std::string that cannot be (its bug 105651).
add_library(millrace_flags INTERFACE)
target_compile_options(millrace_flags INTERFACE -Wall -Wextra -Werror $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>)
target_include_directories(millrace_flags INTERFACE ${CMAKE_SOURCE_DIR})

# millrace_library(NAME [USES folders…] [LINKS libraries…]): the static library of the folder NAME, from every
# source below it. New files are picked up by themselves.
function(millrace_library name)
  cmake_parse_arguments(ARG "" "" "USES;LINKS" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${name}/*.cpp)
  add_library(millrace_${name} STATIC ${sources})
  target_link_libraries(millrace_${name} PUBLIC millrace_flags ${ARG_LINKS})
  foreach(folder ${ARG_USES})
    target_link_libraries(millrace_${name} PUBLIC millrace_${folder})
  endforeach()
endfunction()

# millrace_test(FOLDER [LABEL fast] [USES folders…]): one GoogleTest program from tests/FOLDER/*_test.cpp, each
# test case registered with CTest under LABEL.
function(millrace_test folder)
  cmake_parse_arguments(ARG "" "LABEL" "USES" ${ARGN})
  if(NOT ARG_LABEL)
    set(ARG_LABEL fast)
  endif()
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/${folder}/*_test.cpp)
  if(NOT sources)
    return()
  endif()
  string(REPLACE "/" "_" name ${folder})
  add_executable(${name}_test ${sources})
  target_link_libraries(${name}_test PRIVATE millrace_flags GTest::gmock_main)
  foreach(uses ${ARG_USES})
    target_link_libraries(${name}_test PRIVATE millrace_${uses})
  endforeach()
  target_compile_definitions(${name}_test PRIVATE
    MILLRACE_SOURCE_DIR="${CMAKE_SOURCE_DIR}" MILLRACE_BINARY_DIR="${CMAKE_BINARY_DIR}")
  gtest_discover_tests(${name}_test TEST_PREFIX "${folder}/" DISCOVERY_TIMEOUT 60
    PROPERTIES LABELS ${ARG_LABEL} TIMEOUT 300)
endfunction()

# millrace_python_test(FILE [LABEL fast] [ARGS…]): a test written with Python's unittest, run by CTest as one test. It finds
# the command in the variable MILLRACE.
function(millrace_python_test file)
  cmake_parse_arguments(ARG "" "LABEL" "ARGS" ${ARGN})
  if(NOT ARG_LABEL)
    set(ARG_LABEL fast)
  endif()
  string(REGEX REPLACE "_test\\.py$" "" name ${file})
  add_test(NAME ${name} COMMAND Python3::Interpreter ${CMAKE_SOURCE_DIR}/tests/${file} ${ARG_ARGS}
    WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(${name} PROPERTIES LABELS ${ARG_LABEL} TIMEOUT 300
    ENVIRONMENT "MILLRACE=$<TARGET_FILE:millrace>;PYTHONDONTWRITEBYTECODE=1")
endfunction()

# millrace_cases(FOLDER): a test for each .case file in tests/FOLDER, run by tests/cli/run_cases.py. Label: model where the
# file's first line is "# needs: model", else fast.
function(millrace_cases folder)
  file(GLOB cases CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/${folder}/*.case)
  foreach(case ${cases})
    cmake_path(GET case STEM name)
    file(STRINGS ${case} first LIMIT_COUNT 1)
    set(label fast)
    if(first STREQUAL "# needs: model")
      set(label model)
    endif()
    add_test(NAME ${folder}/${name} COMMAND Python3::Interpreter ${CMAKE_SOURCE_DIR}/tests/cli/run_cases.py ${case})
    set_tests_properties(${folder}/${name} PROPERTIES LABELS ${label} TIMEOUT 300
      ENVIRONMENT "MILLRACE=$<TARGET_FILE:millrace>;PYTHONDONTWRITEBYTECODE=1")
  endforeach()
endfunction()
