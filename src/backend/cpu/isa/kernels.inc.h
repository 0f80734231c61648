// Included inside the namespace of an ISA level after its Native types: everything that every level
// has of its own.
#include "backend/cpu/isa/products.inc.h"
//
#include "backend/cpu/isa/attend.h"
//
#include "backend/cpu/isa/elementwise.h"
