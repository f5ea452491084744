#pragma once
#include "ckernels_attention.h"

#if defined(__x86_64__)
void attention_avx512(const float *rows, int64_t row_count, int64_t head_count, int64_t head_size, float *scratch,
                      float *context);
void attention_bf16(const float *rows, int64_t row_count, int64_t head_count, int64_t head_size, float *scratch,
                    float *context);
#endif
