#include "ckernels_linear.h"
#include "linear_forms.h"
#include <math.h>

// Fusing or not fusing a multiplication with an addition would change the last bit of what is rounded.
#pragma STDC FP_CONTRACT OFF

// The specification.

static void round_rows_scalar(const float *rows, int64_t row_count, int64_t width, const float *factors, uint8_t *bytes,
                              ckernels_byte_row *ranges) {
    for (int64_t r = 0; r < row_count; r++, rows += width, bytes += width) {
        float least = 0, greatest = 0;
        for (int64_t i = 0; i < width; i++) {
            const float x = factors ? rows[i] * factors[i] : rows[i];
            least = x < least ? x : least, greatest = x > greatest ? x : greatest;
        }
        const float unit = (greatest - least) / 255, steps = unit > 0 ? 1 / unit : 0;
        const int32_t zero = (int32_t)lrintf(-least * steps);
        ranges[r] = (ckernels_byte_row){unit, zero};
        for (int64_t i = 0; i < width; i++) {
            const float x = factors ? rows[i] * factors[i] : rows[i];
            const int32_t byte = (int32_t)lrintf(x * steps) + zero;
            bytes[i] = (uint8_t)(byte < 0 ? 0 : byte > 255 ? 255 : byte);
        }
    }
}

static float gelu_of(float x) { return 0.5f * x * (1.0f + erff(x * 0.70710678118654752f)); }

static float byte_gelu_of(float x) {
    const float y = fmaxf(-CKERNELS_GELU_END, fminf(x, CKERNELS_GELU_END)), z = y * y;
    double p = 0;
    for (int i = 6; i >= 0; i--) p = p * z + byte_gelu[i];
    return (float)(x * (0.5 + p * y));
}

static void byte_linear_scalar(const ckernels_byte_map *map, const uint8_t *bytes, const ckernels_byte_row *ranges,
                               int64_t row_count, int function, float *outputs) {
    for (int64_t r = 0; r < row_count; r++, bytes += map->input_count, outputs += map->output_count) {
        for (int64_t o = 0; o < map->output_count; o++) {
            const int8_t *weights = map->weights + (o / 64 * (map->input_count / 4) * 64 + o % 64) * 4;
            int32_t sum = 0;
            for (int64_t i = 0; i < map->input_count; i++) sum += bytes[i] * weights[i / 4 * 256 + i % 4];
            sum -= ranges[r].zero * map->sums[o];
            const float x = (float)sum * (ranges[r].unit * map->scales[o]) + map->bias[o];
            outputs[o] = function == CKERNELS_GELU ? byte_gelu_of(x) : x;
        }
    }
}

static void float_linear_scalar(const ckernels_float_map *map, const float *inputs, int64_t row_count, int function,
                                float *outputs) {
    for (int64_t r = 0; r < row_count; r++, inputs += map->input_count, outputs += map->output_count) {
        for (int64_t o = 0; o < map->output_count; o++) {
            const float *weights = map->weights + o / 64 * map->input_count * 64 + o % 64;
            double sum = map->bias[o];
            for (int64_t i = 0; i < map->input_count; i++) sum += (double)inputs[i] * weights[i * 64];
            outputs[o] = function == CKERNELS_GELU ? gelu_of((float)sum) : (float)sum;
        }
    }
}

static const linear_forms scalar = {round_rows_scalar, byte_linear_scalar};

static const linear_forms *forms(ckernels_isa isa) {
#if defined(__x86_64__)
    if (isa == CKERNELS_AVX512_VNNI && ckernels_has_isa(isa)) return &linear_forms_vnni;
#endif
    (void)isa;
    return &scalar;
}

void ckernels_round_rows(ckernels_isa isa, const float *rows, int64_t row_count, int64_t width, const float *factors,
                         uint8_t *bytes, ckernels_byte_row *ranges) {
    forms(isa)->round_rows(rows, row_count, width, factors, bytes, ranges);
}

void ckernels_byte_linear(ckernels_isa isa, const ckernels_byte_map *map, const uint8_t *bytes,
                          const ckernels_byte_row *ranges, int64_t row_count, int function, float *outputs) {
    forms(isa)->byte_linear(map, bytes, ranges, row_count, function, outputs);
}

int ckernels_has_float_linear(ckernels_isa isa) {
    return (isa == CKERNELS_AVX512 || isa == CKERNELS_AVX512_VNNI) && ckernels_has_isa(isa);
}

void ckernels_float_linear(ckernels_isa isa, const ckernels_float_map *map, const float *inputs, int64_t row_count,
                           int function, float *outputs) {
#if defined(__x86_64__)
    if (ckernels_has_float_linear(isa)) {
        float_linear_avx512(map, inputs, row_count, function, outputs);
        return;
    }
#endif
    (void)isa;
    float_linear_scalar(map, inputs, row_count, function, outputs);
}
