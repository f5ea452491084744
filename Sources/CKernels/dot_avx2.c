#include "forms.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define TARGET_AVX2 __attribute__((target("avx2,fma")))

TARGET_AVX2 static inline __m256 step(const float *query, const float *row, __m256 sum) {
    return _mm256_fmadd_ps(_mm256_loadu_ps(query), _mm256_loadu_ps(row), sum);
}

TARGET_AVX2 static inline float sum_of(__m256 sums) {
    __m128 half = _mm_add_ps(_mm256_castps256_ps128(sums), _mm256_extractf128_ps(sums, 1));
    half = _mm_add_ps(half, _mm_movehl_ps(half, half));
    return _mm_cvtss_f32(_mm_add_ss(half, _mm_movehdup_ps(half)));
}

// One row after the other, as in the form for AVX-512. Four chains of multiply-adds cover most of their latency; the
// last floats of a row come one by one.
TARGET_AVX2 void dot_rows_avx2(const float *query, const float *rows, size_t row_count, size_t dimension,
                               float *scores) {
    for (size_t row = 0; row < row_count; row++, rows += dimension) {
        __m256 a = _mm256_setzero_ps(), b = a, c = a, d = a;
        size_t i = 0;
        for (; i + 32 <= dimension; i += 32) {
            a = step(query + i, rows + i, a), b = step(query + i + 8, rows + i + 8, b);
            c = step(query + i + 16, rows + i + 16, c), d = step(query + i + 24, rows + i + 24, d);
        }
        for (; i + 8 <= dimension; i += 8) a = step(query + i, rows + i, a);
        float sum = sum_of(_mm256_add_ps(_mm256_add_ps(a, c), _mm256_add_ps(b, d)));
        for (; i < dimension; i++) sum = __builtin_fmaf(query[i], rows[i], sum);
        scores[row] = sum;
    }
}
#endif
