#include "forms.h"

#if defined(__aarch64__) && defined(__ARM_NEON)
#include <arm_neon.h>

static inline float32x4_t step(const float *query, const float *row, float32x4_t sum) {
    return vfmaq_f32(sum, vld1q_f32(query), vld1q_f32(row));
}

// One row after the other, in the order of memory. Eight chains of multiply-adds cover their latency; the last floats
// of a row come one by one.
void dot_rows_neon(const float *query, const float *rows, size_t row_count, size_t dimension, float *scores) {
    for (size_t row = 0; row < row_count; row++, rows += dimension) {
        float32x4_t sums[8];
        for (int k = 0; k < 8; k++) sums[k] = vdupq_n_f32(0);
        size_t i = 0;
        for (; i + 32 <= dimension; i += 32) {
            for (int k = 0; k < 8; k++) sums[k] = step(query + i + 4 * k, rows + i + 4 * k, sums[k]);
        }
        for (; i + 4 <= dimension; i += 4) sums[0] = step(query + i, rows + i, sums[0]);
        for (int width = 4; width > 0; width /= 2) {
            for (int k = 0; k < width; k++) sums[k] = vaddq_f32(sums[k], sums[k + width]);
        }
        float sum = vaddvq_f32(sums[0]);
        for (; i < dimension; i++) sum = __builtin_fmaf(query[i], rows[i], sum);
        scores[row] = sum;
    }
}
#endif
