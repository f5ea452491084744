#pragma once
#include <stddef.h>
#include <stdint.h>
#include "ckernels_machine.h"

/// scores[i] = query · rows[i] for `row_count` rows of `dimension` floats, one directly after the other.
///
/// The order of additions within a row depends on the dimension and the instruction set alone, not on the
/// row's place in the block: equal rows get equal scores, bit for bit. `isa` must not be above
/// `ckernels_best_isa()`; `CKERNELS_SCALAR` is the specification. No alignment is needed.
void ckernels_dot_rows(ckernels_isa isa, const float *query, const float *rows, size_t row_count,
                       size_t dimension, float *scores);

/// scores[i] = query · rows[positions[i]], with the same bits as `ckernels_dot_rows`. Rows to come are fetched ahead.
void ckernels_dot_gathered(ckernels_isa isa, const float *query, const float *rows, const uint32_t *positions,
                           size_t count, size_t dimension, float *scores);
