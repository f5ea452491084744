// RTLD_DEFAULT is behind _GNU_SOURCE in glibc.
#define _GNU_SOURCE
#include "ckernels_machine.h"
#include <dlfcn.h>

ckernels_isa ckernels_best_isa(void) {
#if defined(__x86_64__)
    // __builtin_cpu_supports reads a table the C runtime fills once.
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
        && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq")) {
        return CKERNELS_AVX512;
    }
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return CKERNELS_AVX2;
#endif
    return CKERNELS_SCALAR;
}

// The symbols are OpenBLAS's own. They are looked up, not linked, because any BLAS may stand behind libblas.
int ckernels_blas_single_thread(void) {
    void (*set)(int) = (void (*)(int))dlsym(RTLD_DEFAULT, "openblas_set_num_threads");
    if (!set) return 0;
    set(1);
    return 1;
}

const char *ckernels_blas_core_name(void) {
    const char *(*name)(void) = (const char *(*)(void))dlsym(RTLD_DEFAULT, "openblas_get_corename");
    return name ? name() : 0;
}
