#pragma once
#include <stddef.h>
#include <stdint.h>
#include "ckernels_machine.h"

// What a query is turned into before lists are scanned. All forms give the same bits.

/// bytes[i] = round(127 · vector[i] / m) with m the greatest |vector[i]|, ties to even; zero for i from `dimension` to
/// `byte_count`. Returns m / 127, which is what one unit stands for; 0, and all bytes 0, if m is below the least normal
/// number.
float ckernels_quantize_bytes(ckernels_isa isa, const float *vector, size_t dimension, int8_t *bytes,
                              size_t byte_count);

/// The table for `ckernels_scan_codes`: for every subspace m and codeword j the product of the query's `width`
/// components in the subspace with the codeword, less the middle of its subspace's products, in units that make the
/// widest subspace fill -127 ... 127.
///
/// `projected` has `subspace_count` × `width` components, `codewords[m][i][j]` is component i of codeword j; the table
/// has 16 × `subspace_count` entries, `subspace_count` a multiple of 8. A row's product with the query is `*middle` +
/// `*unit` × its sum of entries, within half a unit for each subspace.
void ckernels_code_table(ckernels_isa isa, const float *projected, const float *codewords, size_t subspace_count,
                         size_t width, int8_t *table, float *middle, float *unit);

/// The first place where a[i] - b[i] is greatest; `*difference` gets the difference. `count` is at least 1.
size_t ckernels_greatest_difference(ckernels_isa isa, const float *a, const float *b, size_t count,
                                    float *difference);

/// Writes the places, ascending, whose score is at least `threshold`, and returns how many there are. `places` has room
/// for `count`. Scores that are not numbers are left out.
size_t ckernels_places_at_least(const float *scores, size_t count, float threshold, uint32_t *places);

/// Asks for memory that is going to be read soon.
void ckernels_fetch_bytes(const void *bytes, size_t count);
void ckernels_fetch_rows(const float *rows, const uint32_t *positions, size_t count, size_t dimension);
