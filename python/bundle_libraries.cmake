# Copies the libraries that `module` and `program` need, beyond those of every Linux, into the wheel.
file(GET_RUNTIME_DEPENDENCIES LIBRARIES "${module}" EXECUTABLES "${program}"
     RESOLVED_DEPENDENCIES_VAR found UNRESOLVED_DEPENDENCIES_VAR missing
     PRE_EXCLUDE_REGEXES "^ld-linux" "^lib(c|m|dl|rt|pthread|gcc_s|stdc\\+\\+)\\.so" "^libpython")
set(folder "$ENV{DESTDIR}${CMAKE_INSTALL_PREFIX}/typecase/lib")
file(MAKE_DIRECTORY "${folder}")
foreach(library ${found})
  get_filename_component(name "${library}" NAME)
  file(COPY_FILE "${library}" "${folder}/${name}")
endforeach()
