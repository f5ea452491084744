#include "attention_forms.h"

#if defined(__x86_64__)
#include <immintrin.h>
#include <math.h>
#include <string.h>

#define TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512bf16")))
#define INLINE static inline __attribute__((always_inline)) TARGET
// Sums that are found by a counter are kept in registers only where the compiler counts for itself.
#define UNROLLED _Pragma("clang loop unroll(full)")

enum { BLOCK_ROWS = 6, LANES = 16, SLICE = 32 };

/// A head of a text. A pair is two numbers in bfloat16, the first in the lower half.
typedef struct {
    const float *queries;
    /// size / 2 × columns: pair by pair of components, the keys beside each other; zeros after the last.
    uint32_t *keys;
    /// columns / 2 × size: of two values one below the other the pairs, component by component; zeros after the last.
    uint32_t *values;
    int64_t row_count, columns, size, stride, width;
    /// What scores are multiplied by to be exponents of 2.
    float scale;
} head;

INLINE __m512 multiply_pairs(__m512 sum, __m512i a, __m512i b) {
    return _mm512_dpbf16_ps(sum, (__m512bh)a, (__m512bh)b);
}

INLINE __m512i broadcast(const void *pair) {
    int32_t word;
    memcpy(&word, pair, sizeof word);
    return _mm512_set1_epi32(word);
}

INLINE __m512i pairs_of(const float *floats) {
    return (__m512i)_mm512_cvtne2ps_pbh(_mm512_loadu_ps(floats + LANES), _mm512_loadu_ps(floats));
}

/// Sixteen rows of sixteen words become columns.
INLINE void turn(__m512i rows[LANES]) {
    __m512i a[LANES], b[LANES];
    for (int i = 0; i < LANES; i += 2) {
        a[i] = _mm512_unpacklo_epi32(rows[i], rows[i + 1]), a[i + 1] = _mm512_unpackhi_epi32(rows[i], rows[i + 1]);
    }
    for (int i = 0; i < LANES; i += 4) {
        b[i] = _mm512_unpacklo_epi64(a[i], a[i + 2]), b[i + 1] = _mm512_unpackhi_epi64(a[i], a[i + 2]);
        b[i + 2] = _mm512_unpacklo_epi64(a[i + 1], a[i + 3]), b[i + 3] = _mm512_unpackhi_epi64(a[i + 1], a[i + 3]);
    }
    for (int i = 0; i < 4; i++) {
        a[i] = _mm512_shuffle_i32x4(b[i], b[i + 4], 0x88), a[i + 4] = _mm512_shuffle_i32x4(b[i], b[i + 4], 0xdd);
        a[i + 8] = _mm512_shuffle_i32x4(b[i + 8], b[i + 12], 0x88);
        a[i + 12] = _mm512_shuffle_i32x4(b[i + 8], b[i + 12], 0xdd);
    }
    for (int i = 0; i < 8; i++) {
        rows[i] = _mm512_shuffle_i32x4(a[i], a[i + 8], 0x88), rows[i + 8] = _mm512_shuffle_i32x4(a[i], a[i + 8], 0xdd);
    }
}

TARGET static void pack_keys(const float *keys, const head *h) {
    for (int64_t first = 0; first < h->columns; first += LANES) {
        for (int64_t d = 0; d < h->size; d += SLICE) {
            __m512i rows[LANES];
            for (int64_t i = 0; i < LANES; i++) {
                const int is_key = first + i < h->row_count;
                rows[i] = is_key ? pairs_of(keys + (first + i) * h->stride + d) : _mm512_setzero_si512();
            }
            turn(rows);
            uint32_t *to = h->keys + d / 2 * h->columns + first;
            for (int64_t i = 0; i < LANES; i++) _mm512_storeu_si512(to + i * h->columns, rows[i]);
        }
    }
}

