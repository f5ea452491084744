// RTLD_DEFAULT is behind _GNU_SOURCE in glibc.
#define _GNU_SOURCE
#include "ckernels_machine.h"
#include <dlfcn.h>
#if defined(__aarch64__) && defined(__linux__)
#include <asm/hwcap.h>
#include <sys/auxv.h>
#endif

int ckernels_has_isa(ckernels_isa isa) {
    if (isa == CKERNELS_SCALAR) return 1;
#if defined(__x86_64__)
    // __builtin_cpu_supports reads a table the C runtime fills once.
    const int avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    const int avx512 = avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
        && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
    if (isa == CKERNELS_AVX2) return avx2;
    if (isa == CKERNELS_AVX512) return avx512;
    if (isa == CKERNELS_AVX512_VNNI) {
        return avx512 && __builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("avx512vnni");
    }
#elif defined(__aarch64__) && defined(__ARM_NEON)
    if (isa == CKERNELS_NEON) {
#if defined(__linux__)
        return (getauxval(AT_HWCAP) & HWCAP_ASIMDDP) != 0;
#else
        return 1;
#endif
    }
#endif
    return 0;
}

ckernels_isa ckernels_best_isa(void) {
    static const ckernels_isa best_first[] = {
        CKERNELS_NEON, CKERNELS_AVX512_VNNI, CKERNELS_AVX512, CKERNELS_AVX2,
    };
    for (unsigned i = 0; i < sizeof best_first / sizeof *best_first; i++) {
        if (ckernels_has_isa(best_first[i])) return best_first[i];
    }
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
