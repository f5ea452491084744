// The kernels of `ckernels_query.h` for one instruction set: plain loops that the compiler turns into vectors. Included
// once for each, with TARGET (the function attribute) and NAME (which gives a function its own name) set.
#include <float.h>
#include <math.h>

// A multiplication and an addition are never fused: all forms round alike.
#pragma STDC FP_CONTRACT OFF

TARGET static float NAME(quantize_bytes)(const float *vector, size_t dimension, int8_t *bytes, size_t byte_count) {
    float greatest = 0;
    for (size_t i = 0; i < dimension; i++) {
        const float size = fabsf(vector[i]);
        greatest = size > greatest ? size : greatest;
    }
    const int is_zero = greatest < FLT_MIN;
    const float factor = is_zero ? 0 : 127 / greatest;
    // Adding and taking away 1.5 · 2²³ rounds to the nearest whole number, ties to even, and needs no call.
    for (size_t i = 0; i < dimension; i++) {
        const float rounded = (vector[i] * factor + 12582912.0f) - 12582912.0f;
        bytes[i] = (int8_t)(int32_t)rounded;
    }
    for (size_t i = dimension; i < byte_count; i++) bytes[i] = 0;
    return is_zero ? 0 : greatest / 127;
}

// The products of one subspace with its 16 codewords, less their middle, which is returned; *reach gets half of what
// lies between the least and the greatest.
TARGET static float NAME(subspace)(const float *projected, const float *codewords, size_t width, float *products,
                                   float *reach) {
    float sums[16] = {0};
    for (size_t i = 0; i < width; i++) {
        for (size_t j = 0; j < 16; j++) sums[j] += projected[i] * codewords[i * 16 + j];
    }
    float least = sums[0], greatest = sums[0];
    for (size_t j = 1; j < 16; j++) {
        least = sums[j] < least ? sums[j] : least;
        greatest = sums[j] > greatest ? sums[j] : greatest;
    }
    const float middle = (least + greatest) / 2;
    for (size_t j = 0; j < 16; j++) products[j] = sums[j] - middle;
    *reach = (greatest - least) / 2;
    return middle;
}

TARGET static void NAME(code_table)(const float *projected, const float *codewords, size_t subspace_count,
                                    size_t width, int8_t *table, float *middle, float *unit) {
    float sum = 0, reach = 0, products[16];
    for (size_t m = 0; m < subspace_count; m++) {
        float half;
        sum += NAME(subspace)(projected + m * width, codewords + m * width * 16, width, products, &half);
        reach = half > reach ? half : reach;
    }
    // The products are cheap enough to be made twice, and then need no room that grows with the dimension.
    const float factor = reach < FLT_MIN ? 0 : 127 / reach;
    for (size_t m = 0; m < subspace_count; m++) {
        float half;
        NAME(subspace)(projected + m * width, codewords + m * width * 16, width, products, &half);
        int8_t *entries = table + m / 8 * 128 + m % 8 * 16;
        for (size_t j = 0; j < 16; j++) {
            const float rounded = (products[j] * factor + 12582912.0f) - 12582912.0f;
            entries[j] = (int8_t)(int32_t)rounded;
        }
    }
    *middle = sum;
    *unit = reach < FLT_MIN ? 0 : reach / 127;
}

// Sixteen greatest by position modulo 16, then the first of the equal.
TARGET static size_t NAME(greatest_difference)(const float *a, const float *b, size_t count, float *difference) {
    float greatest[16];
    for (size_t lane = 0; lane < 16; lane++) greatest[lane] = -INFINITY;
    size_t i = 0;
    for (; i + 16 <= count; i += 16) {
        for (size_t lane = 0; lane < 16; lane++) {
            const float value = a[i + lane] - b[i + lane];
            greatest[lane] = value > greatest[lane] ? value : greatest[lane];
        }
    }
    float most = -INFINITY;
    for (size_t lane = 0; lane < 16; lane++) most = greatest[lane] > most ? greatest[lane] : most;
    for (; i < count; i++) most = a[i] - b[i] > most ? a[i] - b[i] : most;
    *difference = most;
    for (i = 0; i < count; i++) {
        if (a[i] - b[i] == most) return i;
    }
    return 0;
}
