# Two thirds of a small file's compile time are the standard library's and GoogleTest's headers.
# They are compiled once, for the libraries in typecase_base and for the tests in the first test
# program, and reused. Files still include what they use: builds with a compiler cache, which does
# better without this, and those of clang check that.
if(CMAKE_CXX_COMPILER_LAUNCHER OR NOT CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  set(precompiled OFF)
else()
  set(precompiled ON)
endif()
option(TYPECASE_PRECOMPILED "Compile common headers once (default: with g++ and no compiler launcher)" ${precompiled})
# Out of a precompiled header g++ 12 does not tell the library from our code, and warns of the library.
if(TYPECASE_PRECOMPILED)
  add_compile_options(-Wno-stringop-overflow -Wno-stringop-overread -Wno-array-bounds)
endif()

set(typecase_common_headers <algorithm> <array> <cmath> <cstdint> <functional> <map> <memory> <optional>
    <span> <string> <string_view> <utility> <variant> <vector>)

# typecase_precompiled(TARGET GROUP headers…): the first target of a group compiles the headers.
function(typecase_precompiled target group)
  if(NOT TYPECASE_PRECOMPILED)
    return()
  endif()
  get_property(first GLOBAL PROPERTY typecase_precompiled_${group})
  if(first)
    target_precompile_headers(${target} REUSE_FROM ${first})
  else()
    target_precompile_headers(${target} PRIVATE ${typecase_common_headers} ${ARGN})
    set_property(GLOBAL PROPERTY typecase_precompiled_${group} ${target})
  endif()
endfunction()
