// Included inside the namespace of an ISA level after its Native types: vectors, and the products
// of matrices, in the order of dependence. These files have no include guards on purpose.
#include "backend/cpu/isa/vec.h"
//
#include "backend/cpu/isa/math.h"
//
#include "backend/cpu/isa/formats.h"
//
#include "backend/cpu/isa/multiply.h"
