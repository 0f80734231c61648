// A static library needs at least one source; a module of headers alone has this one.
