# Every target is compiled with these; the code is clean under g++ 12 and clang 19.
add_compile_options(-Wall -Wextra -Wconversion -Wshadow)
if(TYPECASE_WERROR)
  add_compile_options(-Werror)
endif()
# One rounding per written operation: the compiler must not fuse a·b + c behind our back,
# because the reference's rounding points are part of the result.
add_compile_options(-ffp-contract=off)
# g++ 12 reports overlapping copies inside std::string where there are none (GCC bug 105651), and
# uninitialised members in the clean-up of designated initialisers; clang checks both properly.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  add_compile_options(-Wno-restrict -Wno-maybe-uninitialized)
endif()
# libstdc++ 12's stable_sort takes its buffer by a function that it marks as deprecated itself.
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  add_compile_options(-Wno-deprecated-declarations)
endif()
