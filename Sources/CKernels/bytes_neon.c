#include "forms.h"

#if defined(__aarch64__) && defined(__ARM_NEON)
#include <arm_neon.h>
#include <string.h>

#define TARGET_DOT __attribute__((target("arch=armv8.2-a+dotprod")))

TARGET_DOT void byte_products_neon(const int8_t *vector, const uint8_t *matrix, size_t group_count, size_t word_count,
                                   int32_t *products) {
    const uint8x16_t offset = vdupq_n_u8(128);
    const size_t group_bytes = word_count * 64;
    for (size_t group = 0; group < group_count; group += 2) {
        // The last of an odd number stands in for its missing neighbour, and is not written twice.
        const int is_pair = group + 1 < group_count;
        const uint8_t *parts[2] = {matrix + group * group_bytes, matrix + (group + is_pair) * group_bytes};
        int32x4_t sums[8];
        for (int i = 0; i < 8; i++) sums[i] = vdupq_n_s32(0);
        for (size_t word = 0; word < word_count; word++) {
            int32_t components;
            memcpy(&components, vector + 4 * word, sizeof components);
            const int8x16_t v = vreinterpretq_s8_s32(vdupq_n_s32(components));
            for (int i = 0; i < 8; i++) {
                const uint8x16_t bytes = vld1q_u8(parts[i / 4] + word * 64 + i % 4 * 16);
                sums[i] = vdotq_s32(sums[i], vreinterpretq_s8_u8(veorq_u8(bytes, offset)), v);
            }
        }
        for (int i = 0; i < 4 + 4 * is_pair; i++) vst1q_s32(products + group * 16 + 4 * i, sums[i]);
    }
}

TARGET_DOT int32_t byte_row_neon(const int8_t *vector, const uint8_t *row, size_t dimension) {
    const uint8x16_t offset = vdupq_n_u8(128);
    int32x4_t sums = vdupq_n_s32(0);
    int32_t taken_off = 0;
    size_t i = 0;
    for (; i + 16 <= dimension; i += 16) {
        const int8x16_t v = vld1q_s8(vector + i);
        sums = vdotq_s32(sums, vreinterpretq_s8_u8(veorq_u8(vld1q_u8(row + i), offset)), v);
        taken_off += vaddlvq_s8(v);
    }
    uint32_t sum = (uint32_t)vaddvq_s32(sums) + 128u * (uint32_t)taken_off;
    for (; i < dimension; i++) sum += (uint32_t)(row[i] * vector[i]);
    return (int32_t)sum;
}
#endif
