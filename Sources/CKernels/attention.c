#include "attention_forms.h"
#include <math.h>
#include <string.h>

static float exact(float x) { return x; }

// Half up to even, by the bits. No number here is infinite or none.
static float to_bf16(float x) {
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    bits = (bits + 0x7fff + (bits >> 16 & 1)) & 0xffff0000;
    memcpy(&x, &bits, sizeof bits);
    return x;
}

// The specification.
static void attention_scalar(float rounded(float), const float *rows, int64_t row_count, int64_t head_count,
                             int64_t head_size, float *scores, float *context) {
    const int64_t width = head_count * head_size, stride = 3 * width;
    const float scale = 1 / sqrtf((float)head_size);
    for (int64_t head = 0; head < head_count; head++) {
        const float *queries = rows + head * head_size, *keys = queries + width, *values = keys + width;
        for (int64_t r = 0; r < row_count; r++) {
            float greatest = -INFINITY;
            double sum = 0;
            for (int64_t i = 0; i < row_count; i++) {
                double product = 0;
                for (int64_t d = 0; d < head_size; d++) {
                    product += rounded(queries[r * stride + d]) * rounded(keys[i * stride + d]);
                }
                scores[i] = (float)product * scale;
                greatest = fmaxf(greatest, scores[i]);
            }
            for (int64_t i = 0; i < row_count; i++) sum += scores[i] = expf(scores[i] - greatest);
            for (int64_t d = 0; d < head_size; d++) {
                double mean = 0;
                for (int64_t i = 0; i < row_count; i++) {
                    mean += rounded(scores[i]) * rounded(values[i * stride + d]);
                }
                context[r * width + head * head_size + d] = (float)(mean / sum);
            }
        }
    }
}

int ckernels_has_attention(ckernels_isa isa, int64_t head_size) {
    const int is_wide = isa == CKERNELS_AVX512 || isa == CKERNELS_AVX512_VNNI;
    return is_wide && ckernels_has_isa(isa) && head_size > 0 && head_size % 32 == 0;
}

// Keys turned round, in whole registers, and six rows of scores.
int64_t ckernels_attention_scratch(int64_t row_count, int64_t head_size) {
    return (row_count + 15) / 16 * 16 * (head_size + 6);
}

void ckernels_attention(ckernels_isa isa, const float *rows, int64_t row_count, int64_t head_count, int64_t head_size,
                        float *scratch, float *context) {
#if defined(__x86_64__)
    if (ckernels_has_attention(isa, head_size)) {
        attention_avx512(rows, row_count, head_count, head_size, scratch, context);
        return;
    }
#endif
    (void)isa;
    attention_scalar(exact, rows, row_count, head_count, head_size, scratch, context);
}

int ckernels_has_rounded_attention(ckernels_isa isa, int64_t head_size) {
#if defined(__x86_64__)
    return isa == CKERNELS_AVX512_VNNI && ckernels_has_attention(isa, head_size)
        && __builtin_cpu_supports("avx512bf16");
#else
    (void)isa, (void)head_size;
    return 0;
#endif
}

// Keys and values in pairs, and for six rows queries in pairs, scores, and weights in half a float each.
int64_t ckernels_rounded_attention_scratch(int64_t row_count, int64_t head_size) {
    return (row_count + 15) / 16 * 16 * (head_size + 9) + 3 * head_size;
}

void ckernels_rounded_attention(ckernels_isa isa, const float *rows, int64_t row_count, int64_t head_count,
                                int64_t head_size, float *scratch, float *context) {
#if defined(__x86_64__)
    if (ckernels_has_rounded_attention(isa, head_size)) {
        attention_bf16(rows, row_count, head_count, head_size, scratch, context);
        return;
    }
#endif
    (void)isa;
    attention_scalar(to_bf16, rows, row_count, head_count, head_size, scratch, context);
}
