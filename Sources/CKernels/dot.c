#include "forms.h"

// The specification: sixteen sums by position modulo 16, added up in pairs. The vector forms have more sums, and fuse
// multiplication and addition: they round differently.
void dot_rows_scalar(const float *query, const float *rows, size_t row_count, size_t dimension, float *scores) {
    for (size_t row = 0; row < row_count; row++, rows += dimension) {
        float sum[16] = {0};
        size_t i = 0;
        for (; i + 16 <= dimension; i += 16) {
            for (size_t lane = 0; lane < 16; lane++) sum[lane] += query[i + lane] * rows[i + lane];
        }
        for (size_t lane = 0; i + lane < dimension; lane++) sum[lane] += query[i + lane] * rows[i + lane];
        for (size_t width = 8; width > 0; width /= 2) {
            for (size_t lane = 0; lane < width; lane++) sum[lane] += sum[lane + width];
        }
        scores[row] = sum[0];
    }
}

void ckernels_dot_rows(ckernels_isa isa, const float *query, const float *rows, size_t row_count, size_t dimension,
                       float *scores) {
    kernel_forms_of(isa)->dot_rows(query, rows, row_count, dimension, scores);
}

// A row to come is fetched while others are scored. Into the second-level cache: the first-level one has room for fewer
// lines on their way (Zen 4, rows of 384 at random among a million: 166 ns a row instead of 236, and 305 without
// fetching). More rows ahead win nothing.
enum { ROWS_AHEAD = 4, LINE_FLOATS = 16, SECOND_LEVEL = 2 };

static inline void fetch(const float *row, size_t dimension) {
    for (size_t i = 0; i < dimension; i += LINE_FLOATS) __builtin_prefetch(row + i, 0, SECOND_LEVEL);
}

void ckernels_dot_gathered(ckernels_isa isa, const float *query, const float *rows, const uint32_t *positions,
                           size_t count, size_t dimension, float *scores) {
    dot_rows_form *dot_rows = kernel_forms_of(isa)->dot_rows;
    for (size_t i = 0; i < count && i < ROWS_AHEAD; i++) fetch(rows + positions[i] * dimension, dimension);
    for (size_t i = 0; i < count; i++) {
        if (i + ROWS_AHEAD < count) fetch(rows + positions[i + ROWS_AHEAD] * dimension, dimension);
        dot_rows(query, rows + positions[i] * dimension, 1, dimension, scores + i);
    }
}
