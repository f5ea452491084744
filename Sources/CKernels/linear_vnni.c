#include "linear_forms.h"

#if defined(__x86_64__)
#include <immintrin.h>
#include <math.h>
#include <string.h>

#pragma STDC FP_CONTRACT OFF

#define TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni")))
#define INLINE static inline __attribute__((always_inline)) TARGET
// Sums that are found by a counter are kept in registers only where the compiler counts for itself.
#define UNROLLED _Pragma("clang loop unroll(full)")

INLINE __m512 scaled(const float *row, const float *factors, int64_t i) {
    const __m512 x = _mm512_loadu_ps(row + i);
    return factors ? _mm512_mul_ps(x, _mm512_loadu_ps(factors + i)) : x;
}

TARGET static void round_rows(const float *rows, int64_t row_count, int64_t width, const float *factors, uint8_t *bytes,
                              ckernels_byte_row *ranges) {
    for (int64_t r = 0; r < row_count; r++, rows += width, bytes += width) {
        __m512 low = _mm512_setzero_ps(), high = low;
        for (int64_t i = 0; i < width; i += 16) {
            const __m512 x = scaled(rows, factors, i);
            low = _mm512_min_ps(low, x), high = _mm512_max_ps(high, x);
        }
        const float least = _mm512_reduce_min_ps(low), greatest = _mm512_reduce_max_ps(high);
        const float unit = (greatest - least) / 255, steps = unit > 0 ? 1 / unit : 0;
        const int32_t zero = (int32_t)lrintf(-least * steps);
        ranges[r] = (ckernels_byte_row){unit, zero};
        for (int64_t i = 0; i < width; i += 16) {
            const __m512 x = _mm512_mul_ps(scaled(rows, factors, i), _mm512_set1_ps(steps));
            const __m512i whole = _mm512_add_epi32(_mm512_cvtps_epi32(x), _mm512_set1_epi32(zero));
            const __m512i kept = _mm512_max_epi32(whole, _mm512_setzero_si512());
            _mm_storeu_si128((__m128i *)(bytes + i), _mm512_cvtusepi32_epi8(kept));
        }
    }
}

// GELU by x times a polynomial for the normal distribution's integral, which is 1 past 3.9: at most 1.9e-4 from the
// exact one. What it gives is rounded to 255 steps of its row's range, which are fifty times as wide.
INLINE __m512 gelu_of(__m512 x) {
    const __m512 end = _mm512_set1_ps(CKERNELS_GELU_END);
    const __m512 y = _mm512_min_ps(_mm512_max_ps(x, _mm512_sub_ps(_mm512_setzero_ps(), end)), end);
    const __m512 z = _mm512_mul_ps(y, y);
    __m512 p = _mm512_set1_ps(byte_gelu[6]);
    for (int i = 5; i >= 0; i--) p = _mm512_fmadd_ps(p, z, _mm512_set1_ps(byte_gelu[i]));
    return _mm512_mul_ps(x, _mm512_fmadd_ps(p, y, _mm512_set1_ps(0.5f)));
}

enum { TILE_ROWS = 6, PANEL = 64 };

INLINE __m512i weights_at(const int8_t *weights, const int fetches, int64_t next) {
    if (fetches) __builtin_prefetch(weights + next);
    return _mm512_loadu_si512(weights);
}

