#include "codes_rows.h"

size_t scan_codes_scalar(const uint8_t *codes, size_t group_count, size_t step_count, const int8_t *table,
                         int32_t threshold, const uint64_t *allowed, size_t allowed_first, uint32_t first,
                         uint32_t *positions, int32_t *sums) {
    size_t found = 0;
    for (size_t group = 0; group < group_count; group++) {
        const uint32_t rows = allowed_rows(allowed, allowed_first + group * 16);
        for (size_t row = 0; row < 16; row++) {
            if (!(rows >> row & 1)) continue;
            int32_t sum = 0;
            for (size_t step = 0; step < step_count; step++) {
                const uint8_t *bytes = codes + (group * step_count + step) * 64 + row * 4;
                const int8_t *entries = table + step * 128;
                for (size_t b = 0; b < 4; b++) {
                    sum += entries[b * 16 + (bytes[b] & 15)];
                    sum += entries[64 + b * 16 + (bytes[b] >> 4)];
                }
            }
            if (sum < threshold) continue;
            positions[found] = first + (uint32_t)(group * 16 + row);
            sums[found++] = sum;
        }
    }
    return found;
}

void nearest_codewords_scalar(const float *rows, size_t row_count, const float *codewords, size_t subspace_count,
                              size_t width, uint8_t *codes) {
    for (size_t row = 0; row < row_count; row++) {
        for (size_t m = 0; m < subspace_count; m++, rows += width) {
            float nearest = 0;
            uint8_t code = 0;
            for (size_t j = 0; j < 16; j++) {
                float distance = 0;
                for (size_t i = 0; i < width; i++) {
                    const float difference = rows[i] - codewords[(m * width + i) * 16 + j];
                    distance = __builtin_fmaf(difference, difference, distance);
                }
                if (j == 0 || distance < nearest) nearest = distance, code = (uint8_t)j;
            }
            *codes++ = code;
        }
    }
}

size_t ckernels_scan_codes(ckernels_isa isa, const uint8_t *codes, size_t group_count, size_t step_count,
                           const int8_t *table, int32_t threshold, const uint64_t *allowed, size_t allowed_first,
                           uint32_t first, uint32_t *positions, int32_t *sums) {
    return kernel_forms_of(isa)->scan_codes(codes, group_count, step_count, table, threshold, allowed, allowed_first,
                                            first, positions, sums);
}

void ckernels_nearest_codewords(ckernels_isa isa, const float *rows, size_t row_count, const float *codewords,
                                size_t subspace_count, size_t width, uint8_t *codes) {
    kernel_forms_of(isa)->nearest_codewords(rows, row_count, codewords, subspace_count, width, codes);
}
