#pragma once
#include "ckernels_machine.h"

// The parts of a transformer layer that are not matrix products. All matrices are row-major without gaps.
// `isa` picks the implementation; a set the processor lacks falls back to the best it has. CKERNELS_SCALAR is
// the specification that the others are tested against.

/// rows[r][c] += bias[c]
void ckernels_bias_add(ckernels_isa isa, float *rows, int64_t row_count, int64_t width, const float *bias);

/// rows[r][c] = gelu(rows[r][c] + bias[c]), with gelu(x) = x/2 · (1 + erf(x/√2)); the vector forms' erf is
/// within 5e-7 of the exact one.
void ckernels_bias_gelu(ckernels_isa isa, float *rows, int64_t row_count, int64_t width, const float *bias);

/// rows[r][c] = exp(scale · (rows[r][c] - m)) / sum, with m the row's greatest element; scale > 0.
void ckernels_softmax(ckernels_isa isa, float *rows, int64_t row_count, int64_t width, float scale);

/// With x = rows[r] + bias + residual[r]: rows[r] = (x - mean x) / sqrt(variance x + epsilon) · gain + shift.
void ckernels_layer_norm(
    ckernels_isa isa, float *rows, int64_t row_count, int64_t width, const float *bias, const float *residual,
    const float *gain, const float *shift, float epsilon);
