#pragma once
#include <stdint.h>

/// Instruction sets a kernel may be dispatched to. Of two that one processor has, the greater is the better.
typedef enum {
    CKERNELS_SCALAR = 0,
    CKERNELS_AVX2 = 1,
    /// AVX-512 F, BW, VL and DQ.
    CKERNELS_AVX512 = 2,
    /// AVX512 with VBMI and VNNI besides: byte permutations and products of bytes (Ice Lake, Zen 4).
    CKERNELS_AVX512_VNNI = 3,
    /// 64-bit ARM with the dot product of bytes.
    CKERNELS_NEON = 4,
} ckernels_isa;

/// The best set this processor has. Found once.
ckernels_isa ckernels_best_isa(void);

/// Whether this processor has the set.
int ckernels_has_isa(ckernels_isa isa);

/// Fixes the BLAS library to one thread where it has threads (OpenBLAS), so that it never competes with the
/// caller's own. Returns 1 if a thread count was set, 0 if the library has none to set.
int ckernels_blas_single_thread(void);

/// The name of the BLAS library's kernel set ("SkylakeX", "Haswell"), or NULL where the library does not say.
const char *ckernels_blas_core_name(void);
