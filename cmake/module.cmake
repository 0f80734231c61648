# typecase_module(NAME base DEPENDS … )
#
# Makes the static library typecase_<NAME> from every source of the folder, and (with tests on) the
# program <NAME>_test from the *_test.cpp beside them. DEPENDS names the modules it may include:
# what is not named here does not link, and tools/check_layers.py checks the includes too.
function(typecase_module)
  cmake_parse_arguments(ARG "" "NAME" "DEPENDS;LIBRARIES" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/*.cpp")
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "_test\\.cpp$")
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")

  set(target typecase_${ARG_NAME})
  add_library(${target} STATIC ${sources})
  target_include_directories(${target} PUBLIC "${PROJECT_SOURCE_DIR}/include" "${PROJECT_SOURCE_DIR}/src")
  list(TRANSFORM ARG_DEPENDS PREPEND typecase_)
  target_link_libraries(${target} PUBLIC ${ARG_DEPENDS} PRIVATE ${ARG_LIBRARIES})

  if(TYPECASE_TESTS AND tests)
    add_executable(${ARG_NAME}_test ${tests})
    target_link_libraries(${ARG_NAME}_test PRIVATE ${target} ${ARG_LIBRARIES} GTest::gmock_main)
    target_compile_definitions(${ARG_NAME}_test PRIVATE TYPECASE_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
    gtest_discover_tests(${ARG_NAME}_test TEST_PREFIX ${ARG_NAME}. DISCOVERY_MODE PRE_TEST
                         DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT 300)
  endif()
endfunction()