TARGET static void pack_values(const float *values, const head *h) {
    static const uint16_t interleaved[2 * LANES] = {
        0, 16, 1, 17, 2, 18, 3, 19, 4,  20, 5,  21, 6,  22, 7,  23,
        8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31,
    };
    const __m512i order = _mm512_loadu_si512(interleaved);
    uint32_t *to = h->values;
    for (int64_t i = 0; i < h->row_count; i += 2, values += 2 * h->stride) {
        for (int64_t d = 0; d < h->size; d += LANES, to += LANES) {
            const __m512 below = i + 1 < h->row_count ? _mm512_loadu_ps(values + h->stride + d) : _mm512_setzero_ps();
            const __m512i both = (__m512i)_mm512_cvtne2ps_pbh(below, _mm512_loadu_ps(values + d));
            _mm512_storeu_si512(to, _mm512_permutexvar_epi16(order, both));
        }
    }
}

/// scores[r][i] = query r · key i, for `registers` registers of keys from `first` on.
INLINE void score(const int64_t rows, const int registers, const head *h, const uint32_t *queries, int64_t first,
                  float *scores) {
    __m512 sums[BLOCK_ROWS][4];
    UNROLLED for (int64_t r = 0; r < rows; r++) {
        UNROLLED for (int j = 0; j < registers; j++) sums[r][j] = _mm512_setzero_ps();
    }
    for (int64_t pair = 0; pair < h->size / 2; pair++) {
        const uint32_t *keys = h->keys + pair * h->columns + first;
        __m512i key[4];
        UNROLLED for (int j = 0; j < registers; j++) key[j] = _mm512_loadu_si512(keys + LANES * j);
        UNROLLED for (int64_t r = 0; r < rows; r++) {
            const __m512i query = broadcast(queries + r * h->size / 2 + pair);
            UNROLLED for (int j = 0; j < registers; j++) sums[r][j] = multiply_pairs(sums[r][j], query, key[j]);
        }
    }
    UNROLLED for (int64_t r = 0; r < rows; r++) {
        float *to = scores + r * h->columns + first;
        UNROLLED for (int j = 0; j < registers; j++) _mm512_storeu_ps(to + LANES * j, sums[r][j]);
    }
}

// 2^x for x <= 0: 2^n by the exponent, 2^f for |f| <= 1/2 by the best cubic, 7.5e-5 relative. 8 bits of it
// are kept.
INLINE __m512 power_of(__m512 x) {
    const __m512 n = _mm512_roundscale_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    const __m512 f = _mm512_sub_ps(x, n);
    __m512 p = _mm512_fmadd_ps(f, _mm512_set1_ps(0.05517177f), _mm512_set1_ps(0.24261137f));
    p = _mm512_fmadd_ps(f, p, _mm512_set1_ps(0.69326097f));
    p = _mm512_fmadd_ps(f, p, _mm512_set1_ps(0.99992803f));
    return _mm512_scalef_ps(p, n);
}

/// weights = 2^(scale · (score - greatest)) in bfloat16, zeros after the last; returns the sum.
INLINE float exponentiate(const head *h, const float *scores, uint16_t *weights) {
    const int64_t whole = h->row_count / LANES * LANES;
    const __mmask16 tail = (__mmask16)((1u << (h->row_count - whole)) - 1);
    __m512 greatest = _mm512_set1_ps(-INFINITY), sum = _mm512_setzero_ps();
    for (int64_t i = 0; i < whole; i += LANES) greatest = _mm512_max_ps(greatest, _mm512_loadu_ps(scores + i));
    if (tail) greatest = _mm512_mask_max_ps(greatest, tail, greatest, _mm512_loadu_ps(scores + whole));
    const __m512 scale = _mm512_set1_ps(h->scale);
    const __m512 top = _mm512_set1_ps(_mm512_reduce_max_ps(greatest) * h->scale);
    for (int64_t i = 0; i < whole; i += LANES) {
        const __m512 e = power_of(_mm512_fmsub_ps(_mm512_loadu_ps(scores + i), scale, top));
        _mm256_storeu_si256((__m256i *)(weights + i), (__m256i)_mm512_cvtneps_pbh(e));
        sum = _mm512_add_ps(sum, e);
    }
    if (tail) {
        const __m512 e = power_of(_mm512_maskz_fmsub_ps(tail, _mm512_loadu_ps(scores + whole), scale, top));
        const __m512 kept = _mm512_maskz_mov_ps(tail, e);
        _mm256_storeu_si256((__m256i *)(weights + whole), (__m256i)_mm512_cvtneps_pbh(kept));
        sum = _mm512_add_ps(sum, kept);
    }
    return _mm512_reduce_add_ps(sum);
}

