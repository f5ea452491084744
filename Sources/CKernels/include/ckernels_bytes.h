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
