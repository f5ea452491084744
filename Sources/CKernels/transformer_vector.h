// The transformer kernels over vectors of LANES floats, in the compiler's vector types. Included once for
// each instruction set, with LANES, TARGET (the function attribute) and FORMS (the table to define) set.
#include "transformer_forms.h"
#include <float.h>
#include <string.h>

#define INLINE static inline __attribute__((always_inline)) TARGET

typedef float vector __attribute__((ext_vector_type(LANES)));
typedef int32_t integers __attribute__((ext_vector_type(LANES)));

INLINE vector load(const float *from) {
    vector v;
    memcpy(&v, from, sizeof v);
    return v;
}

INLINE void store(float *to, vector v) { memcpy(to, &v, sizeof v); }

/// The last `count` < LANES elements of a row, the other lanes `padding`.
INLINE vector load_tail(const float *from, int64_t count, float padding) {
    vector v = padding;
    memcpy(&v, from, (size_t)count * sizeof(float));
    return v;
}

INLINE void store_tail(float *to, vector v, int64_t count) { memcpy(to, &v, (size_t)count * sizeof(float)); }

INLINE vector fma_of(vector a, vector b, vector c) { return __builtin_elementwise_fma(a, b, c); }
INLINE vector min_of(vector a, vector b) { return __builtin_elementwise_min(a, b); }
INLINE vector max_of(vector a, vector b) { return __builtin_elementwise_max(a, b); }

INLINE float sum_of(vector v) {
    float parts[LANES];
    memcpy(parts, &v, sizeof parts);
    for (int half = LANES / 2; half > 0; half /= 2) {
        for (int i = 0; i < half; i++) parts[i] += parts[i + half];
    }
    return parts[0];
}

INLINE float greatest_of(vector v) {
    float greatest = v[0];
    for (int i = 1; i < LANES; i++) greatest = v[i] > greatest ? v[i] : greatest;
    return greatest;
}

/// erf as x · P(x²) / Q(x²) on [-4, 4], where |erf| reaches 1 in Float32. The coefficients are those of Eigen
/// (`generic_fast_erf_float`, MathFunctionsImpl.h, https://eigen.tuxfamily.org); greatest error found over
/// two million points of [-6, 6]: 4.5e-7.
INLINE vector erf_of(vector x) {
    x = min_of(max_of(x, (vector)(-4.0f)), (vector)(4.0f));
    vector z = x * x;
    vector p = (vector)(-2.72614225801306e-10f);
    p = fma_of(p, z, (vector)(2.77068142495902e-08f));
    p = fma_of(p, z, (vector)(-2.10102402082508e-06f));
    p = fma_of(p, z, (vector)(-5.69250639462346e-05f));
    p = fma_of(p, z, (vector)(-7.34990630326855e-04f));
    p = fma_of(p, z, (vector)(-2.95459980854025e-03f));
    p = fma_of(p, z, (vector)(-1.60960333262415e-02f));
    vector q = (vector)(-1.45660718464996e-05f);
    q = fma_of(q, z, (vector)(-2.13374055278905e-04f));
    q = fma_of(q, z, (vector)(-1.68282697438203e-03f));
    q = fma_of(q, z, (vector)(-7.37332916720468e-03f));
    q = fma_of(q, z, (vector)(-1.42647390514189e-02f));
    // The quotient passes 1 by up to 4e-7 near the ends, which times a great x would be seen.
    return min_of(max_of(x * p / q, (vector)(-1.0f)), (vector)(1.0f));
}

/// exp for x <= 0 after Cephes (S. Moshier, `expf`): x = n · ln 2 + r, a polynomial for exp(r), n into the
/// exponent. Below -87 the result is about 1e-38 instead of less.
INLINE vector exp_of(vector x) {
    x = max_of(x, (vector)(-87.0f));
    // Adding 1.5 · 2²³ rounds to an integer in the low bits of the sum.
    vector shifted = fma_of(x, (vector)(1.44269504088896341f), (vector)(12582912.0f));
    vector n = shifted - 12582912.0f;
    vector r = fma_of(n, (vector)(-0.693359375f), x);
    r = fma_of(n, (vector)(2.12194440e-4f), r);
    vector p = (vector)(1.9875691500e-4f);
    p = fma_of(p, r, (vector)(1.3981999507e-3f));
    p = fma_of(p, r, (vector)(8.3334519073e-3f));
    p = fma_of(p, r, (vector)(4.1665795894e-2f));
    p = fma_of(p, r, (vector)(1.6666665459e-1f));
    p = fma_of(p, r, (vector)(5.0000001201e-1f));
    p = fma_of(p, r * r, r) + 1.0f;
    integers exponent = (__builtin_convertvector(n, integers) + 127) << 23;
    vector power;
    memcpy(&power, &exponent, sizeof power);
    return p * power;
}

