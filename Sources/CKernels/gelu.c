#include "ckernels_gelu.h"
#include <math.h>
#include <string.h>

// The specification.
static void tanh_gelu_scalar(float *values, int64_t count) {
    for (int64_t i = 0; i < count; i++) {
        const double x = values[i];
        values[i] = (float)(0.5 * x * (1 + tanh(0.79788456080286536 * (x + 0.044715 * x * x * x))));
    }
}

#if defined(__x86_64__)
// (1 + tanh(y)) / 2 is 1 / (1 + e^(-2y)). The exponential is that of transformer_vector.h, which says where it comes
// from, written so that the compiler makes whole registers of it.
__attribute__((always_inline)) static inline void tanh_gelu_lanes(float *values, int64_t count) {
    for (int64_t i = 0; i < count; i++) {
        const float x = values[i];
        float y = -x * (1.5957691216057308f + 0.071354816272585845f * x * x);
        y = y < 87.0f ? y : 87.0f;
        y = y > -87.0f ? y : -87.0f;
        const float n = (y * 1.44269504088896341f + 12582912.0f) - 12582912.0f;
        const float r = (y - n * 0.693359375f) + n * 2.12194440e-4f;
        float p = 1.9875691500e-4f;
        p = p * r + 1.3981999507e-3f;
        p = p * r + 8.3334519073e-3f;
        p = p * r + 4.1665795894e-2f;
        p = p * r + 1.6666665459e-1f;
        p = p * r + 5.0000001201e-1f;
        p = p * (r * r) + r + 1.0f;
        const int32_t exponent = ((int32_t)n + 127) << 23;
        float power;
        memcpy(&power, &exponent, sizeof power);
        values[i] = x / (1.0f + p * power);
    }
}

__attribute__((target("avx512f"))) static void tanh_gelu_avx512(float *values, int64_t count) {
    tanh_gelu_lanes(values, count);
}

__attribute__((target("avx2,fma"))) static void tanh_gelu_avx2(float *values, int64_t count) {
    tanh_gelu_lanes(values, count);
}
#endif

void ckernels_tanh_gelu(ckernels_isa isa, float *values, int64_t count) {
#if defined(__x86_64__)
    const ckernels_isa best = ckernels_best_isa();
    isa = isa < best ? isa : best;
    if (isa == CKERNELS_AVX512 || isa == CKERNELS_AVX512_VNNI) {
        tanh_gelu_avx512(values, count);
        return;
    }
    if (isa == CKERNELS_AVX2) {
        tanh_gelu_avx2(values, count);
        return;
    }
#endif
    (void)isa;
    tanh_gelu_scalar(values, count);
}
