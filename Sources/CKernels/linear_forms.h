#pragma once
#include "ckernels_linear.h"

/// The kernels of `ckernels_linear.h` for one instruction set.
typedef struct {
    void (*round_rows)(const float *rows, int64_t row_count, int64_t width, const float *factors, uint8_t *bytes,
                       ckernels_byte_row *ranges);
    void (*byte_linear)(const ckernels_byte_map *map, const uint8_t *bytes, const ckernels_byte_row *ranges,
                        int64_t row_count, int function, float *outputs);
} linear_forms;

/// x · (1/2 + y Σ byte_gelu[i] y²ⁱ), y being x within ± CKERNELS_GELU_END, is GELU for what is rounded to bytes next.
#define CKERNELS_GELU_END 3.9f
static const float byte_gelu[7] = {
    3.978746467e-01f, -6.456906889e-02f, 8.775529798e-03f, -8.159567530e-04f,
    4.831464160e-05f, -1.625749279e-06f, 2.350459917e-08f,
};

#if defined(__x86_64__)
extern const linear_forms linear_forms_vnni;
void float_linear_avx512(const ckernels_float_map *map, const float *inputs, int64_t row_count, int function,
                         float *outputs);
#endif
