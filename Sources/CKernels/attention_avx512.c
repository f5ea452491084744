#include "attention_forms.h"

#if defined(__x86_64__)
#include <immintrin.h>
#include <math.h>

#define TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq")))
#define INLINE static inline __attribute__((always_inline)) TARGET
// Sums that are found by a counter are kept in registers only where the compiler counts for itself.
#define UNROLLED _Pragma("clang loop unroll(full)")

enum { BLOCK_ROWS = 6, LANES = 16 };

/// A head of a text: its parts of the rows, and how far the next row is.
typedef struct {
    const float *queries, *values;
    /// head_size × columns: component by component, the keys beside each other, zeros after the last.
    const float *keys;
    int64_t row_count, columns, size, stride, width;
    float scale;
} head;

// exp for x <= 0 as transformer_vector.h has it.
INLINE __m512 exp_of(__m512 x) {
    x = _mm512_max_ps(x, _mm512_set1_ps(-87.0f));
    const __m512 shift = _mm512_set1_ps(12582912.0f);
    const __m512 n = _mm512_sub_ps(_mm512_fmadd_ps(x, _mm512_set1_ps(1.44269504088896341f), shift), shift);
    __m512 r = _mm512_fmadd_ps(n, _mm512_set1_ps(-0.693359375f), x);
    r = _mm512_fmadd_ps(n, _mm512_set1_ps(2.12194440e-4f), r);
    __m512 p = _mm512_set1_ps(1.9875691500e-4f);
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(1.3981999507e-3f));
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(8.3334519073e-3f));
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(4.1665795894e-2f));
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(1.6666665459e-1f));
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(5.0000001201e-1f));
    p = _mm512_add_ps(_mm512_fmadd_ps(p, _mm512_mul_ps(r, r), r), _mm512_set1_ps(1.0f));
    return _mm512_scalef_ps(p, n);
}

/// scores[r][i] = query r · key i, for `registers` registers of keys from `first` on.
INLINE void score(const int64_t rows, const int registers, const head *h, const float *queries, int64_t first,
                  float *scores) {
    __m512 sums[BLOCK_ROWS][4];
    UNROLLED for (int64_t r = 0; r < rows; r++) {
        UNROLLED for (int j = 0; j < registers; j++) sums[r][j] = _mm512_setzero_ps();
    }
    for (int64_t d = 0; d < h->size; d++) {
        const float *keys = h->keys + d * h->columns + first;
        __m512 key[4];
        UNROLLED for (int j = 0; j < registers; j++) key[j] = _mm512_loadu_ps(keys + LANES * j);
        UNROLLED for (int64_t r = 0; r < rows; r++) {
            const __m512 query = _mm512_set1_ps(queries[r * h->stride + d]);
            UNROLLED for (int j = 0; j < registers; j++) sums[r][j] = _mm512_fmadd_ps(query, key[j], sums[r][j]);
        }
    }
    UNROLLED for (int64_t r = 0; r < rows; r++) {
        float *to = scores + r * h->columns + first;
        UNROLLED for (int j = 0; j < registers; j++) _mm512_storeu_ps(to + LANES * j, sums[r][j]);
    }
}

/// Replaces a row of scores by e^(scale · (score - greatest)); returns the sum.
INLINE float exponentiate(const head *h, float *scores) {
    const int64_t whole = h->row_count / LANES * LANES;
    const __mmask16 tail = (__mmask16)((1u << (h->row_count - whole)) - 1);
    __m512 greatest = _mm512_set1_ps(-INFINITY), sum = _mm512_setzero_ps();
    for (int64_t i = 0; i < whole; i += LANES) greatest = _mm512_max_ps(greatest, _mm512_loadu_ps(scores + i));
    if (tail) greatest = _mm512_mask_max_ps(greatest, tail, greatest, _mm512_loadu_ps(scores + whole));
    const __m512 scale = _mm512_set1_ps(h->scale);
    const __m512 top = _mm512_set1_ps(_mm512_reduce_max_ps(greatest) * h->scale);
    for (int64_t i = 0; i < whole; i += LANES) {
        const __m512 e = exp_of(_mm512_fmsub_ps(_mm512_loadu_ps(scores + i), scale, top));
        _mm512_storeu_ps(scores + i, e);
        sum = _mm512_add_ps(sum, e);
    }
    if (tail) {
        const __m512 e = exp_of(_mm512_fmsub_ps(_mm512_loadu_ps(scores + whole), scale, top));
        _mm512_storeu_ps(scores + whole, e);
        sum = _mm512_mask_add_ps(sum, tail, sum, e);
    }
    return _mm512_reduce_add_ps(sum);
}