// Six rows against 64 outputs: 24 sums and the weights of four components at 64 outputs fill the registers, and a load
// of weights serves six products. 460 to 510 of the processor's 512 billion products a second (Zen 5, 4 GHz). The first
// rows of a panel fetch the next one's weights.
INLINE void tile(const int64_t rows, const ckernels_byte_map *map, int64_t panel, const int fetches,
                 const uint8_t *bytes, const ckernels_byte_row *ranges, const int function, float *outputs) {
    const int64_t word_count = map->input_count / 4, next = word_count * 4 * PANEL;
    const int8_t *weights = map->weights + panel * next;
    __m512i sums[TILE_ROWS][4];
    UNROLLED for (int64_t r = 0; r < rows; r++) {
        UNROLLED for (int j = 0; j < 4; j++) sums[r][j] = _mm512_setzero_si512();
    }
    for (int64_t word = 0; word < word_count; word++, weights += 4 * PANEL) {
        const __m512i w0 = weights_at(weights, fetches, next), w1 = weights_at(weights + 64, fetches, next);
        const __m512i w2 = weights_at(weights + 128, fetches, next), w3 = weights_at(weights + 192, fetches, next);
        UNROLLED for (int64_t r = 0; r < rows; r++) {
            int32_t four;
            memcpy(&four, bytes + r * map->input_count + 4 * word, sizeof four);
            const __m512i x = _mm512_set1_epi32(four);
            sums[r][0] = _mm512_dpbusd_epi32(sums[r][0], x, w0), sums[r][1] = _mm512_dpbusd_epi32(sums[r][1], x, w1);
            sums[r][2] = _mm512_dpbusd_epi32(sums[r][2], x, w2), sums[r][3] = _mm512_dpbusd_epi32(sums[r][3], x, w3);
        }
    }
    UNROLLED for (int j = 0; j < 4; j++) {
        const int64_t o = panel * PANEL + j * 16;
        const __m512i totals = _mm512_loadu_si512(map->sums + o);
        const __m512 scales = _mm512_loadu_ps(map->scales + o), bias = _mm512_loadu_ps(map->bias + o);
        UNROLLED for (int64_t r = 0; r < rows; r++) {
            const __m512i zero = _mm512_mullo_epi32(totals, _mm512_set1_epi32(ranges[r].zero));
            const __m512 whole = _mm512_cvtepi32_ps(_mm512_sub_epi32(sums[r][j], zero));
            const __m512 unit = _mm512_mul_ps(scales, _mm512_set1_ps(ranges[r].unit));
            const __m512 y = _mm512_fmadd_ps(whole, unit, bias);
            _mm512_storeu_ps(outputs + r * map->output_count + o, function == CKERNELS_GELU ? gelu_of(y) : y);
        }
    }
}

INLINE void rest(int64_t rows, const ckernels_byte_map *map, int64_t panel, const int fetches, const uint8_t *bytes,
                 const ckernels_byte_row *ranges, const int function, float *outputs) {
    switch (rows) {
    case 5: tile(5, map, panel, fetches, bytes, ranges, function, outputs); break;
    case 4: tile(4, map, panel, fetches, bytes, ranges, function, outputs); break;
    case 3: tile(3, map, panel, fetches, bytes, ranges, function, outputs); break;
    case 2: tile(2, map, panel, fetches, bytes, ranges, function, outputs); break;
    case 1: tile(1, map, panel, fetches, bytes, ranges, function, outputs); break;
    default: break;
    }
}

INLINE void byte_linear_with(const ckernels_byte_map *map, const uint8_t *bytes, const ckernels_byte_row *ranges,
                             int64_t row_count, const int function, float *outputs) {
    const int64_t step = TILE_ROWS * map->input_count, out_step = TILE_ROWS * map->output_count;
    // Panel by panel: its weights stay in the first-level cache while all rows go by.
    for (int64_t panel = 0; panel < map->output_count / PANEL; panel++) {
        if (row_count < TILE_ROWS) {
            rest(row_count, map, panel, 1, bytes, ranges, function, outputs);
            continue;
        }
        tile(TILE_ROWS, map, panel, 1, bytes, ranges, function, outputs);
        int64_t done = TILE_ROWS;
        const uint8_t *x = bytes + step;
        float *y = outputs + out_step;
        for (; done + TILE_ROWS <= row_count; done += TILE_ROWS, x += step, y += out_step) {
            tile(TILE_ROWS, map, panel, 0, x, ranges + done, function, y);
        }
        rest(row_count - done, map, panel, 0, x, ranges + done, function, y);
    }
}

TARGET static void byte_linear(const ckernels_byte_map *map, const uint8_t *bytes, const ckernels_byte_row *ranges,
                               int64_t row_count, int function, float *outputs) {
    if (function == CKERNELS_GELU) {
        byte_linear_with(map, bytes, ranges, row_count, CKERNELS_GELU, outputs);
    } else {
        byte_linear_with(map, bytes, ranges, row_count, CKERNELS_PLAIN, outputs);
    }
}

const linear_forms linear_forms_vnni = {round_rows, byte_linear};
#endif
