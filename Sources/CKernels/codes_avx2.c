#include "codes_rows.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define TARGET_AVX2 __attribute__((target("avx2,fma")))

// Sixteen-bit sums hold 32 steps of 8 entries from 0 to 255.
enum { SUM_STEPS = 32 };

// Sums of 32 rows in 16-bit lanes: `both` of even + 256 · odd rows, without regard to overflow, `odd` of the odd ones.
// Together they say both, and cost one shift for every 32 entries.
typedef struct {
    __m256i both, odd;
} pair_sums;

// A byte permutation takes one table of 16 for a half of the register: 32 rows' codes of one subspace.
TARGET_AVX2 static inline void add_entries(pair_sums *sums, __m256i codes, const int8_t *table) {
    const __m256i entries = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)table));
    const __m256i unsigned_entries = _mm256_xor_si256(entries, _mm256_set1_epi8(-128));
    const __m256i found = _mm256_shuffle_epi8(unsigned_entries, codes);
    sums->both = _mm256_add_epi16(sums->both, found);
    sums->odd = _mm256_add_epi16(sums->odd, _mm256_srli_epi16(found, 8));
}

TARGET_AVX2 static inline void add_byte(pair_sums *sums, __m256i codes, const int8_t *table) {
    const __m256i low = _mm256_set1_epi8(15);
    add_entries(sums, _mm256_and_si256(codes, low), table);
    add_entries(sums, _mm256_and_si256(_mm256_srli_epi16(codes, 4), low), table + 64);
}

// In each half of a register, the bytes of four rows sorted by their place in the row.
TARGET_AVX2 static inline __m256i load_sorted(const uint8_t *codes) {
    const __m256i order = _mm256_setr_epi8(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15, 0, 4, 8, 12, 1, 5, 9,
                                           13, 2, 6, 10, 14, 3, 7, 11, 15);
    return _mm256_shuffle_epi8(_mm256_loadu_si256((const __m256i *)codes), order);
}

TARGET_AVX2 static inline void add_step(pair_sums *sums, const uint8_t *a, const uint8_t *b, const int8_t *table) {
    const __m256i a0 = load_sorted(a), a1 = load_sorted(a + 32), b0 = load_sorted(b), b1 = load_sorted(b + 32);
    const __m256i al = _mm256_unpacklo_epi32(a0, a1), ah = _mm256_unpackhi_epi32(a0, a1);
    const __m256i bl = _mm256_unpacklo_epi32(b0, b1), bh = _mm256_unpackhi_epi32(b0, b1);
    add_byte(sums, _mm256_unpacklo_epi64(al, bl), table);
    add_byte(sums, _mm256_unpackhi_epi64(al, bl), table + 16);
    add_byte(sums, _mm256_unpacklo_epi64(ah, bh), table + 32);
    add_byte(sums, _mm256_unpackhi_epi64(ah, bh), table + 48);
}

// Adds the sums to those of groups a and b in 32 bits: `totals` has rows 0–7 and 8–15 of a, then of b. The unpacking
// undoes what `load_sorted` and `add_step` did to the order.
TARGET_AVX2 static inline void widen(pair_sums sums, size_t step_count, __m256i totals[4]) {
    const __m256i zero = _mm256_setzero_si256(), excess = _mm256_set1_epi32(8 * 128 * (int)step_count);
    const __m256i even = _mm256_sub_epi16(sums.both, _mm256_slli_epi16(sums.odd, 8));
    const __m256i a = _mm256_unpacklo_epi16(even, sums.odd), b = _mm256_unpackhi_epi16(even, sums.odd);
    const __m256i parts[4] = {_mm256_unpacklo_epi16(a, zero), _mm256_unpackhi_epi16(a, zero),
                              _mm256_unpacklo_epi16(b, zero), _mm256_unpackhi_epi16(b, zero)};
    for (size_t i = 0; i < 4; i++) totals[i] = _mm256_add_epi32(totals[i], _mm256_sub_epi32(parts[i], excess));
}

