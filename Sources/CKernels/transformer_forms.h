#pragma once
#include <stdint.h>

/// The kernels of `ckernels_transformer.h` for one instruction set.
typedef struct {
    void (*bias_add)(float *rows, int64_t row_count, int64_t width, const float *bias);
    void (*bias_gelu)(float *rows, int64_t row_count, int64_t width, const float *bias);
    void (*softmax)(float *rows, int64_t row_count, int64_t width, float scale);
    void (*layer_norm)(
        float *rows, int64_t row_count, int64_t width, const float *bias, const float *residual,
        const float *gain, const float *shift, float epsilon);
} transformer_forms;

#if defined(__x86_64__)
extern const transformer_forms transformer_forms_avx2;
extern const transformer_forms transformer_forms_avx512;
#endif
