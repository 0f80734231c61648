// Included inside the namespace of an ISA level after its Native types: everything that is
// written once, in the order of dependence. The files have no include guards on purpose.
#include "backend/cpu/isa/vec.h"
//
#include "backend/cpu/isa/math.h"
//
#include "backend/cpu/isa/formats.h"
//
#include "backend/cpu/isa/multiply.h"
//
#include "backend/cpu/isa/attend.h"
//
#include "backend/cpu/isa/elementwise.h"
