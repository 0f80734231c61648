# typecase_module(NAME base DEPENDS … LIBRARIES …)
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
  add_library(${target} STATIC ${sources} "${PROJECT_SOURCE_DIR}/cmake/empty.cpp")
  target_include_directories(${target} PUBLIC "${PROJECT_SOURCE_DIR}/include" "${PROJECT_SOURCE_DIR}/src")
  list(TRANSFORM ARG_DEPENDS PREPEND typecase_)
  target_link_libraries(${target} PUBLIC ${ARG_DEPENDS} PRIVATE ${ARG_LIBRARIES})
  typecase_precompiled(${target})

  if(TYPECASE_TESTS AND tests)
    typecase_test(${ARG_NAME}_test SOURCES ${tests} DEPENDS ${ARG_NAME} LIBRARIES ${ARG_LIBRARIES})
  endif()
endfunction()

# typecase_test(NAME SOURCES … DEPENDS modules… LIBRARIES …): a GoogleTest program, one ctest entry a test.
function(typecase_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS;LIBRARIES" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  list(TRANSFORM ARG_DEPENDS PREPEND typecase_)
  target_link_libraries(${name} PRIVATE ${ARG_DEPENDS} ${ARG_LIBRARIES} GTest::gmock GTest::gtest_main)
  target_compile_definitions(${name} PRIVATE TYPECASE_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  typecase_precompiled(${name} <gmock/gmock.h> <gtest/gtest.h>)
  # "threads" marks what ./dev test --tsan runs: the modules that start threads.
  if(name MATCHES "^(base|backend|engine)_test$")
    set(label threads)
  else()
    set(label one_thread)
  endif()
  gtest_discover_tests(${name} TEST_PREFIX ${name}. DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60
                       PROPERTIES TIMEOUT 300 LABELS ${label})
endfunction()

# typecase_fuzz(NAME DEPENDS modules…): fuzz/NAME.cpp with LLVMFuzzerTestOneInput. With clang's
# libFuzzer it becomes the fuzzer fuzz_NAME; in every test build it becomes a program that replays
# the committed corpus fuzz/corpus/NAME, one ctest entry.
function(typecase_fuzz name)
  cmake_parse_arguments(ARG "" "" "DEPENDS" ${ARGN})
  list(TRANSFORM ARG_DEPENDS PREPEND typecase_)
  if(TYPECASE_FUZZ)
    add_executable(fuzz_${name} ${name}.cpp)
    target_link_libraries(fuzz_${name} PRIVATE ${ARG_DEPENDS})
    target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
  elseif(TYPECASE_TESTS)
    add_executable(replay_${name} ${name}.cpp replay_main.cpp)
    target_link_libraries(replay_${name} PRIVATE ${ARG_DEPENDS})
    add_test(NAME fuzz_corpus.${name} COMMAND replay_${name} "${CMAKE_CURRENT_SOURCE_DIR}/corpus/${name}")
  endif()
endfunction()
