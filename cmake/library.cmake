# libtypecase.so: all modules in one shared library, with the C interface (typecase/typecase.h) and
# the C++ interface of include/typecase. What it shows is src/capi/exports.map.
set(map "${PROJECT_SOURCE_DIR}/src/capi/exports.map")
add_library(typecase_library SHARED "${PROJECT_SOURCE_DIR}/cmake/empty.cpp")
set_target_properties(typecase_library PROPERTIES
  OUTPUT_NAME typecase EXPORT_NAME typecase LINK_DEPENDS "${map}"
  # Until 1.0 every minor version may change the interface.
  VERSION "${PROJECT_VERSION}" SOVERSION "${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR}")
# Those that implement a public header are taken whole: nothing inside refers to all of it.
foreach(module capi engine hub decode text base)
  list(APPEND whole "$<TARGET_FILE:typecase_${module}>")
endforeach()
target_link_options(typecase_library PRIVATE "-Wl,--version-script=${map}" -Wl,--no-undefined
  -Wl,--whole-archive ${whole} -Wl,--no-whole-archive)
target_link_libraries(typecase_library PRIVATE typecase_capi)
target_include_directories(typecase_library INTERFACE
  "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>" "$<INSTALL_INTERFACE:include>")

include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
set(package "${CMAKE_INSTALL_LIBDIR}/cmake/typecase")
# From the .pc file to the prefix, so that an installed tree may be moved.
file(RELATIVE_PATH to_prefix "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
foreach(file typecase.pc typecaseConfig.cmake)
  configure_file("cmake/${file}.in" "${PROJECT_BINARY_DIR}/${file}" @ONLY)
endforeach()
write_basic_package_version_file("${PROJECT_BINARY_DIR}/typecaseConfigVersion.cmake"
                                 COMPATIBILITY SameMinorVersion)

# cmake --install build/release --component typecase --prefix FOLDER
install(TARGETS typecase_library EXPORT typecase LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT typecase)
install(TARGETS typecase RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}" COMPONENT typecase)
install(DIRECTORY include/typecase DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}" COMPONENT typecase)
install(EXPORT typecase FILE typecaseTargets.cmake NAMESPACE typecase:: DESTINATION "${package}" COMPONENT typecase)
install(FILES "${PROJECT_BINARY_DIR}/typecaseConfig.cmake" "${PROJECT_BINARY_DIR}/typecaseConfigVersion.cmake"
        DESTINATION "${package}" COMPONENT typecase)
install(FILES "${PROJECT_BINARY_DIR}/typecase.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig" COMPONENT typecase)
install(FILES LICENSE DESTINATION "${CMAKE_INSTALL_DOCDIR}" COMPONENT typecase)
# The program writes its own manual and completions, at the time of the install.
install(CODE "set(program \"$<TARGET_FILE:typecase>\")\nset(data \"${CMAKE_INSTALL_DATADIR}\")" COMPONENT typecase)
install(SCRIPT cmake/install_pages.cmake COMPONENT typecase)
