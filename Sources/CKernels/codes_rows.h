#pragma once
#include "forms.h"

/// The bits of a group's 16 rows, the first of them at `first`.
static inline uint32_t allowed_rows(const uint64_t *allowed, size_t first) {
    if (!allowed) return 0xFFFF;
    const size_t word = first / 64, shift = first % 64;
    uint64_t bits = allowed[word] >> shift;
    // The next word is read only where the group reaches into it: it may not be there otherwise.
    if (shift > 48) bits |= allowed[word + 1] << (64 - shift);
    return (uint32_t)bits & 0xFFFF;
}

/// Writes the rows of `kept` and their sums behind the `found` ones; returns how many there are then.
static inline size_t keep_rows(uint32_t kept, const int32_t *group_sums, uint32_t first, uint32_t *positions,
                               int32_t *sums, size_t found) {
    for (; kept; kept &= kept - 1, found++) {
        const uint32_t row = (uint32_t)__builtin_ctz(kept);
        positions[found] = first + row;
        sums[found] = group_sums[row];
    }
    return found;
}
