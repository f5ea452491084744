#pragma once

#include <stdint.h>

#include "ckernels_machine.h"

// Linear maps of rows one below the other, with packed weights. In whole numbers of a byte: rows rounded one by one as
// they come, weights once, products exact in 32 bits.

/// What the bytes of a row stand for: byte b is `unit` · (b - `zero`).
typedef struct {
    float unit;
    int32_t zero;
} ckernels_byte_row;

/// Rounds each row, times `factors` if that is not NULL, into bytes whose least and greatest reach the ends of the row's
/// range, which always holds 0. `width` is a multiple of 16. All forms give the same bits.
void ckernels_round_rows(ckernels_isa isa, const float *rows, int64_t row_count, int64_t width, const float *factors,
                         uint8_t *bytes, ckernels_byte_row *ranges);

/// The weights of a map from `input_count` to `output_count` components, both multiples of 64.
typedef struct {
    int64_t input_count, output_count;
    /// weights[o][i] lies at ((o / 64 · input_count / 4 + i / 4) · 64 + o % 64) · 4 + i % 4.
    const int8_t *weights;
    /// The sum of an output's weights; what a whole number of them stands for; what is added at last.
    const int32_t *sums;
    const float *scales, *bias;
} ckernels_byte_map;

enum { CKERNELS_PLAIN = 0, CKERNELS_GELU = 1 };

/// outputs[r][o] = f(unit · scales[o] · Σ (bytes[r][i] - zero) weights[o][i] + bias[o]), f being nothing or the exact
/// GELU to 2e-4 (linear_forms.h). The sums are exact; what follows is within 1e-6 relative of the scalar form, the GELU
/// within 1e-5.
void ckernels_byte_linear(ckernels_isa isa, const ckernels_byte_map *map, const uint8_t *bytes,
                          const ckernels_byte_row *ranges, int64_t row_count, int function, float *outputs);

/// The weights of a map in Float32; `output_count` is a multiple of 64.
typedef struct {
    int64_t input_count, output_count;
    /// weights[o][i] lies at (o / 64 · input_count + i) · 64 + o % 64.
    const float *weights;
    const float *bias;
} ckernels_float_map;

/// Whether the set has a form that is faster than a general matrix product.
int ckernels_has_float_linear(ckernels_isa isa);

/// outputs[r][o] = f(Σ inputs[r][i] weights[o][i] + bias[o]), f as above. An output depends on its own row alone, not on
/// how many there are. Within 1e-5 of the scalar form, relative to Σ |inputs[r][i] weights[o][i]|, the GELU exact to
/// 5e-7.
void ckernels_float_linear(ckernels_isa isa, const ckernels_float_map *map, const float *inputs, int64_t row_count,
                           int function, float *outputs);
