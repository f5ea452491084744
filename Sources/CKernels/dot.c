#include "ckernels_dot.h"

// The specification: sixteen sums by position modulo 16, added up in pairs. The vector paths add in this order
// as well, up to their second accumulator and fused multiply-add, which round differently.
static void dot_rows_scalar(const float *query, const float *rows, size_t row_count, size_t dimension,
                            float *scores) {
    for (size_t row = 0; row < row_count; row++, rows += dimension) {
        float sum[16] = {0};
        size_t i = 0;
        for (; i + 16 <= dimension; i += 16) {
            for (size_t lane = 0; lane < 16; lane++) sum[lane] += query[i + lane] * rows[i + lane];
        }
        for (size_t lane = 0; i + lane < dimension; lane++) sum[lane] += query[i + lane] * rows[i + lane];
        for (size_t width = 8; width > 0; width /= 2) {
            for (size_t lane = 0; lane < width; lane++) sum[lane] += sum[lane + width];
        }
        scores[row] = sum[0];
    }
}

#if defined(__x86_64__)
#include <immintrin.h>

#define TARGET_AVX512 __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq")))
#define TARGET_AVX2 __attribute__((target("avx2,fma")))

// Rows are taken four at a time so that a load of the query serves four, each with two accumulators so that
// eight chains of multiply-adds cover their latency; the last rows go one by one through the same steps.

TARGET_AVX512 static inline __m512 step_avx512(__m512 query, const float *row, __m512 sum) {
    return _mm512_fmadd_ps(query, _mm512_loadu_ps(row), sum);
}

TARGET_AVX512 static void dot_rows_avx512(const float *query, const float *rows, size_t row_count,
                                          size_t dimension, float *scores) {
    const size_t pairs = dimension / 32 * 32;
    const size_t whole = dimension / 16 * 16;
    const __mmask16 tail = (__mmask16)((1u << (dimension - whole)) - 1);
    const __m512 query_tail = _mm512_maskz_loadu_ps(tail, query + whole);
    size_t row = 0;
    for (; row + 4 <= row_count; row += 4) {
        const float *r0 = rows + row * dimension, *r1 = r0 + dimension;
        const float *r2 = r1 + dimension, *r3 = r2 + dimension;
        __m512 a0 = _mm512_setzero_ps(), a1 = a0, a2 = a0, a3 = a0, b0 = a0, b1 = a0, b2 = a0, b3 = a0;
        size_t i = 0;
        for (; i < pairs; i += 32) {
            const __m512 p = _mm512_loadu_ps(query + i), q = _mm512_loadu_ps(query + i + 16);
            a0 = step_avx512(p, r0 + i, a0), b0 = step_avx512(q, r0 + i + 16, b0);
            a1 = step_avx512(p, r1 + i, a1), b1 = step_avx512(q, r1 + i + 16, b1);
            a2 = step_avx512(p, r2 + i, a2), b2 = step_avx512(q, r2 + i + 16, b2);
            a3 = step_avx512(p, r3 + i, a3), b3 = step_avx512(q, r3 + i + 16, b3);
        }
        if (i < whole) {
            const __m512 p = _mm512_loadu_ps(query + i);
            a0 = step_avx512(p, r0 + i, a0), a1 = step_avx512(p, r1 + i, a1);
            a2 = step_avx512(p, r2 + i, a2), a3 = step_avx512(p, r3 + i, a3);
        }
        if (tail) {
            b0 = _mm512_fmadd_ps(query_tail, _mm512_maskz_loadu_ps(tail, r0 + whole), b0);
            b1 = _mm512_fmadd_ps(query_tail, _mm512_maskz_loadu_ps(tail, r1 + whole), b1);
            b2 = _mm512_fmadd_ps(query_tail, _mm512_maskz_loadu_ps(tail, r2 + whole), b2);
            b3 = _mm512_fmadd_ps(query_tail, _mm512_maskz_loadu_ps(tail, r3 + whole), b3);
        }
        scores[row] = _mm512_reduce_add_ps(_mm512_add_ps(a0, b0));
        scores[row + 1] = _mm512_reduce_add_ps(_mm512_add_ps(a1, b1));
        scores[row + 2] = _mm512_reduce_add_ps(_mm512_add_ps(a2, b2));
        scores[row + 3] = _mm512_reduce_add_ps(_mm512_add_ps(a3, b3));
    }
    for (; row < row_count; row++) {
        const float *r = rows + row * dimension;
        __m512 a = _mm512_setzero_ps(), b = a;
        size_t i = 0;
        for (; i < pairs; i += 32) {
            a = step_avx512(_mm512_loadu_ps(query + i), r + i, a);
            b = step_avx512(_mm512_loadu_ps(query + i + 16), r + i + 16, b);
        }
        if (i < whole) a = step_avx512(_mm512_loadu_ps(query + i), r + i, a);
        if (tail) b = _mm512_fmadd_ps(query_tail, _mm512_maskz_loadu_ps(tail, r + whole), b);
        scores[row] = _mm512_reduce_add_ps(_mm512_add_ps(a, b));
    }
}

