#pragma once
#include <stdint.h>

/// Instruction sets a kernel may be dispatched to, worst first.
typedef enum {
    CKERNELS_SCALAR = 0,
    CKERNELS_AVX2 = 1,
    CKERNELS_AVX512 = 2,
} ckernels_isa;

/// The best set this processor has. Found once.
ckernels_isa ckernels_best_isa(void);

/// Fixes the BLAS library to one thread where it has threads (OpenBLAS), so that it never competes with the
/// caller's own. Returns 1 if a thread count was set, 0 if the library has none to set.
int ckernels_blas_single_thread(void);

/// The name of the BLAS library's kernel set ("SkylakeX", "Haswell"), or NULL where the library does not say.
const char *ckernels_blas_core_name(void);
