#include "forms.h"

#if defined(__x86_64__)
#include <immintrin.h>
#include <string.h>

#define TARGET_VNNI __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni")))

TARGET_VNNI static inline __m512i word_of(const int8_t *vector) {
    int32_t word;
    memcpy(&word, vector, sizeof word);
    return _mm512_set1_epi32(word);
}

// The instruction multiplies unsigned by signed bytes, hence the matrix's offset of 128, taken off at the end: it adds
// 128 Σ vector to every row.
TARGET_VNNI void byte_products_vnni(const int8_t *vector, const uint8_t *matrix, size_t group_count, size_t word_count,
                                    int32_t *products) {
    int32_t sum = 0;
    for (size_t i = 0; i < word_count * 4; i++) sum += vector[i];
    const __m512i start = _mm512_set1_epi32(-128 * sum);
    const size_t group_bytes = word_count * 64;
    size_t group = 0;
    for (; group + 4 <= group_count; group += 4, matrix += 4 * group_bytes) {
        const uint8_t *m1 = matrix + group_bytes, *m2 = m1 + group_bytes, *m3 = m2 + group_bytes;
        __m512i s0 = start, s1 = start, s2 = start, s3 = start;
        for (size_t word = 0; word < word_count; word++) {
            const __m512i v = word_of(vector + 4 * word);
            s0 = _mm512_dpbusd_epi32(s0, _mm512_loadu_si512(matrix + word * 64), v);
            s1 = _mm512_dpbusd_epi32(s1, _mm512_loadu_si512(m1 + word * 64), v);
            s2 = _mm512_dpbusd_epi32(s2, _mm512_loadu_si512(m2 + word * 64), v);
            s3 = _mm512_dpbusd_epi32(s3, _mm512_loadu_si512(m3 + word * 64), v);
        }
        _mm512_storeu_si512(products + group * 16, s0), _mm512_storeu_si512(products + group * 16 + 16, s1);
        _mm512_storeu_si512(products + group * 16 + 32, s2), _mm512_storeu_si512(products + group * 16 + 48, s3);
    }
    for (; group < group_count; group++, matrix += group_bytes) {
        __m512i s = start;
        for (size_t word = 0; word < word_count; word++) {
            s = _mm512_dpbusd_epi32(s, _mm512_loadu_si512(matrix + word * 64), word_of(vector + 4 * word));
        }
        _mm512_storeu_si512(products + group * 16, s);
    }
}

// Two groups and four vectors at a time: a load of the matrix serves four products, one of a vector's word two.
TARGET_VNNI void byte_products4_vnni(const int8_t *vectors, const uint8_t *matrix, size_t group_count,
                                     size_t word_count, int32_t *products) {
    const size_t group_bytes = word_count * 64, vector_bytes = word_count * 4, vector_products = group_count * 16;
    __m512i start[4];
    for (size_t v = 0; v < 4; v++) {
        int32_t sum = 0;
        for (size_t i = 0; i < vector_bytes; i++) sum += vectors[v * vector_bytes + i];
        start[v] = _mm512_set1_epi32(-128 * sum);
    }
    for (size_t group = 0; group < group_count; group += 2, matrix += 2 * group_bytes) {
        // The last of an odd number stands in for its missing neighbour, and is not written twice.
        const int is_pair = group + 1 < group_count;
        const uint8_t *second = is_pair ? matrix + group_bytes : matrix;
        __m512i a[4], b[4];
        for (size_t v = 0; v < 4; v++) a[v] = b[v] = start[v];
        for (size_t word = 0; word < word_count; word++) {
            const __m512i x = _mm512_loadu_si512(matrix + word * 64), y = _mm512_loadu_si512(second + word * 64);
            for (size_t v = 0; v < 4; v++) {
                const __m512i components = word_of(vectors + v * vector_bytes + 4 * word);
                a[v] = _mm512_dpbusd_epi32(a[v], x, components), b[v] = _mm512_dpbusd_epi32(b[v], y, components);
            }
        }
        for (size_t v = 0; v < 4; v++) {
            int32_t *to = products + v * vector_products + group * 16;
            _mm512_storeu_si512(to, a[v]);
            if (is_pair) _mm512_storeu_si512(to + 16, b[v]);
        }
    }
}

TARGET_VNNI int32_t byte_row_vnni(const int8_t *vector, const uint8_t *row, size_t dimension) {
    __m512i a = _mm512_setzero_si512(), b = a;
    size_t i = 0;
    for (; i + 128 <= dimension; i += 128) {
        a = _mm512_dpbusd_epi32(a, _mm512_loadu_si512(row + i), _mm512_loadu_si512(vector + i));
        b = _mm512_dpbusd_epi32(b, _mm512_loadu_si512(row + i + 64), _mm512_loadu_si512(vector + i + 64));
    }
    for (; i < dimension; i += 64) {
        const size_t left = dimension - i;
        const __mmask64 mask = left >= 64 ? ~0ull : (1ull << left) - 1;
        a = _mm512_dpbusd_epi32(a, _mm512_maskz_loadu_epi8(mask, row + i), _mm512_maskz_loadu_epi8(mask, vector + i));
    }
    return _mm512_reduce_add_epi32(_mm512_add_epi32(a, b));
}
#endif