TARGET static void bias_add(float *rows, int64_t row_count, int64_t width, const float *bias) {
    for (int64_t r = 0; r < row_count; r++) {
        float *row = rows + r * width;
        int64_t c = 0;
        for (; c + LANES <= width; c += LANES) store(row + c, load(row + c) + load(bias + c));
        for (; c < width; c++) row[c] += bias[c];
    }
}

INLINE vector gelu_of(vector x) { return 0.5f * x * (1.0f + erf_of(x * 0.70710678118654752f)); }

TARGET static void bias_gelu(float *rows, int64_t row_count, int64_t width, const float *bias) {
    for (int64_t r = 0; r < row_count; r++) {
        float *row = rows + r * width;
        int64_t c = 0;
        for (; c + LANES <= width; c += LANES) store(row + c, gelu_of(load(row + c) + load(bias + c)));
        if (c < width) {
            vector x = load_tail(row + c, width - c, 0) + load_tail(bias + c, width - c, 0);
            store_tail(row + c, gelu_of(x), width - c);
        }
    }
}

TARGET static void softmax_row(float *row, int64_t width, float scale) {
    const int64_t whole = width / LANES * LANES, rest = width - whole;
    vector greatest = load_tail(row + whole, rest, -FLT_MAX);
    for (int64_t c = 0; c < whole; c += LANES) greatest = max_of(greatest, load(row + c));
    const vector top = greatest_of(greatest);
    vector sum = 0;
    for (int64_t c = 0; c < whole; c += LANES) {
        vector e = exp_of(scale * (load(row + c) - top));
        store(row + c, e);
        sum += e;
    }
    if (rest > 0) {
        store_tail(row + whole, exp_of(scale * (load_tail(row + whole, rest, 0) - top)), rest);
        sum += load_tail(row + whole, rest, 0);
    }
    const float factor = 1.0f / sum_of(sum);
    for (int64_t c = 0; c < whole; c += LANES) store(row + c, load(row + c) * factor);
    for (int64_t c = whole; c < width; c++) row[c] *= factor;
}

TARGET static void softmax(float *rows, int64_t row_count, int64_t width, float scale) {
    for (int64_t r = 0; r < row_count; r++) softmax_row(rows + r * width, width, scale);
}

/// row += bias + residual; returns the sum of the row.
INLINE float accumulate(float *row, int64_t width, const float *bias, const float *residual) {
    vector sum = 0;
    int64_t c = 0;
    for (; c + LANES <= width; c += LANES) {
        vector x = load(row + c) + load(bias + c) + load(residual + c);
        store(row + c, x);
        sum += x;
    }
    float total = sum_of(sum);
    for (; c < width; c++) total += row[c] += bias[c] + residual[c];
    return total;
}

INLINE float squares_around(float mean, const float *row, int64_t width) {
    vector sum = 0;
    int64_t c = 0;
    for (; c + LANES <= width; c += LANES) {
        vector x = load(row + c) - mean;
        sum = fma_of(x, x, sum);
    }
    float total = sum_of(sum);
    for (; c < width; c++) total += (row[c] - mean) * (row[c] - mean);
    return total;
}

TARGET static void layer_norm(
    float *rows, int64_t row_count, int64_t width, const float *bias, const float *residual,
    const float *gain, const float *shift, float epsilon) {
    for (int64_t r = 0; r < row_count; r++) {
        float *row = rows + r * width;
        const float mean = accumulate(row, width, bias, residual + r * width) / (float)width;
        const float variance = squares_around(mean, row, width) / (float)width;
        const float factor = 1.0f / __builtin_sqrtf(variance + epsilon);
        int64_t c = 0;
        for (; c + LANES <= width; c += LANES) {
            store(row + c, fma_of((load(row + c) - mean) * factor, load(gain + c), load(shift + c)));
        }
        for (; c < width; c++) row[c] = (row[c] - mean) * factor * gain[c] + shift[c];
    }
}

const transformer_forms FORMS = {bias_add, bias_gelu, softmax, layer_norm};
