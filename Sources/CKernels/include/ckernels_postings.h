#pragma once
#include <stddef.h>
#include <stdint.h>

// Postings: blocks of 128 packed numbers, and the sums of BM25 over them.
//
// A packed block holds 128 numbers of `bits` bits in 16 × `bits` bytes: four streams side by side, of 32-bit words in
// little-endian order. Stream l holds the numbers 4 i + l, i = 0 … 31, each below the one before.

/// Packs 128 numbers below 2^bits; bits is 0 … 32.
void ckernels_pack_block(const uint32_t *numbers, unsigned bits, uint8_t *bytes);

/// The 128 numbers, each and `addend`.
void ckernels_unpack_block(const uint8_t *bytes, unsigned bits, uint32_t addend, uint32_t *numbers);

/// The 128 numbers as differences: each becomes the sum of `base`, those before it and itself, modulo 2^32. Returns the
/// greatest.
uint32_t ckernels_unpack_sums(const uint8_t *bytes, unsigned bits, uint32_t base, uint32_t *numbers);

/// Adds round(weight / (1 + norms[lengths[p]] / frequency)) to sums[p - base] for each position p, and sets bit p -
/// base of `touched`. Positions outside base ..< base + room are left out: what a file says is not believed here.
/// `sums` and `touched` have room for `room`, `lengths` for base + room, `norms` for 256.
void ckernels_add_scores(const uint32_t *positions, const uint32_t *frequencies, size_t count, uint32_t base,
                         const uint8_t *lengths, const float *norms, float weight, uint32_t *sums, uint64_t *touched,
                         uint32_t room);

/// Adds frequencies[i] to sums[p - base] for each position p, and sets bit p - base of `touched`; positions outside
/// are left out as above.
void ckernels_add_frequencies(const uint32_t *positions, const uint32_t *frequencies, size_t count, uint32_t base,
                              uint32_t *sums, uint64_t *touched, uint32_t room);
