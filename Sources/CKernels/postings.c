#include "ckernels_postings.h"

#include <string.h>

typedef uint32_t four __attribute__((vector_size(16)));

static inline four load(const uint8_t *bytes) {
    four value;
    memcpy(&value, bytes, sizeof value);
    return value;
}

static inline void store(void *to, four value) { memcpy(to, &value, sizeof value); }

void ckernels_pack_block(const uint32_t *numbers, unsigned bits, uint8_t *bytes) {
    if (bits == 0) return;
    four word = {0, 0, 0, 0};
    unsigned used = 0;
    for (unsigned i = 0; i < 32; i++) {
        four value = load((const uint8_t *)(numbers + 4 * i));
        word |= value << used;
        used += bits;
        if (used >= 32) {
            store(bytes, word);
            bytes += 16;
            used -= 32;
            // A shift by all 32 bits is not defined; nothing is left of the value then.
            word = used == 0 ? (four){0, 0, 0, 0} : value >> (bits - used);
        }
    }
}

// Written once for a number of bits that the compiler knows in each copy, so that all shifts are constants.
static inline __attribute__((always_inline)) void unpack(const uint8_t *bytes, const unsigned bits, uint32_t *numbers) {
    const uint32_t mask = bits == 32 ? UINT32_MAX : (1u << bits) - 1;
    four word = load(bytes);
    unsigned used = 0;
#pragma clang loop unroll(full)
    for (unsigned i = 0; i < 32; i++) {
        four value = word >> used;
        used += bits;
        if (used >= 32) {
            used -= 32;
            if (i < 31) {
                bytes += 16;
                word = load(bytes);
                if (used > 0) value |= word << (bits - used);
            }
        }
        store(numbers + 4 * i, value & mask);
    }
}

#define CASE(bits)                    \
    case bits:                        \
        unpack(bytes, bits, numbers); \
        break;

static void unpack_block(const uint8_t *bytes, unsigned bits, uint32_t *numbers) {
    switch (bits) {
        CASE(1) CASE(2) CASE(3) CASE(4) CASE(5) CASE(6) CASE(7) CASE(8) CASE(9) CASE(10) CASE(11)
        CASE(12) CASE(13) CASE(14) CASE(15) CASE(16) CASE(17) CASE(18) CASE(19) CASE(20) CASE(21)
        CASE(22) CASE(23) CASE(24) CASE(25) CASE(26) CASE(27) CASE(28) CASE(29) CASE(30) CASE(31)
        CASE(32)
        default: memset(numbers, 0, 128 * sizeof *numbers);
    }
}

void ckernels_unpack_block(const uint8_t *bytes, unsigned bits, uint32_t addend, uint32_t *numbers) {
    unpack_block(bytes, bits, numbers);
    const four all = {addend, addend, addend, addend};
    for (unsigned i = 0; i < 32; i++) store(numbers + 4 * i, load((const uint8_t *)(numbers + 4 * i)) + all);
}

uint32_t ckernels_unpack_sums(const uint8_t *bytes, unsigned bits, uint32_t base, uint32_t *numbers) {
    unpack_block(bytes, bits, numbers);
    const four zero = {0, 0, 0, 0};
    four last = {base, base, base, base};
    four greatest = zero;
    for (unsigned i = 0; i < 32; i++) {
        four sums = load((const uint8_t *)(numbers + 4 * i));
        sums += __builtin_shufflevector(zero, sums, 0, 4, 5, 6);
        sums += __builtin_shufflevector(zero, sums, 0, 1, 4, 5);
        sums += last;
        last = __builtin_shufflevector(sums, sums, 3, 3, 3, 3);
        four is_greater = (four)(sums > greatest);
        greatest = (sums & is_greater) | (greatest & ~is_greater);
        store(numbers + 4 * i, sums);
    }
    uint32_t result = 0;
    for (int lane = 0; lane < 4; lane++) result = greatest[lane] > result ? greatest[lane] : result;
    return result;
}

void ckernels_add_scores(const uint32_t *positions, const uint32_t *frequencies, size_t count, uint32_t base,
                         const uint8_t *lengths, const float *norms, float weight, uint32_t *sums, uint64_t *touched,
                         uint32_t room) {
    for (size_t i = 0; i < count; i++) {
        uint32_t position = positions[i], place = position - base;
        if (place >= room) continue;
        float score = weight / (1.0f + norms[lengths[position]] / (float)frequencies[i]);
        sums[place] += (uint32_t)(score + 0.5f);
        touched[place >> 6] |= 1ull << (place & 63);
    }
}

void ckernels_add_frequencies(const uint32_t *positions, const uint32_t *frequencies, size_t count, uint32_t base,
                              uint32_t *sums, uint64_t *touched, uint32_t room) {
    for (size_t i = 0; i < count; i++) {
        uint32_t place = positions[i] - base;
        if (place >= room) continue;
        sums[place] += frequencies[i];
        touched[place >> 6] |= 1ull << (place & 63);
    }
}
