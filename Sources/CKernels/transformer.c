#include "ckernels_transformer.h"
#include "transformer_forms.h"
#include <math.h>

// The specification: what each kernel computes, one element after the other, sums in double.

static void bias_add_scalar(float *rows, int64_t row_count, int64_t width, const float *bias) {
    for (int64_t r = 0; r < row_count; r++) {
        for (int64_t c = 0; c < width; c++) rows[r * width + c] += bias[c];
    }
}

static void bias_gelu_scalar(float *rows, int64_t row_count, int64_t width, const float *bias) {
    for (int64_t r = 0; r < row_count; r++) {
        for (int64_t c = 0; c < width; c++) {
            float x = rows[r * width + c] + bias[c];
            rows[r * width + c] = 0.5f * x * (1.0f + erff(x * 0.70710678118654752f));
        }
    }
}

static void softmax_scalar(float *rows, int64_t row_count, int64_t width, float scale) {
    for (int64_t r = 0; r < row_count; r++) {
        float *row = rows + r * width;
        float greatest = -INFINITY;
        double sum = 0;
        for (int64_t c = 0; c < width; c++) greatest = fmaxf(greatest, row[c]);
        for (int64_t c = 0; c < width; c++) sum += row[c] = expf(scale * (row[c] - greatest));
        for (int64_t c = 0; c < width; c++) row[c] = (float)(row[c] / sum);
    }
}

static void layer_norm_scalar(
    float *rows, int64_t row_count, int64_t width, const float *bias, const float *residual,
    const float *gain, const float *shift, float epsilon) {
    for (int64_t r = 0; r < row_count; r++) {
        float *row = rows + r * width;
        double sum = 0, squares = 0;
        for (int64_t c = 0; c < width; c++) sum += row[c] += bias[c] + residual[r * width + c];
        double mean = sum / (double)width;
        for (int64_t c = 0; c < width; c++) squares += (row[c] - mean) * (row[c] - mean);
        double factor = 1 / sqrt(squares / (double)width + epsilon);
        for (int64_t c = 0; c < width; c++) row[c] = (float)((row[c] - mean) * factor) * gain[c] + shift[c];
    }
}

static const transformer_forms scalar_forms = {
    bias_add_scalar, bias_gelu_scalar, softmax_scalar, layer_norm_scalar,
};

static const transformer_forms *forms(ckernels_isa isa) {
    ckernels_isa best = ckernels_best_isa();
    switch (isa < best ? isa : best) {
#if defined(__x86_64__)
    case CKERNELS_AVX512_VNNI:
    case CKERNELS_AVX512: return &transformer_forms_avx512;
    case CKERNELS_AVX2: return &transformer_forms_avx2;
#endif
    default: return &scalar_forms;
    }
}

void ckernels_bias_add(ckernels_isa isa, float *rows, int64_t row_count, int64_t width, const float *bias) {
    forms(isa)->bias_add(rows, row_count, width, bias);
}

void ckernels_bias_gelu(ckernels_isa isa, float *rows, int64_t row_count, int64_t width, const float *bias) {
    forms(isa)->bias_gelu(rows, row_count, width, bias);
}

void ckernels_softmax(ckernels_isa isa, float *rows, int64_t row_count, int64_t width, float scale) {
    forms(isa)->softmax(rows, row_count, width, scale);
}

void ckernels_layer_norm(
    ckernels_isa isa, float *rows, int64_t row_count, int64_t width, const float *bias, const float *residual,
    const float *gain, const float *shift, float epsilon) {
    forms(isa)->layer_norm(rows, row_count, width, bias, residual, gain, shift, epsilon);
}
