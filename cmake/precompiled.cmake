# Two thirds of a small file's compile time are the standard library's and GoogleTest's headers, so
# each target of several files compiles them once. Files still include what they use: builds with a
# compiler cache, which does better without this, and those of clang check that.
if(CMAKE_CXX_COMPILER_LAUNCHER OR NOT CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  set(precompiled OFF)
else()
  set(precompiled ON)
endif()
option(TYPECASE_PRECOMPILED "Precompile common headers (default: with g++ and no compiler launcher)" ${precompiled})
# Out of a precompiled header g++ 12 does not tell the library from our code, and warns of the library.
if(TYPECASE_PRECOMPILED)
  add_compile_options(-Wno-stringop-overflow -Wno-stringop-overread -Wno-array-bounds)
endif()

# typecase_precompiled(TARGET headers…): the common headers and those named.
function(typecase_precompiled target)
  get_target_property(sources ${target} SOURCES)
  list(LENGTH sources count)
  if(TYPECASE_PRECOMPILED AND count GREATER 3)
    target_precompile_headers(${target} PRIVATE <algorithm> <array> <cmath> <cstdint> <functional> <map> <memory>
      <optional> <span> <string> <string_view> <utility> <variant> <vector> ${ARGN})
  endif()
endfunction()