/// context[r] = Σ scores[r][i] · value i / sums[r], 32 components from `first` on.
INLINE void mix(const int64_t rows, const head *h, const float *scores, const float *sums, int64_t first,
                float *context) {
    __m512 means[BLOCK_ROWS][2];
    UNROLLED for (int64_t r = 0; r < rows; r++) means[r][0] = means[r][1] = _mm512_setzero_ps();
    const float *values = h->values + first;
    for (int64_t i = 0; i < h->row_count; i++, values += h->stride) {
        const __m512 low = _mm512_loadu_ps(values), high = _mm512_loadu_ps(values + LANES);
        UNROLLED for (int64_t r = 0; r < rows; r++) {
            const __m512 weight = _mm512_set1_ps(scores[r * h->columns + i]);
            means[r][0] = _mm512_fmadd_ps(weight, low, means[r][0]);
            means[r][1] = _mm512_fmadd_ps(weight, high, means[r][1]);
        }
    }
    UNROLLED for (int64_t r = 0; r < rows; r++) {
        const __m512 factor = _mm512_set1_ps(1 / sums[r]);
        float *to = context + r * h->width + first;
        _mm512_storeu_ps(to, _mm512_mul_ps(means[r][0], factor));
        _mm512_storeu_ps(to + LANES, _mm512_mul_ps(means[r][1], factor));
    }
}

INLINE void attend(const int64_t rows, const head *h, int64_t first, float *scores, float *context) {
    const float *queries = h->queries + first * h->stride;
    float sums[BLOCK_ROWS];
    int64_t i = 0;
    for (; i + 4 * LANES <= h->columns; i += 4 * LANES) score(rows, 4, h, queries, i, scores);
    for (; i < h->columns; i += LANES) score(rows, 1, h, queries, i, scores);
    UNROLLED for (int64_t r = 0; r < rows; r++) sums[r] = exponentiate(h, scores + r * h->columns);
    for (int64_t d = 0; d < h->size; d += 2 * LANES) mix(rows, h, scores, sums, d, context + first * h->width);
}

TARGET static void turn_keys(const float *keys, const head *h, float *turned) {
    for (int64_t i = 0; i < h->columns; i++) {
        for (int64_t d = 0; d < h->size; d++) {
            turned[d * h->columns + i] = i < h->row_count ? keys[i * h->stride + d] : 0;
        }
    }
}

TARGET void attention_avx512(const float *rows, int64_t row_count, int64_t head_count, int64_t head_size,
                             float *scratch, float *context) {
    const int64_t width = head_count * head_size, columns = (row_count + LANES - 1) / LANES * LANES;
    float *scores = scratch + head_size * columns;
    for (int64_t number = 0; number < head_count; number++) {
        const float *queries = rows + number * head_size;
        const head h = {queries, queries + 2 * width, scratch, row_count, columns, head_size, 3 * width, width,
                        1 / sqrtf((float)head_size)};
        turn_keys(queries + width, &h, scratch);
        int64_t first = 0;
        for (; first + BLOCK_ROWS <= row_count; first += BLOCK_ROWS) {
            attend(BLOCK_ROWS, &h, first, scores, context + number * head_size);
        }
        for (; first + 2 <= row_count; first += 2) attend(2, &h, first, scores, context + number * head_size);
        if (first < row_count) attend(1, &h, first, scores, context + number * head_size);
    }
}
#endif
