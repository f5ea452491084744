#pragma once
#include <stddef.h>
#include <stdint.h>
#include "ckernels_machine.h"

/// products[r] = Σ (matrix[r][i] - 128) · vector[i], exactly.
///
/// The matrix lies in groups of 16 rows; a group has `word_count` words of 64 bytes, a word 4 components of each of its
/// 16 rows: component i of row r is byte 64 · (i / 4) + 4 · (r % 16) + i % 4 of group r / 16. `vector` has 4 ×
/// `word_count` components from -127 to 127; `products` has room for 16 × `group_count`. At most 32,768 words.
void ckernels_byte_products(ckernels_isa isa, const int8_t *vector, const uint8_t *matrix, size_t group_count,
                            size_t word_count, int32_t *products);

/// The same for `vector_count` vectors, one directly after the other, as are their products. The matrix is read once for
/// four of them where there is a form for that.
void ckernels_byte_products_many(ckernels_isa isa, const int8_t *vectors, size_t vector_count, const uint8_t *matrix,
                                 size_t group_count, size_t word_count, int32_t *products);

/// products[i] = Σ (rows[positions[i]][j] - 128) · vector[j], exactly, for rows of `dimension` bytes one directly after
/// the other. `vector` has `dimension` components from -127 to 127, at most 131,072. Rows to come are fetched ahead.
void ckernels_byte_gathered(ckernels_isa isa, const int8_t *vector, const uint8_t *rows, const uint32_t *positions,
                            size_t count, size_t dimension, int32_t *products);