TARGET_AVX2 static inline __m256 step_avx2(__m256 query, const float *row, __m256 sum) {
    return _mm256_fmadd_ps(query, _mm256_loadu_ps(row), sum);
}

// The eight sums in pairs, then the last floats of the row one by one.
TARGET_AVX2 static inline float finish_avx2(__m256 a, __m256 b, const float *query, const float *row,
                                            size_t count) {
    const __m256 sums = _mm256_add_ps(a, b);
    __m128 half = _mm_add_ps(_mm256_castps256_ps128(sums), _mm256_extractf128_ps(sums, 1));
    half = _mm_add_ps(half, _mm_movehl_ps(half, half));
    float sum = _mm_cvtss_f32(_mm_add_ss(half, _mm_movehdup_ps(half)));
    for (size_t i = 0; i < count; i++) sum = __builtin_fmaf(query[i], row[i], sum);
    return sum;
}

TARGET_AVX2 static void dot_rows_avx2(const float *query, const float *rows, size_t row_count,
                                      size_t dimension, float *scores) {
    const size_t pairs = dimension / 16 * 16;
    const size_t whole = dimension / 8 * 8;
    const size_t rest = dimension - whole;
    size_t row = 0;
    for (; row + 4 <= row_count; row += 4) {
        const float *r0 = rows + row * dimension, *r1 = r0 + dimension;
        const float *r2 = r1 + dimension, *r3 = r2 + dimension;
        __m256 a0 = _mm256_setzero_ps(), a1 = a0, a2 = a0, a3 = a0, b0 = a0, b1 = a0, b2 = a0, b3 = a0;
        size_t i = 0;
        for (; i < pairs; i += 16) {
            const __m256 p = _mm256_loadu_ps(query + i), q = _mm256_loadu_ps(query + i + 8);
            a0 = step_avx2(p, r0 + i, a0), b0 = step_avx2(q, r0 + i + 8, b0);
            a1 = step_avx2(p, r1 + i, a1), b1 = step_avx2(q, r1 + i + 8, b1);
            a2 = step_avx2(p, r2 + i, a2), b2 = step_avx2(q, r2 + i + 8, b2);
            a3 = step_avx2(p, r3 + i, a3), b3 = step_avx2(q, r3 + i + 8, b3);
        }
        if (i < whole) {
            const __m256 p = _mm256_loadu_ps(query + i);
            a0 = step_avx2(p, r0 + i, a0), a1 = step_avx2(p, r1 + i, a1);
            a2 = step_avx2(p, r2 + i, a2), a3 = step_avx2(p, r3 + i, a3);
        }
        scores[row] = finish_avx2(a0, b0, query + whole, r0 + whole, rest);
        scores[row + 1] = finish_avx2(a1, b1, query + whole, r1 + whole, rest);
        scores[row + 2] = finish_avx2(a2, b2, query + whole, r2 + whole, rest);
        scores[row + 3] = finish_avx2(a3, b3, query + whole, r3 + whole, rest);
    }
    for (; row < row_count; row++) {
        const float *r = rows + row * dimension;
        __m256 a = _mm256_setzero_ps(), b = a;
        size_t i = 0;
        for (; i < pairs; i += 16) {
            a = step_avx2(_mm256_loadu_ps(query + i), r + i, a);
            b = step_avx2(_mm256_loadu_ps(query + i + 8), r + i + 8, b);
        }
        if (i < whole) a = step_avx2(_mm256_loadu_ps(query + i), r + i, a);
        scores[row] = finish_avx2(a, b, query + whole, r + whole, rest);
    }
}
#endif

void ckernels_dot_rows(ckernels_isa isa, const float *query, const float *rows, size_t row_count,
                       size_t dimension, float *scores) {
#if defined(__x86_64__)
    if (isa == CKERNELS_AVX512) return dot_rows_avx512(query, rows, row_count, dimension, scores);
    if (isa == CKERNELS_AVX2) return dot_rows_avx2(query, rows, row_count, dimension, scores);
#endif
    (void)isa;
    dot_rows_scalar(query, rows, row_count, dimension, scores);
}
