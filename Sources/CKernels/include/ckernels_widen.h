#pragma once
#include <stdint.h>

// Numbers as files store them, made Float32. What is read is little-endian and of any alignment; exact, but for the
// last bit of the products of `widen_q4_0`.

/// IEEE 754 half precision: 2 bytes each.
void ckernels_widen_f16(const uint8_t *bytes, int64_t count, float *floats);

/// The upper half of a Float32: 2 bytes each.
void ckernels_widen_bf16(const uint8_t *bytes, int64_t count, float *floats);

/// Q4_0 of llama.cpp: blocks of 18 bytes that stand for 32 numbers. A half precision scale, then 16 bytes, of which byte j
/// holds in its low four bits the whole number of j and in its high four that of j + 16, each 8 too great.
void ckernels_widen_q4_0(const uint8_t *blocks, int64_t block_count, float *floats);