TARGET_AVX2 static inline size_t keep(const __m256i totals[2], __m256i threshold, uint32_t rows, uint32_t first,
                                      uint32_t *positions, int32_t *sums, size_t found) {
    const __m256i below0 = _mm256_cmpgt_epi32(threshold, totals[0]), below1 = _mm256_cmpgt_epi32(threshold, totals[1]);
    const uint32_t below = (uint32_t)_mm256_movemask_ps(_mm256_castsi256_ps(below0))
        | (uint32_t)_mm256_movemask_ps(_mm256_castsi256_ps(below1)) << 8;
    const uint32_t kept = rows & ~below;
    if (__builtin_expect(kept == 0, 1)) return found;
    int32_t group_sums[16];
    _mm256_storeu_si256((__m256i *)group_sums, totals[0]), _mm256_storeu_si256((__m256i *)(group_sums + 8), totals[1]);
    return keep_rows(kept, group_sums, first, positions, sums, found);
}

// Two groups at a time; a last one stands in for its missing neighbour.
TARGET_AVX2 size_t scan_codes_avx2(const uint8_t *codes, size_t group_count, size_t step_count, const int8_t *table,
                                   int32_t threshold, const uint64_t *allowed, size_t allowed_first, uint32_t first,
                                   uint32_t *positions, int32_t *sums) {
    const __m256i least = _mm256_set1_epi32(threshold), zero = _mm256_setzero_si256();
    const size_t group_bytes = step_count * 64;
    size_t found = 0;
    for (size_t group = 0; group < group_count; group += 2) {
        const int is_pair = group + 1 < group_count;
        const uint32_t rows_a = allowed_rows(allowed, allowed_first + group * 16);
        const uint32_t rows_b = is_pair ? allowed_rows(allowed, allowed_first + group * 16 + 16) : 0;
        if (!(rows_a | rows_b)) continue;
        const uint8_t *a = codes + group * group_bytes, *b = is_pair ? a + group_bytes : a;
        __m256i totals[4] = {zero, zero, zero, zero};
        for (size_t start = 0; start < step_count; start += SUM_STEPS) {
            const size_t end = start + SUM_STEPS < step_count ? start + SUM_STEPS : step_count;
            pair_sums pair = {zero, zero};
            for (size_t i = start; i < end; i++) add_step(&pair, a + i * 64, b + i * 64, table + i * 128);
            widen(pair, end - start, totals);
        }
        const uint32_t place = first + (uint32_t)(group * 16);
        found = keep(totals, least, rows_a, place, positions, sums, found);
        found = keep(totals + 2, least, rows_b, place + 16, positions, sums, found);
    }
    return found;
}

// One lane a codeword, in two registers.
TARGET_AVX2 void nearest_codewords_avx2(const float *rows, size_t row_count, const float *codewords,
                                        size_t subspace_count, size_t width, uint8_t *codes) {
    for (size_t row = 0; row < row_count; row++) {
        const float *words = codewords;
        for (size_t m = 0; m < subspace_count; m++) {
            __m256 low = _mm256_setzero_ps(), high = low;
            for (size_t i = 0; i < width; i++, rows++, words += 16) {
                const __m256 component = _mm256_broadcast_ss(rows);
                const __m256 d = _mm256_sub_ps(component, _mm256_loadu_ps(words));
                const __m256 e = _mm256_sub_ps(component, _mm256_loadu_ps(words + 8));
                low = _mm256_fmadd_ps(d, d, low), high = _mm256_fmadd_ps(e, e, high);
            }
            __m256 least = _mm256_min_ps(low, high);
            least = _mm256_min_ps(least, _mm256_permute2f128_ps(least, least, 1));
            least = _mm256_min_ps(least, _mm256_permute_ps(least, 0x4E));
            least = _mm256_min_ps(least, _mm256_permute_ps(least, 0xB1));
            const int equal = _mm256_movemask_ps(_mm256_cmp_ps(low, least, _CMP_EQ_OQ))
                | _mm256_movemask_ps(_mm256_cmp_ps(high, least, _CMP_EQ_OQ)) << 8;
            // Distances that are not numbers equal nothing; finite input has none.
            *codes++ = equal ? (uint8_t)__builtin_ctz((unsigned)equal) : 0;
        }
    }
}
#endif
