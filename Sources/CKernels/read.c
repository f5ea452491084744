#include "ckernels_read.h"
#include <string.h>

typedef uint64_t line __attribute__((vector_size(64)));

__attribute__((always_inline)) static inline uint64_t read_lines(const uint8_t *bytes, size_t count) {
    line sums[4] = {{0}};
    for (size_t i = 0; i + sizeof sums <= count; i += sizeof sums) {
        line lines[4];
        memcpy(lines, bytes + i, sizeof lines);
        for (int k = 0; k < 4; k++) sums[k] ^= lines[k];
    }
    const line all = (sums[0] ^ sums[1]) ^ (sums[2] ^ sums[3]);
    return all[0] ^ all[1] ^ all[2] ^ all[3] ^ all[4] ^ all[5] ^ all[6] ^ all[7];
}

static uint64_t read_plain(const uint8_t *bytes, size_t count) { return read_lines(bytes, count); }

#if defined(__x86_64__)
__attribute__((target("avx512f"))) static uint64_t read_avx512(const uint8_t *bytes, size_t count) {
    return read_lines(bytes, count);
}

__attribute__((target("avx2"))) static uint64_t read_avx2(const uint8_t *bytes, size_t count) {
    return read_lines(bytes, count);
}
#endif

uint64_t ckernels_read(ckernels_isa isa, const uint8_t *bytes, size_t count) {
#if defined(__x86_64__)
    if (isa == CKERNELS_AVX512 || isa == CKERNELS_AVX512_VNNI) return read_avx512(bytes, count);
    if (isa == CKERNELS_AVX2) return read_avx2(bytes, count);
#endif
    (void)isa;
    return read_plain(bytes, count);
}
