#pragma once
#include <stddef.h>
#include <stdint.h>
#include "ckernels_machine.h"

// Product codes of four bits a subspace, scored by look-up in registers (F. André, A.-M. Kermarrec, N. Le Scouarnec,
// "Cache locality is not enough: high-performance nearest neighbor search with product quantization fast scan", 2015,
// https://www.vldb.org/pvldb/vol9/p288-andre.pdf), in the order that byte permutations of whole registers want.
//
// Codes lie in groups of 16 rows. A group is `step_count` steps of 64 bytes, a step has 4 bytes for each of its 16 rows,
// and byte b of a row in step s holds the codes of two subspaces: 8s + b in its low half, 8s + 4 + b in its high half.
// A table has 128 bytes a step: 16 signed entries for each of the subspaces 8s … 8s + 7.

/// Finds the rows whose sum of table entries is at least `threshold`.
///
/// `positions` gets `first` + the row's place, ascending, and `sums` the sums; both have room for 16 × `group_count`.
/// `allowed`, if not NULL, has a bit for every row, least significant first, from bit `allowed_first` on, and rows whose
/// bit is 0 are left out; groups without a row allowed cost next to nothing. Returns how many rows were found.
/// All forms give the same, bit for bit. `step_count` is at most 65,536.
size_t ckernels_scan_codes(ckernels_isa isa, const uint8_t *codes, size_t group_count, size_t step_count,
                           const int8_t *table, int32_t threshold, const uint64_t *allowed,
                           size_t allowed_first, uint32_t first, uint32_t *positions, int32_t *sums);

/// codes[row × subspace_count + m] = the codeword of subspace m nearest to `rows[row][m × width ..< (m + 1) × width]`
/// by Euclidean distance; the lower one of equals. `codewords[m][i][j]` is component i of codeword j of 16.
/// The vector forms equal the scalar one bit for bit.
void ckernels_nearest_codewords(ckernels_isa isa, const float *rows, size_t row_count, const float *codewords,
                                size_t subspace_count, size_t width, uint8_t *codes);
