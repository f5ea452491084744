#include "codes_rows.h"

#if defined(__aarch64__) && defined(__ARM_NEON)
#include <arm_neon.h>

#define TARGET_DOT __attribute__((target("arch=armv8.2-a+dotprod")))

// Sums of a group's 16 rows.
typedef struct {
    int32x4_t rows[4];
} group_sums;

// A look-up's index has six bits: four from the code, two that choose among the step's four subspaces of a half. Both
// shifting insertions take the two from `subspace` and the four from the codes.
TARGET_DOT static inline group_sums add_step(group_sums sums, const uint8_t *codes, int8x16x4_t low, int8x16x4_t high) {
    const uint8x16_t subspace = vreinterpretq_u8_u32(vdupq_n_u32(0x03020100));
    const uint8x16_t shifted = vshlq_n_u8(subspace, 4);
    const int8x16_t ones = vdupq_n_s8(1);
    for (int i = 0; i < 4; i++) {
        const uint8x16_t bytes = vld1q_u8(codes + 16 * i);
        sums.rows[i] = vdotq_s32(sums.rows[i], vqtbl4q_s8(low, vsliq_n_u8(bytes, subspace, 4)), ones);
        sums.rows[i] = vdotq_s32(sums.rows[i], vqtbl4q_s8(high, vsriq_n_u8(shifted, bytes, 4)), ones);
    }
    return sums;
}

static inline int8x16x4_t load_table(const int8_t *table) {
    return (int8x16x4_t){{vld1q_s8(table), vld1q_s8(table + 16), vld1q_s8(table + 32), vld1q_s8(table + 48)}};
}

static inline uint32_t rows_from(int32x4_t threshold, group_sums sums) {
    const uint16x8_t low = vcombine_u16(vmovn_u32(vcgeq_s32(sums.rows[0], threshold)),
                                        vmovn_u32(vcgeq_s32(sums.rows[1], threshold)));
    const uint16x8_t high = vcombine_u16(vmovn_u32(vcgeq_s32(sums.rows[2], threshold)),
                                         vmovn_u32(vcgeq_s32(sums.rows[3], threshold)));
    const uint16x8_t bits = {1, 2, 4, 8, 16, 32, 64, 128};
    return vaddvq_u16(vandq_u16(low, bits)) | (uint32_t)vaddvq_u16(vandq_u16(high, bits)) << 8;
}

static inline size_t keep(group_sums group, int32x4_t threshold, uint32_t rows, uint32_t first, uint32_t *positions,
                          int32_t *sums, size_t found) {
    const uint32_t kept = rows & rows_from(threshold, group);
    if (__builtin_expect(kept == 0, 1)) return found;
    int32_t values[16];
    for (int i = 0; i < 4; i++) vst1q_s32(values + 4 * i, group.rows[i]);
    return keep_rows(kept, values, first, positions, sums, found);
}

// Two groups at a time, so that a load of the tables serves 32 rows; a last one stands in for its missing neighbour.
TARGET_DOT size_t scan_codes_neon(const uint8_t *codes, size_t group_count, size_t step_count, const int8_t *table,
                                  int32_t threshold, const uint64_t *allowed, size_t allowed_first, uint32_t first,
                                  uint32_t *positions, int32_t *sums) {
    const int32x4_t least = vdupq_n_s32(threshold), zero = vdupq_n_s32(0);
    const size_t group_bytes = step_count * 64;
    size_t found = 0;
    for (size_t group = 0; group < group_count; group += 2) {
        const int is_pair = group + 1 < group_count;
        const uint32_t rows_a = allowed_rows(allowed, allowed_first + group * 16);
        const uint32_t rows_b = is_pair ? allowed_rows(allowed, allowed_first + group * 16 + 16) : 0;
        if (!(rows_a | rows_b)) continue;
        const uint8_t *a = codes + group * group_bytes, *b = is_pair ? a + group_bytes : a;
        group_sums sums_a = {{zero, zero, zero, zero}}, sums_b = sums_a;
        for (size_t step = 0; step < step_count; step++) {
            const int8x16x4_t low = load_table(table + step * 128), high = load_table(table + step * 128 + 64);
            sums_a = add_step(sums_a, a + step * 64, low, high);
            sums_b = add_step(sums_b, b + step * 64, low, high);
        }
        const uint32_t place = first + (uint32_t)(group * 16);
        found = keep(sums_a, least, rows_a, place, positions, sums, found);
        found = keep(sums_b, least, rows_b, place + 16, positions, sums, found);
    }
    return found;
}

// One lane a codeword, in four registers.
void nearest_codewords_neon(const float *rows, size_t row_count, const float *codewords, size_t subspace_count,
                            size_t width, uint8_t *codes) {
    for (size_t row = 0; row < row_count; row++) {
        const float *words = codewords;
        for (size_t m = 0; m < subspace_count; m++) {
            float32x4_t distances[4] = {vdupq_n_f32(0), vdupq_n_f32(0), vdupq_n_f32(0), vdupq_n_f32(0)};
            for (size_t i = 0; i < width; i++, rows++, words += 16) {
                const float32x4_t component = vld1q_dup_f32(rows);
                for (int j = 0; j < 4; j++) {
                    const float32x4_t difference = vsubq_f32(component, vld1q_f32(words + 4 * j));
                    distances[j] = vfmaq_f32(distances[j], difference, difference);
                }
            }
            const float32x4_t least = vdupq_n_f32(vminvq_f32(vminq_f32(vminq_f32(distances[0], distances[1]),
                                                                       vminq_f32(distances[2], distances[3]))));
            // Of the lanes that equal the least one the lowest number; 0 if none does, for want of finite distances.
            uint32x4_t code = vdupq_n_u32(16);
            for (uint32_t j = 4; j-- > 0;) {
                const uint32x4_t numbers = {4 * j, 4 * j + 1, 4 * j + 2, 4 * j + 3};
                code = vbslq_u32(vceqq_f32(distances[j], least), numbers, code);
            }
            *codes++ = vminvq_u32(code) & 15;
        }
    }
}
#endif
