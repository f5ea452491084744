#include "forms.h"

void byte_products_scalar(const int8_t *vector, const uint8_t *matrix, size_t group_count, size_t word_count,
                          int32_t *products) {
    for (size_t group = 0; group < group_count; group++) {
        for (size_t row = 0; row < 16; row++) {
            int32_t sum = 0;
            for (size_t i = 0; i < word_count * 4; i++) {
                const uint8_t component = matrix[(group * word_count + i / 4) * 64 + row * 4 + i % 4];
                sum += ((int32_t)component - 128) * vector[i];
            }
            products[group * 16 + row] = sum;
        }
    }
}

int32_t byte_row_scalar(const int8_t *vector, const uint8_t *row, size_t dimension) {
    // Modulo 2³², as the vector forms add: without the offset the sum of a long row may leave the 32 bits.
    uint32_t sum = 0;
    for (size_t i = 0; i < dimension; i++) sum += (uint32_t)(row[i] * vector[i]);
    return (int32_t)sum;
}

void ckernels_byte_products(ckernels_isa isa, const int8_t *vector, const uint8_t *matrix, size_t group_count,
                            size_t word_count, int32_t *products) {
    kernel_forms_of(isa)->byte_products(vector, matrix, group_count, word_count, products);
}

void ckernels_byte_products_many(ckernels_isa isa, const int8_t *vectors, size_t vector_count, const uint8_t *matrix,
                                 size_t group_count, size_t word_count, int32_t *products) {
    const kernel_forms *forms = kernel_forms_of(isa);
    size_t i = 0;
    for (; forms->byte_products4 && i + 4 <= vector_count; i += 4) {
        forms->byte_products4(vectors + i * word_count * 4, matrix, group_count, word_count,
                              products + i * group_count * 16);
    }
    for (; i < vector_count; i++) {
        forms->byte_products(vectors + i * word_count * 4, matrix, group_count, word_count,
                             products + i * group_count * 16);
    }
}

enum { ROWS_AHEAD = 4, LINE_BYTES = 64, SECOND_LEVEL = 2 };

static inline void fetch(const uint8_t *row, size_t dimension) {
    for (size_t i = 0; i < dimension; i += LINE_BYTES) __builtin_prefetch(row + i, 0, SECOND_LEVEL);
}

// The forms multiply the bytes as they are; their offset of 128 adds 128 Σ vector to every row.
void ckernels_byte_gathered(ckernels_isa isa, const int8_t *vector, const uint8_t *rows, const uint32_t *positions,
                            size_t count, size_t dimension, int32_t *products) {
    byte_row_form *byte_row = kernel_forms_of(isa)->byte_row;
    int32_t sum = 0;
    for (size_t i = 0; i < dimension; i++) sum += vector[i];
    for (size_t i = 0; i < count && i < ROWS_AHEAD; i++) fetch(rows + positions[i] * dimension, dimension);
    for (size_t i = 0; i < count; i++) {
        if (i + ROWS_AHEAD < count) fetch(rows + positions[i + ROWS_AHEAD] * dimension, dimension);
        const uint32_t product = (uint32_t)byte_row(vector, rows + positions[i] * dimension, dimension);
        products[i] = (int32_t)(product - 128u * (uint32_t)sum);
    }
}
