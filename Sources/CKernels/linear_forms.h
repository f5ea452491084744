#pragma once
#include "ckernels_linear.h"

/// The kernels of `ckernels_linear.h` for one instruction set.
typedef struct {
    void (*round_rows)(const float *rows, int64_t row_count, int64_t width, const float *factors, uint8_t *bytes,
                       ckernels_byte_row *ranges);
    void (*byte_linear)(const ckernels_byte_map *map, const uint8_t *bytes, const ckernels_byte_row *ranges,
                        int64_t row_count, int function, float *outputs);
} linear_forms;

#if defined(__x86_64__)
extern const linear_forms linear_forms_vnni;
#endif