/// context[r] = Σ weights[r][i] · value i / sums[r], 32 components from `first` on.
INLINE void mix(const int64_t rows, const head *h, const uint16_t *weights, const float *sums, int64_t first,
                float *context) {
    __m512 means[BLOCK_ROWS][2];
    UNROLLED for (int64_t r = 0; r < rows; r++) means[r][0] = means[r][1] = _mm512_setzero_ps();
    const uint32_t *values = h->values + first;
    for (int64_t i = 0; i < h->row_count; i += 2, values += h->size) {
        const __m512i low = _mm512_loadu_si512(values), high = _mm512_loadu_si512(values + LANES);
        UNROLLED for (int64_t r = 0; r < rows; r++) {
            const __m512i weight = broadcast(weights + r * h->columns + i);
            means[r][0] = multiply_pairs(means[r][0], weight, low);
            means[r][1] = multiply_pairs(means[r][1], weight, high);
        }
    }
    UNROLLED for (int64_t r = 0; r < rows; r++) {
        const __m512 factor = _mm512_set1_ps(1 / sums[r]);
        float *to = context + r * h->width + first;
        _mm512_storeu_ps(to, _mm512_mul_ps(means[r][0], factor));
        _mm512_storeu_ps(to + LANES, _mm512_mul_ps(means[r][1], factor));
    }
}

/// Room for the rows of a block: their queries in pairs, scores and weights.
typedef struct {
    uint32_t *queries;
    float *scores;
    uint16_t *weights;
} block;

INLINE void attend(const int64_t rows, const head *h, int64_t first, const block *b, float *context) {
    float sums[BLOCK_ROWS];
    UNROLLED for (int64_t r = 0; r < rows; r++) {
        for (int64_t d = 0; d < h->size; d += SLICE) {
            _mm512_storeu_si512(b->queries + (r * h->size + d) / 2, pairs_of(h->queries + (first + r) * h->stride + d));
        }
    }
    int64_t i = 0;
    for (; i + 4 * LANES <= h->columns; i += 4 * LANES) score(rows, 4, h, b->queries, i, b->scores);
    for (; i + 2 * LANES <= h->columns; i += 2 * LANES) score(rows, 2, h, b->queries, i, b->scores);
    if (i < h->columns) score(rows, 1, h, b->queries, i, b->scores);
    for (int64_t r = 0; r < rows; r++) {
        sums[r] = exponentiate(h, b->scores + r * h->columns, b->weights + r * h->columns);
    }
    for (int64_t d = 0; d < h->size; d += SLICE) mix(rows, h, b->weights, sums, d, context + first * h->width);
}

TARGET void attention_bf16(const float *rows, int64_t row_count, int64_t head_count, int64_t head_size, float *scratch,
                           float *context) {
    const int64_t width = head_count * head_size, columns = (row_count + LANES - 1) / LANES * LANES;
    uint32_t *keys = (uint32_t *)scratch, *values = keys + columns * head_size / 2;
    const block b = {values + columns * head_size / 2, scratch + columns * head_size + BLOCK_ROWS * head_size / 2,
                     (uint16_t *)(scratch + columns * (head_size + BLOCK_ROWS) + BLOCK_ROWS * head_size / 2)};
    for (int64_t number = 0; number < head_count; number++) {
        const float *queries = rows + number * head_size;
        const head h = {queries, keys, values, row_count, columns, head_size, 3 * width, width,
                        1.44269504088896341f / sqrtf((float)head_size)};
        float *to = context + number * head_size;
        pack_keys(queries + width, &h);
        pack_values(queries + 2 * width, &h);
        int64_t first = 0;
        for (; first + BLOCK_ROWS <= row_count; first += BLOCK_ROWS) attend(BLOCK_ROWS, &h, first, &b, to);
        for (; first + 2 <= row_count; first += 2) attend(2, &h, first, &b, to);
        if (first < row_count) attend(1, &h, first, &b, to);
    }
}
#endif
