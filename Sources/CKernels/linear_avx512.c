#include "linear_forms.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq")))
#define INLINE static inline __attribute__((always_inline)) TARGET
// Sums that are found by a counter are kept in registers only where the compiler counts for itself.
#define UNROLLED _Pragma("clang loop unroll(full)")

// erf by the polynomials of transformer_vector.h, which says where they come from. The quotient passes 1 by up to 4e-7
// near the ends, which times a great x would be seen.
INLINE __m512 gelu_of(__m512 x) {
    const __m512 end = _mm512_set1_ps(4.0f), one = _mm512_set1_ps(1.0f);
    __m512 y = _mm512_mul_ps(x, _mm512_set1_ps(0.70710678118654752f));
    y = _mm512_min_ps(_mm512_max_ps(y, _mm512_sub_ps(_mm512_setzero_ps(), end)), end);
    const __m512 z = _mm512_mul_ps(y, y);
    __m512 p = _mm512_set1_ps(-2.72614225801306e-10f);
    p = _mm512_fmadd_ps(p, z, _mm512_set1_ps(2.77068142495902e-08f));
    p = _mm512_fmadd_ps(p, z, _mm512_set1_ps(-2.10102402082508e-06f));
    p = _mm512_fmadd_ps(p, z, _mm512_set1_ps(-5.69250639462346e-05f));
    p = _mm512_fmadd_ps(p, z, _mm512_set1_ps(-7.34990630326855e-04f));
    p = _mm512_fmadd_ps(p, z, _mm512_set1_ps(-2.95459980854025e-03f));
    p = _mm512_fmadd_ps(p, z, _mm512_set1_ps(-1.60960333262415e-02f));
    __m512 q = _mm512_set1_ps(-1.45660718464996e-05f);
    q = _mm512_fmadd_ps(q, z, _mm512_set1_ps(-2.13374055278905e-04f));
    q = _mm512_fmadd_ps(q, z, _mm512_set1_ps(-1.68282697438203e-03f));
    q = _mm512_fmadd_ps(q, z, _mm512_set1_ps(-7.37332916720468e-03f));
    q = _mm512_fmadd_ps(q, z, _mm512_set1_ps(-1.42647390514189e-02f));
    __m512 e = _mm512_div_ps(_mm512_mul_ps(y, p), q);
    e = _mm512_min_ps(_mm512_max_ps(e, _mm512_sub_ps(_mm512_setzero_ps(), one)), one);
    const __m512 half = _mm512_mul_ps(x, _mm512_set1_ps(0.5f));
    return _mm512_fmadd_ps(half, e, half);
}

enum { TILE_ROWS = 6, PANEL = 64, LANES = 16 };

// Six rows against 64 outputs: 24 sums fill the registers, and a load of weights serves six products. A panel's weights
// come from the second-level cache, 21 bytes a cycle of the 64 that it gives; the first rows of a panel fetch the next
// one's into it.
INLINE __m512 weights_at(const float *weights, const int fetches, int64_t next) {
    if (fetches) __builtin_prefetch(weights + next, 0, 2);
    return _mm512_loadu_ps(weights);
}

INLINE void tile(const int64_t rows, const ckernels_float_map *map, int64_t panel, const int fetches,
                 const float *inputs, const int function, float *outputs) {
    const int64_t next = PANEL * map->input_count;
    const float *weights = map->weights + panel * next;
    __m512 sums[TILE_ROWS][4];
    UNROLLED for (int j = 0; j < 4; j++) {
        const __m512 bias = _mm512_loadu_ps(map->bias + panel * PANEL + j * LANES);
        UNROLLED for (int64_t r = 0; r < rows; r++) sums[r][j] = bias;
    }
    for (int64_t i = 0; i < map->input_count; i++, weights += PANEL) {
        const __m512 w0 = weights_at(weights, fetches, next), w1 = weights_at(weights + LANES, fetches, next);
        const __m512 w2 = weights_at(weights + 2 * LANES, fetches, next);
        const __m512 w3 = weights_at(weights + 3 * LANES, fetches, next);
        UNROLLED for (int64_t r = 0; r < rows; r++) {
            const __m512 x = _mm512_set1_ps(inputs[r * map->input_count + i]);
            sums[r][0] = _mm512_fmadd_ps(x, w0, sums[r][0]), sums[r][1] = _mm512_fmadd_ps(x, w1, sums[r][1]);
            sums[r][2] = _mm512_fmadd_ps(x, w2, sums[r][2]), sums[r][3] = _mm512_fmadd_ps(x, w3, sums[r][3]);
        }
    }
    UNROLLED for (int64_t r = 0; r < rows; r++) {
        float *to = outputs + r * map->output_count + panel * PANEL;
        UNROLLED for (int j = 0; j < 4; j++) {
            _mm512_storeu_ps(to + j * LANES, function == CKERNELS_GELU ? gelu_of(sums[r][j]) : sums[r][j]);
        }
    }
}

INLINE void rest(int64_t rows, const ckernels_float_map *map, int64_t panel, const int fetches, const float *inputs,
                 const int function, float *outputs) {
    switch (rows) {
    case 5: tile(5, map, panel, fetches, inputs, function, outputs); break;
    case 4: tile(4, map, panel, fetches, inputs, function, outputs); break;
    case 3: tile(3, map, panel, fetches, inputs, function, outputs); break;
    case 2: tile(2, map, panel, fetches, inputs, function, outputs); break;
    case 1: tile(1, map, panel, fetches, inputs, function, outputs); break;
    default: break;
    }
}

INLINE void float_linear_with(const ckernels_float_map *map, const float *inputs, int64_t row_count, const int function,
                              float *outputs) {
    const int64_t step = TILE_ROWS * map->input_count, out_step = TILE_ROWS * map->output_count;
    // Panel by panel: its weights come from memory once, however many rows go by.
    for (int64_t panel = 0; panel < map->output_count / PANEL; panel++) {
        if (row_count < TILE_ROWS) {
            rest(row_count, map, panel, 1, inputs, function, outputs);
            continue;
        }
        tile(TILE_ROWS, map, panel, 1, inputs, function, outputs);
        int64_t done = TILE_ROWS;
        const float *x = inputs + step;
        float *y = outputs + out_step;
        for (; done + TILE_ROWS <= row_count; done += TILE_ROWS, x += step, y += out_step) {
            tile(TILE_ROWS, map, panel, 0, x, function, y);
        }
        rest(row_count - done, map, panel, 0, x, function, y);
    }
}

TARGET void float_linear_avx512(const ckernels_float_map *map, const float *inputs, int64_t row_count, int function,
                                float *outputs) {
    if (function == CKERNELS_GELU) {
        float_linear_with(map, inputs, row_count, CKERNELS_GELU, outputs);
    } else {
        float_linear_with(map, inputs, row_count, CKERNELS_PLAIN, outputs);
    }
}
#endif
