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

void ckernels_byte_products(ckernels_isa isa, const int8_t *vector, const uint8_t *matrix, size_t group_count,
                            size_t word_count, int32_t *products) {
    kernel_forms_of(isa)->byte_products(vector, matrix, group_count, word_count, products);
}
