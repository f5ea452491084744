#pragma once

#include <stdint.h>

#include "ckernels_machine.h"

/// Whether `ckernels_attention` has a form for this instruction set and heads of this size that is worth its name.
int ckernels_has_attention(ckernels_isa isa, int64_t head_size);

/// Floats that `ckernels_attention` needs as its scratch for a text of `row_count` rows.
int64_t ckernels_attention_scratch(int64_t row_count, int64_t head_size);

/// Attention of all heads within one text: softmax(query · keyᵀ / √head_size) · value, six rows of scores at a time and
/// never the whole matrix (after M. Rabe, C. Staats, 2021, https://arxiv.org/abs/2112.05682).
///
/// A row of `rows` is query, key and value, head beside head in each: 3 · head_count · head_size floats; a row of
/// `context` is the heads' outputs side by side. Within 1e-5 of the scalar form, absolutely, for values of size 1.
void ckernels_attention(ckernels_isa isa, const float *rows, int64_t row_count, int64_t head_count, int64_t head_size,
                        float *scratch, float *context);

/// Whether `ckernels_rounded_attention` has a form for this set and heads of this size.
int ckernels_has_rounded_attention(ckernels_isa isa, int64_t head_size);

/// Floats that `ckernels_rounded_attention` needs as its scratch.
int64_t ckernels_rounded_attention_scratch(int64_t row_count, int64_t head_size);

/// The same with what is multiplied, rows and weights alike, rounded to bfloat16 (8 bits), and sums in Float32. Within
/// 1/64 of the scalar form for values of size 1: a weight on the edge between two numbers is rounded to either.
void ckernels_rounded_attention(ckernels_isa isa, const float *rows, int64_t row_count, int64_t head_count,
                                int64_t head_size, float *scratch, float *context);
