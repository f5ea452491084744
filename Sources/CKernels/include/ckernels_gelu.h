#pragma once
#include "ckernels_machine.h"

/// values[i] = gelu(values[i]) by the formula with tanh: x/2 · (1 + tanh(√(2/π) · (x + 0.044715 x³))). The vector forms
/// are within 1e-6 · |x| of the scalar one.
void ckernels_tanh_gelu(ckernels_isa isa, float *values, int64_t count);
