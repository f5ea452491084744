#include "forms.h"

static const kernel_forms scalar = {
    dot_rows_scalar, byte_products_scalar, byte_row_scalar, scan_codes_scalar, nearest_codewords_scalar, NULL,
};

#if defined(__x86_64__)
static const kernel_forms avx2 = {
    dot_rows_avx2, byte_products_avx2, byte_row_avx2, scan_codes_avx2, nearest_codewords_avx2, NULL,
};

// Whole numbers of a byte want what comes with VNNI and VBMI; without these, wider registers win nothing.
static const kernel_forms avx512 = {
    dot_rows_avx512, byte_products_avx2, byte_row_avx2, scan_codes_avx2, nearest_codewords_avx512, NULL,
};
static const kernel_forms avx512_vnni = {
    dot_rows_avx512, byte_products_vnni, byte_row_vnni, scan_codes_vnni, nearest_codewords_avx512,
    byte_products4_vnni,
};
#elif defined(__aarch64__) && defined(__ARM_NEON)
static const kernel_forms neon = {
    dot_rows_neon, byte_products_neon, byte_row_neon, scan_codes_neon, nearest_codewords_neon, NULL,
};
#endif

const kernel_forms *kernel_forms_of(ckernels_isa isa) {
    switch (isa) {
#if defined(__x86_64__)
    case CKERNELS_AVX2: return &avx2;
    case CKERNELS_AVX512: return &avx512;
    case CKERNELS_AVX512_VNNI: return &avx512_vnni;
#elif defined(__aarch64__) && defined(__ARM_NEON)
    case CKERNELS_NEON: return &neon;
#endif
    default: return &scalar;
    }
}
