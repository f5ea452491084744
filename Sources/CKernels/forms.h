#pragma once
#include "ckernels_bytes.h"
#include "ckernels_codes.h"
#include "ckernels_dot.h"

// Each kernel of these headers without the argument that chooses the instruction set.
typedef void dot_rows_form(const float *query, const float *rows, size_t row_count, size_t dimension, float *scores);
typedef void byte_products_form(const int8_t *vector, const uint8_t *matrix, size_t group_count, size_t word_count,
                                int32_t *products);
typedef int32_t byte_row_form(const int8_t *vector, const uint8_t *row, size_t dimension);
typedef size_t scan_codes_form(const uint8_t *codes, size_t group_count, size_t step_count, const int8_t *table,
                               int32_t threshold, const uint64_t *allowed, size_t allowed_first, uint32_t first,
                               uint32_t *positions, int32_t *sums);
typedef void nearest_codewords_form(const float *rows, size_t row_count, const float *codewords,
                                    size_t subspace_count, size_t width, uint8_t *codes);

/// The kernels for one instruction set.
typedef struct {
    dot_rows_form *dot_rows;
    byte_products_form *byte_products;
    byte_row_form *byte_row;
    scan_codes_form *scan_codes;
    nearest_codewords_form *nearest_codewords;
    /// Of four vectors, one directly after the other; NULL where there is none.
    byte_products_form *byte_products4;
} kernel_forms;

/// The scalar forms for a set that this architecture does not have.
const kernel_forms *kernel_forms_of(ckernels_isa isa);

dot_rows_form dot_rows_scalar, dot_rows_avx2, dot_rows_avx512, dot_rows_neon;
byte_products_form byte_products_scalar, byte_products_avx2, byte_products_vnni, byte_products_neon;
byte_products_form byte_products4_vnni;
byte_row_form byte_row_scalar, byte_row_avx2, byte_row_vnni, byte_row_neon;
scan_codes_form scan_codes_scalar, scan_codes_avx2, scan_codes_vnni, scan_codes_neon;
nearest_codewords_form nearest_codewords_scalar, nearest_codewords_avx2, nearest_codewords_avx512;
nearest_codewords_form nearest_codewords_neon;
