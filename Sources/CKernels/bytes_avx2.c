#include "forms.h"

#if defined(__x86_64__)
#include <immintrin.h>
#include <string.h>

#define TARGET_AVX2 __attribute__((target("avx2")))

// A word of the vector in 16 bits: components 0 and 2 in each 32-bit lane, and components 1 and 3.
typedef struct {
    __m256i even, odd;
} wide_word;

TARGET_AVX2 static inline wide_word wide_word_of(const int8_t *vector) {
    int32_t word;
    memcpy(&word, vector, sizeof word);
    const __m256i components = _mm256_set1_epi32(word);
    return (wide_word){_mm256_srai_epi16(_mm256_slli_epi16(components, 8), 8), _mm256_srai_epi16(components, 8)};
}

// In 16 bits, because products of unsigned by signed bytes in pairs would saturate.
TARGET_AVX2 static inline __m256i add_word_avx2(__m256i sums, const uint8_t *matrix, wide_word word) {
    const __m256i bytes = _mm256_loadu_si256((const __m256i *)matrix);
    const __m256i even = _mm256_and_si256(bytes, _mm256_set1_epi16(255)), odd = _mm256_srli_epi16(bytes, 8);
    sums = _mm256_add_epi32(sums, _mm256_madd_epi16(even, word.even));
    return _mm256_add_epi32(sums, _mm256_madd_epi16(odd, word.odd));
}

TARGET_AVX2 void byte_products_avx2(const int8_t *vector, const uint8_t *matrix, size_t group_count, size_t word_count,
                                    int32_t *products) {
    int32_t sum = 0;
    for (size_t i = 0; i < word_count * 4; i++) sum += vector[i];
    const __m256i start = _mm256_set1_epi32(-128 * sum);
    const size_t group_bytes = word_count * 64;
    for (size_t group = 0; group < group_count; group += 2) {
        // The last of an odd number stands in for its missing neighbour, and is not written twice.
        const int is_pair = group + 1 < group_count;
        const uint8_t *a = matrix + group * group_bytes, *b = is_pair ? a + group_bytes : a;
        __m256i a0 = start, a1 = start, b0 = start, b1 = start;
        for (size_t word = 0; word < word_count; word++) {
            const wide_word v = wide_word_of(vector + 4 * word);
            a0 = add_word_avx2(a0, a + word * 64, v), a1 = add_word_avx2(a1, a + word * 64 + 32, v);
            b0 = add_word_avx2(b0, b + word * 64, v), b1 = add_word_avx2(b1, b + word * 64 + 32, v);
        }
        __m256i *to = (__m256i *)(products + group * 16);
        _mm256_storeu_si256(to, a0), _mm256_storeu_si256(to + 1, a1);
        if (is_pair) _mm256_storeu_si256(to + 2, b0), _mm256_storeu_si256(to + 3, b1);
    }
}

TARGET_AVX2 int32_t byte_row_avx2(const int8_t *vector, const uint8_t *row, size_t dimension) {
    __m256i sums = _mm256_setzero_si256();
    size_t i = 0;
    for (; i + 32 <= dimension; i += 32) {
        const __m256i v = _mm256_loadu_si256((const __m256i *)(vector + i));
        const wide_word word = {_mm256_srai_epi16(_mm256_slli_epi16(v, 8), 8), _mm256_srai_epi16(v, 8)};
        sums = add_word_avx2(sums, row + i, word);
    }
    __m128i half = _mm_add_epi32(_mm256_castsi256_si128(sums), _mm256_extracti128_si256(sums, 1));
    half = _mm_add_epi32(half, _mm_shuffle_epi32(half, 0x4E));
    half = _mm_add_epi32(half, _mm_shuffle_epi32(half, 0xB1));
    uint32_t sum = (uint32_t)_mm_cvtsi128_si32(half);
    for (; i < dimension; i++) sum += (uint32_t)(row[i] * vector[i]);
    return (int32_t)sum;
}
#endif
