#include "ckernels_query.h"

#define JOINED(a, b) a##_##b

#define TARGET
#define NAME(name) JOINED(name, scalar)
#include "query_forms.h"
#undef TARGET
#undef NAME

#if defined(__x86_64__)
#define TARGET __attribute__((target("avx2")))
#define NAME(name) JOINED(name, avx2)
#include "query_forms.h"
#undef TARGET
#undef NAME

#define TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,prefer-256-bit")))
#define NAME(name) JOINED(name, avx512)
#include "query_forms.h"
#undef TARGET
#undef NAME
#endif

float ckernels_quantize_bytes(ckernels_isa isa, const float *vector, size_t dimension, int8_t *bytes,
                              size_t byte_count) {
#if defined(__x86_64__)
    if (isa >= CKERNELS_AVX512) return quantize_bytes_avx512(vector, dimension, bytes, byte_count);
    if (isa >= CKERNELS_AVX2) return quantize_bytes_avx2(vector, dimension, bytes, byte_count);
#endif
    (void)isa;
    return quantize_bytes_scalar(vector, dimension, bytes, byte_count);
}

void ckernels_code_table(ckernels_isa isa, const float *projected, const float *codewords, size_t subspace_count,
                         size_t width, int8_t *table, float *middle, float *unit) {
#if defined(__x86_64__)
    if (isa >= CKERNELS_AVX512) {
        return code_table_avx512(projected, codewords, subspace_count, width, table, middle, unit);
    }
    if (isa >= CKERNELS_AVX2) {
        return code_table_avx2(projected, codewords, subspace_count, width, table, middle, unit);
    }
#endif
    (void)isa;
    code_table_scalar(projected, codewords, subspace_count, width, table, middle, unit);
}

size_t ckernels_greatest_difference(ckernels_isa isa, const float *a, const float *b, size_t count,
                                    float *difference) {
#if defined(__x86_64__)
    if (isa >= CKERNELS_AVX512) return greatest_difference_avx512(a, b, count, difference);
    if (isa >= CKERNELS_AVX2) return greatest_difference_avx2(a, b, count, difference);
#endif
    (void)isa;
    return greatest_difference_scalar(a, b, count, difference);
}

size_t ckernels_places_at_least(const float *scores, size_t count, float threshold, uint32_t *places) {
    size_t found = 0;
    // Without a branch: which way it went would be a guess at every place.
    for (size_t i = 0; i < count; i++) {
        places[found] = (uint32_t)i;
        found += scores[i] >= threshold;
    }
    return found;
}

enum { LINE_BYTES = 64 };

// Into the second-level cache: the first one holds what is worked on now.

void ckernels_fetch_bytes(const void *bytes, size_t count) {
    for (size_t i = 0; i < count; i += LINE_BYTES) __builtin_prefetch((const char *)bytes + i, 0, 2);
}

void ckernels_fetch_rows(const float *rows, const uint32_t *positions, size_t count, size_t dimension) {
    for (size_t i = 0; i < count; i++) {
        ckernels_fetch_bytes(rows + positions[i] * dimension, dimension * sizeof(float));
    }
}
