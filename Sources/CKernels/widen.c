#include "ckernels_widen.h"
#include <string.h>

static inline float float_of(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static inline uint32_t half_at(const uint8_t *bytes) { return bytes[0] | (uint32_t)bytes[1] << 8; }

static inline float float_of_half(uint32_t half) {
    const uint32_t magnitude = half & 0x7FFF;
    // The product sets the exponent right, and shifts the numbers below 2⁻¹⁴, which have no leading one, into place.
    const float value = float_of(magnitude << 13) * 0x1p112f;
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    // Infinity and what is no number have the greatest exponent here and there.
    bits |= magnitude >= 0x7C00 ? 0x7F800000 : 0;
    return float_of(bits | (half & 0x8000) << 16);
}

void ckernels_widen_f16(const uint8_t *bytes, int64_t count, float *floats) {
    for (int64_t i = 0; i < count; i++) floats[i] = float_of_half(half_at(bytes + 2 * i));
}

void ckernels_widen_bf16(const uint8_t *bytes, int64_t count, float *floats) {
    for (int64_t i = 0; i < count; i++) floats[i] = float_of(half_at(bytes + 2 * i) << 16);
}

void ckernels_widen_q4_0(const uint8_t *blocks, int64_t block_count, float *floats) {
    for (int64_t b = 0; b < block_count; b++, blocks += 18, floats += 32) {
        const float scale = float_of_half(half_at(blocks));
        for (int j = 0; j < 16; j++) floats[j] = (float)((blocks[2 + j] & 15) - 8) * scale;
        for (int j = 0; j < 16; j++) floats[16 + j] = (float)((blocks[2 + j] >> 4) - 8) * scale;
    }
}
