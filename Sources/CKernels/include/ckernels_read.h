#pragma once
#include <stddef.h>
#include <stdint.h>
#include "ckernels_machine.h"

/// Reads `count` bytes and does next to nothing with them: the yardstick of kernels that stream through memory, which
/// cannot be faster. Returns the exclusive or of the whole 64-bit words among the first ⌊count / 256⌋ × 256 bytes.
uint64_t ckernels_read(ckernels_isa isa, const uint8_t *bytes, size_t count);
