#include "codes_rows.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define TARGET_VNNI __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vbmi,avx512vnni,bmi,popcnt")))
#define TARGET_AVX512 __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq")))

// A permutation's index has six bits: four from the code, two that choose among the step's four subspaces of a half.
TARGET_VNNI static inline __m512i look_up(__m512i codes, __m512i table) {
    const __m512i low = _mm512_set1_epi8(15), subspace = _mm512_set1_epi32(0x30201000);
    return _mm512_permutexvar_epi8(_mm512_ternarylogic_epi32(codes, low, subspace, 0xEA), table);
}

TARGET_VNNI static inline __m512i add_step(__m512i sums, const uint8_t *codes, __m512i low, __m512i high) {
    const __m512i bytes = _mm512_loadu_si512(codes), ones = _mm512_set1_epi8(1);
    sums = _mm512_dpbusd_epi32(sums, ones, look_up(bytes, low));
    return _mm512_dpbusd_epi32(sums, ones, look_up(_mm512_srli_epi32(bytes, 4), high));
}

TARGET_VNNI static inline size_t keep(__m512i group_sums, __m512i threshold, uint32_t rows, uint32_t first,
                                      uint32_t *positions, int32_t *sums, size_t found) {
    const __mmask16 kept = _mm512_mask_cmpge_epi32_mask((__mmask16)rows, group_sums, threshold);
    if (__builtin_expect(kept == 0, 1)) return found;
    const __m512i lanes = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    const __m512i places = _mm512_add_epi32(_mm512_set1_epi32((int)first), lanes);
    // Compressed in a register and stored whole: a compressing store is many times slower on Zen 4. There is room, for
    // every group writes 16 at most and the buffers hold 16 for each.
    _mm512_storeu_si512(positions + found, _mm512_maskz_compress_epi32(kept, places));
    _mm512_storeu_si512(sums + found, _mm512_maskz_compress_epi32(kept, group_sums));
    return found + (size_t)__builtin_popcount(kept);
}

// Four groups at a time, so that a load of the tables serves 64 rows.
TARGET_VNNI size_t scan_codes_vnni(const uint8_t *codes, size_t group_count, size_t step_count, const int8_t *table,
                                   int32_t threshold, const uint64_t *allowed, size_t allowed_first, uint32_t first,
                                   uint32_t *positions, int32_t *sums) {
    const __m512i least = _mm512_set1_epi32(threshold);
    const size_t group_bytes = step_count * 64;
    size_t found = 0, group = 0;
    for (; group + 4 <= group_count; group += 4) {
        uint32_t rows[4];
        for (size_t i = 0; i < 4; i++) rows[i] = allowed_rows(allowed, allowed_first + (group + i) * 16);
        if (allowed && !(rows[0] | rows[1] | rows[2] | rows[3])) continue;
        const uint8_t *c0 = codes + group * group_bytes, *c1 = c0 + group_bytes;
        const uint8_t *c2 = c1 + group_bytes, *c3 = c2 + group_bytes;
        __m512i s0 = _mm512_setzero_si512(), s1 = s0, s2 = s0, s3 = s0;
        for (size_t step = 0; step < step_count; step++) {
            const __m512i low = _mm512_loadu_si512(table + step * 128);
            const __m512i high = _mm512_loadu_si512(table + step * 128 + 64);
            s0 = add_step(s0, c0 + step * 64, low, high), s1 = add_step(s1, c1 + step * 64, low, high);
            s2 = add_step(s2, c2 + step * 64, low, high), s3 = add_step(s3, c3 + step * 64, low, high);
        }
        const uint32_t place = first + (uint32_t)(group * 16);
        found = keep(s0, least, rows[0], place, positions, sums, found);
        found = keep(s1, least, rows[1], place + 16, positions, sums, found);
        found = keep(s2, least, rows[2], place + 32, positions, sums, found);
        found = keep(s3, least, rows[3], place + 48, positions, sums, found);
    }
    for (; group < group_count; group++) {
        const uint32_t rows = allowed_rows(allowed, allowed_first + group * 16);
        if (!rows) continue;
        __m512i s = _mm512_setzero_si512();
        for (size_t step = 0; step < step_count; step++) {
            s = add_step(s, codes + group * group_bytes + step * 64, _mm512_loadu_si512(table + step * 128),
                         _mm512_loadu_si512(table + step * 128 + 64));
        }
        found = keep(s, least, rows, first + (uint32_t)(group * 16), positions, sums, found);
    }
    return found;
}

// One lane a codeword.
TARGET_AVX512 void nearest_codewords_avx512(const float *rows, size_t row_count, const float *codewords,
                                            size_t subspace_count, size_t width, uint8_t *codes) {
    for (size_t row = 0; row < row_count; row++) {
        for (size_t m = 0; m < subspace_count; m++, rows += width) {
            __m512 distance = _mm512_setzero_ps();
            for (size_t i = 0; i < width; i++) {
                const __m512 words = _mm512_loadu_ps(codewords + (m * width + i) * 16);
                const __m512 difference = _mm512_sub_ps(_mm512_set1_ps(rows[i]), words);
                distance = _mm512_fmadd_ps(difference, difference, distance);
            }
            const __m512 nearest = _mm512_set1_ps(_mm512_reduce_min_ps(distance));
            const __mmask16 equal = _mm512_cmp_ps_mask(distance, nearest, _CMP_EQ_OQ);
            // Distances that are not numbers equal nothing; finite input has none.
            *codes++ = equal ? (uint8_t)__builtin_ctz(equal) : 0;
        }
    }
}
#endif
