#pragma once

/// What every level with vectors of x86 stands on.
#include "backend/cpu/isa/levels.h"
#include "backend/cpu/packed.h"
#include "backend/cpu/quads.h"
#include "backend/cpu/recoded.h"
#include "backend/cpu/row_forms.h"
#include "base/target.h"

#if defined(__x86_64__)
#include <immintrin.h>

// g++ 12 takes the "undefined" register its own headers start from for a mistake (GCC bug 105593).
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#endif
#endif
