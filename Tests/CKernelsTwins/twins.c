// Compares every form of every kernel that this processor has with its scalar twin: kernels of whole numbers and codes
// bit for bit, sums of floats within 1e-5 of the sum of magnitudes. In plain C, so that it runs where Swift does not:
// under an emulator of another processor.
//
//   twins [avx2|avx512|avx512vnni|neon] …    fails as well if one of these is not here to be compared
//
// The seed is fixed: a failure can be run again. What the kernels write is surrounded by guards.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "ckernels_attention.h"
#include "ckernels_linear.h"
#include "forms.h"

static const char *const names[] = {"scalar", "avx2", "avx512", "avx512vnni", "neon"};
enum { FORM_COUNT = sizeof names / sizeof *names, GUARD = 64 };

static long comparisons, comparisons_of[FORM_COUNT], failures;

static uint64_t state = 20240607;

// SplitMix64 (Steele, Lea, Flood 2014).
static uint64_t random_bits(void) {
    uint64_t mixed = state += 0x9e3779b97f4a7c15;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
    return mixed ^ (mixed >> 31);
}

static float random_float(void) { return (float)(random_bits() >> 40) / (1 << 23) - 1; }

static void fill_bytes(void *to, size_t count) {
    for (size_t i = 0; i < count; i++) ((uint8_t *)to)[i] = (uint8_t)random_bits();
}

static void fill_floats(float *to, size_t count) {
    for (size_t i = 0; i < count; i++) to[i] = random_float();
}

// Exactly as large as asked for, so that a checker of addresses finds what reads too far.
static void *block(size_t bytes) {
    void *memory = malloc(bytes ? bytes : 1);
    if (!memory) fprintf(stderr, "no memory for %zu bytes\n", bytes), exit(2);
    return memory;
}

static void check(ckernels_isa form, int holds, const char *kernel, size_t a, size_t b, long c) {
    comparisons++, comparisons_of[form]++;
    if (holds) return;
    if (failures++ < 20) printf("%s, %s: differs from the scalar twin at %zu, %zu, %ld\n", names[form], kernel, a, b, c);
}

static void compare_dots(ckernels_isa form, size_t dimension, size_t row_count) {
    float *query = block(dimension * 4), *rows = block(row_count * dimension * 4);
    float *expected = block(row_count * 4), *found = block((row_count + 1) * 4), *gathered = block((row_count + 1) * 4);
    uint32_t *positions = block(row_count * 4);
    fill_floats(query, dimension), fill_floats(rows, row_count * dimension);
    found[row_count] = gathered[row_count] = 9;
    ckernels_dot_rows(CKERNELS_SCALAR, query, rows, row_count, dimension, expected);
    ckernels_dot_rows(form, query, rows, row_count, dimension, found);
    int is_near = found[row_count] == 9;
    for (size_t row = 0; row < row_count; row++) {
        double size = 0;
        for (size_t i = 0; i < dimension; i++) size += fabs((double)query[i] * rows[row * dimension + i]);
        is_near &= fabs((double)found[row] - expected[row]) <= 1e-5 * size;
        positions[row] = (uint32_t)(random_bits() % row_count);
    }
    check(form, is_near, "dot_rows", dimension, row_count, 0);
    ckernels_dot_gathered(form, query, rows, positions, row_count, dimension, gathered);
    int is_same = gathered[row_count] == 9;
    for (size_t i = 0; i < row_count; i++) is_same &= memcmp(gathered + i, found + positions[i], 4) == 0;
    check(form, is_same, "dot_gathered", dimension, row_count, 0);
    free(query), free(rows), free(expected), free(found), free(gathered), free(positions);
}

// How the matrix and the vector are filled: at random, or with the values at the ends of their ranges.
static void compare_byte_products(ckernels_isa form, size_t dimension, size_t group_count, int extreme) {
    const size_t word_count = (dimension + 3) / 4, bytes = group_count * word_count * 64, count = group_count * 16;
    int8_t *vector = block(word_count * 4);
    uint8_t *matrix = block(bytes);
    int32_t *expected = block((count + GUARD) * 4), *found = block((count + GUARD) * 4);
    for (size_t i = 0; i < word_count * 4; i++) {
        const int8_t component = (int8_t)(random_bits() % 255 - 127);
        vector[i] = i >= dimension ? 0 : extreme ? (extreme & 1 ? 127 : -127) : component;
    }
    fill_bytes(matrix, bytes);
    if (extreme) memset(matrix, extreme & 2 ? 255 : 0, bytes);
    memset(expected, 1, (count + GUARD) * 4), memset(found, 1, (count + GUARD) * 4);
    ckernels_byte_products(CKERNELS_SCALAR, vector, matrix, group_count, word_count, expected);
    ckernels_byte_products(form, vector, matrix, group_count, word_count, found);
    check(form, memcmp(expected, found, (count + GUARD) * 4) == 0, "byte_products", dimension, group_count, extreme);
    free(vector), free(matrix), free(expected), free(found);
}

static void compare_byte_products_many(ckernels_isa form, size_t dimension, size_t group_count, size_t vector_count) {
    const size_t word_count = (dimension + 3) / 4, count = group_count * 16;
    int8_t *vectors = block(vector_count * word_count * 4);
    uint8_t *matrix = block(group_count * word_count * 64);
    int32_t *expected = block(vector_count * count * 4), *found = block(vector_count * count * 4);
    for (size_t i = 0; i < vector_count * word_count * 4; i++) vectors[i] = (int8_t)(random_bits() % 255 - 127);
    fill_bytes(matrix, group_count * word_count * 64);
    for (size_t v = 0; v < vector_count; v++) {
        ckernels_byte_products(CKERNELS_SCALAR, vectors + v * word_count * 4, matrix, group_count, word_count,
                               expected + v * count);
    }
    ckernels_byte_products_many(form, vectors, vector_count, matrix, group_count, word_count, found);
    const int is_equal = memcmp(expected, found, vector_count * count * 4) == 0;
    check(form, is_equal, "byte_products_many", dimension, group_count, (int)vector_count);
    free(vectors), free(matrix), free(expected), free(found);
}

// At positions out of order and more than once; the room is exactly what the contract asks for.
static void compare_byte_rows(ckernels_isa form, size_t dimension, size_t count, int extreme) {
    enum { ROWS = 7 };
    int8_t *vector = block(dimension);
    uint8_t *rows = block(ROWS * dimension);
    uint32_t *positions = block(count * 4);
    int32_t *expected = block(count * 4), *found = block(count * 4);
    for (size_t i = 0; i < dimension; i++) {
        const int8_t component = (int8_t)(random_bits() % 255 - 127);
        vector[i] = extreme ? (extreme & 1 ? 127 : -127) : component;
    }
    fill_bytes(rows, ROWS * dimension);
    if (extreme) memset(rows, extreme & 2 ? 255 : 0, ROWS * dimension);
    for (size_t i = 0; i < count; i++) positions[i] = (uint32_t)(random_bits() % ROWS);
    ckernels_byte_gathered(CKERNELS_SCALAR, vector, rows, positions, count, dimension, expected);
    ckernels_byte_gathered(form, vector, rows, positions, count, dimension, found);
    check(form, memcmp(expected, found, count * 4) == 0, "byte_row", dimension, count, extreme);
    free(vector), free(rows), free(positions), free(expected), free(found);
}

static int descending(const void *a, const void *b) {
    const int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
    return (x < y) - (x > y);
}

enum { MASK_NONE, MASK_ALL, MASK_RANDOM, MASK_SPARSE, MASK_EMPTY, MASK_KINDS };

// The bits reach exactly as far as the last row's.
static uint64_t *make_mask(int kind, size_t first, size_t row_count) {
    if (kind == MASK_NONE) return NULL;
    const size_t words = (first + row_count + 63) / 64;
    uint64_t *bits = block(words * 8);
    for (size_t i = 0; i < words; i++) bits[i] = kind == MASK_ALL ? ~0ull : kind == MASK_RANDOM ? random_bits() : 0;
    if (kind == MASK_SPARSE && row_count) {
        for (int i = 0; i < 3; i++) {
            const size_t bit = first + random_bits() % row_count;
            bits[bit / 64] |= 1ull << bit % 64;
        }
    }
    return bits;
}

typedef struct {
    const uint8_t *codes;
    const int8_t *table;
    size_t group_count, step_count;
} list;

static size_t scan(ckernels_isa form, list list, int32_t threshold, const uint64_t *allowed, size_t allowed_first,
                   uint32_t *positions, int32_t *sums) {
    return ckernels_scan_codes(form, list.codes, list.group_count, list.step_count, list.table, threshold, allowed,
                               allowed_first, 1000, positions, sums);
}

// The room is exactly what the contract asks for; behind what was found anything may stand.
static void compare_scan(ckernels_isa form, list list, int32_t threshold, int mask, size_t allowed_first) {
    const size_t count = list.group_count * 16;
    uint32_t *expected = block(count * 4), *found = block(count * 4);
    int32_t *expected_sums = block(count * 4), *found_sums = block(count * 4);
    uint64_t *allowed = make_mask(mask, allowed_first, count);
    const size_t expected_count = scan(CKERNELS_SCALAR, list, threshold, allowed, allowed_first, expected, expected_sums);
    const size_t found_count = scan(form, list, threshold, allowed, allowed_first, found, found_sums);
    check(form, expected_count == found_count && memcmp(expected, found, found_count * 4) == 0
              && memcmp(expected_sums, found_sums, found_count * 4) == 0,
          "scan_codes", list.step_count, list.group_count, mask * 1000 + (long)allowed_first);
    free(expected), free(found), free(expected_sums), free(found_sums), free(allowed);
}

// Thresholds between which nothing, one row, a tenth, half and all of the rows are found.
static void compare_scans(ckernels_isa form, size_t step_count, size_t group_count, int extreme) {
    const size_t count = group_count * 16, firsts[] = {0, 1, 15, 48, 49, 63, 77};
    uint8_t *codes = block(group_count * step_count * 64);
    int8_t *table = block(step_count * 128);
    fill_bytes(codes, group_count * step_count * 64), fill_bytes(table, step_count * 128);
    if (extreme) memset(table, extreme == 1 ? -128 : 127, step_count * 128);
    const list list = {codes, table, group_count, step_count};
    uint32_t *positions = block(count * 4);
    int32_t *sums = block((count + 1) * 4);
    sums[scan(CKERNELS_SCALAR, list, INT32_MIN, NULL, 0, positions, sums)] = 0;
    qsort(sums, count, sizeof *sums, descending);
    const int32_t thresholds[] = {INT32_MIN, sums[count ? count - 1 : 0], sums[count / 2], sums[count / 10], sums[0],
                                  INT32_MAX};
    for (int mask = 0; mask < MASK_KINDS; mask++) {
        for (size_t i = 0; i < sizeof thresholds / sizeof *thresholds; i++) {
            compare_scan(form, list, thresholds[i], mask, firsts[random_bits() % (sizeof firsts / sizeof *firsts)]);
        }
    }
    free(codes), free(table), free(positions), free(sums);
}

// Components on a coarse grid, if asked for, so that codewords are equally near.
static void compare_nearest(ckernels_isa form, size_t subspace_count, size_t width, size_t row_count, int has_ties) {
    const size_t dimension = subspace_count * width, codes = row_count * subspace_count;
    float *rows = block(row_count * dimension * 4), *codewords = block(dimension * 16 * 4);
    uint8_t *expected = block(codes + GUARD), *found = block(codes + GUARD);
    fill_floats(rows, row_count * dimension), fill_floats(codewords, dimension * 16);
    for (size_t i = 0; has_ties && i < row_count * dimension; i++) rows[i] = roundf(rows[i]);
    for (size_t i = 0; has_ties && i < dimension * 16; i++) codewords[i] = roundf(codewords[i]);
    memset(expected, 99, codes + GUARD), memset(found, 99, codes + GUARD);
    ckernels_nearest_codewords(CKERNELS_SCALAR, rows, row_count, codewords, subspace_count, width, expected);
    ckernels_nearest_codewords(form, rows, row_count, codewords, subspace_count, width, found);
    check(form, memcmp(expected, found, codes + GUARD) == 0, "nearest_codewords", subspace_count, width, has_ties);
    free(rows), free(codewords), free(expected), free(found);
}

static int are_near(const float *a, const float *b, size_t count, float tolerance) {
    for (size_t i = 0; i < count; i++) {
        if (!(fabsf(a[i] - b[i]) <= tolerance * fmaxf(1, fabsf(b[i])))) return 0;
    }
    return 1;
}

static void compare_float_maps(ckernels_isa form, size_t inputs, size_t outputs, size_t row_count, int function) {
    float *rows = block(row_count * inputs * 4), *weights = block(inputs * outputs * 4), *bias = block(outputs * 4);
    float *expected = block(row_count * outputs * 4), *found = block(row_count * outputs * 4);
    fill_floats(rows, row_count * inputs), fill_floats(weights, inputs * outputs), fill_floats(bias, outputs);
    const ckernels_float_map map = {(int64_t)inputs, (int64_t)outputs, weights, bias};
    ckernels_float_linear(CKERNELS_SCALAR, &map, rows, (int64_t)row_count, function, expected);
    ckernels_float_linear(form, &map, rows, (int64_t)row_count, function, found);
    check(form, are_near(found, expected, row_count * outputs, 1e-4f), "float_linear", inputs, outputs, (long)row_count);
    free(rows), free(weights), free(bias), free(expected), free(found);
}

static void compare_byte_maps(ckernels_isa form, size_t inputs, size_t outputs, size_t row_count, int function) {
    float *rows = block(row_count * inputs * 4), *factors = block(inputs * 4);
    float *scales = block(outputs * 4), *bias = block(outputs * 4);
    int8_t *weights = block(inputs * outputs);
    int32_t *sums = block(outputs * 4);
    uint8_t *bytes = block(row_count * inputs + GUARD), *same = block(row_count * inputs + GUARD);
    ckernels_byte_row *ranges = block(row_count * sizeof *ranges), *same_ranges = block(row_count * sizeof *ranges);
    float *expected = block(row_count * outputs * 4), *found = block(row_count * outputs * 4);
    fill_floats(rows, row_count * inputs), fill_floats(factors, inputs), fill_floats(bias, outputs);
    fill_bytes(weights, inputs * outputs);
    for (size_t o = 0; o < outputs; o++) {
        scales[o] = 0.01f, sums[o] = 0;
        for (size_t i = 0; i < inputs; i++) sums[o] += weights[((o / 64 * inputs / 4 + i / 4) * 64 + o % 64) * 4 + i % 4];
    }
    memset(bytes, 99, row_count * inputs + GUARD), memset(same, 99, row_count * inputs + GUARD);
    const float *by = row_count % 2 ? factors : NULL;
    const int64_t count = (int64_t)row_count;
    ckernels_round_rows(CKERNELS_SCALAR, rows, count, (int64_t)inputs, by, bytes, ranges);
    ckernels_round_rows(form, rows, count, (int64_t)inputs, by, same, same_ranges);
    const int are_same = memcmp(bytes, same, row_count * inputs + GUARD) == 0
        && memcmp(ranges, same_ranges, row_count * sizeof *ranges) == 0;
    check(form, are_same, "round_rows", inputs, row_count, by != NULL);
    const ckernels_byte_map map = {(int64_t)inputs, (int64_t)outputs, weights, sums, scales, bias};
    ckernels_byte_linear(CKERNELS_SCALAR, &map, bytes, ranges, count, function, expected);
    ckernels_byte_linear(form, &map, bytes, ranges, count, function, found);
    check(form, are_near(found, expected, row_count * outputs, 1e-5f), "byte_linear", inputs, outputs, (long)row_count);
    free(rows), free(factors), free(scales), free(bias), free(weights), free(sums), free(bytes), free(same);
    free(ranges), free(same_ranges), free(expected), free(found);
}

static void compare_attention(ckernels_isa form, size_t heads, size_t size, size_t row_count) {
    const int64_t rows = (int64_t)row_count, head_size = (int64_t)size;
    const size_t width = heads * size;
    float *input = block(row_count * 3 * width * 4), *exact = block(row_count * width * 4);
    float *expected = block(row_count * width * 4), *found = block(row_count * width * 4);
    float *scratch = block((size_t)ckernels_attention_scratch(rows, head_size) * 4);
    float *rounded_scratch = block((size_t)ckernels_rounded_attention_scratch(rows, head_size) * 4);
    fill_floats(input, row_count * 3 * width);
    ckernels_attention(CKERNELS_SCALAR, input, rows, (int64_t)heads, head_size, scratch, exact);
    ckernels_attention(form, input, rows, (int64_t)heads, head_size, scratch, found);
    check(form, are_near(found, exact, row_count * width, 1e-5f), "attention", heads, size, (long)row_count);
    ckernels_rounded_attention(CKERNELS_SCALAR, input, rows, (int64_t)heads, head_size, rounded_scratch, expected);
    ckernels_rounded_attention(form, input, rows, (int64_t)heads, head_size, rounded_scratch, found);
    check(form, are_near(found, expected, row_count * width, 1.0f / 64), "rounded_attention", heads, size, (long)row_count);
    check(form, are_near(found, exact, row_count * width, 1.0f / 32), "rounded_attention", heads, size, (long)row_count);
    free(input), free(exact), free(expected), free(found), free(scratch), free(rounded_scratch);
}

static void compare_model(ckernels_isa form) {
    for (size_t rows = 0; rows < 20; rows += rows < 8 ? 1 : 5) {
        for (int function = CKERNELS_PLAIN; function <= CKERNELS_GELU; function++) {
            compare_float_maps(form, 1 + 13 * rows, 64, rows, function), compare_float_maps(form, 384, 192, rows, function);
            compare_byte_maps(form, 64, 64, rows, function), compare_byte_maps(form, 384, 192, rows, function);
        }
    }
    for (size_t rows = 1; rows < 140; rows += rows < 36 ? 1 : 17) {
        for (size_t size = 32; size <= 96; size += 32) compare_attention(form, 1 + rows % 3, size, rows);
    }
}

// A form that is the scalar one would agree with it and prove nothing.
static void expect_own(ckernels_isa form) {
    const kernel_forms *own = kernel_forms_of(form), *scalar = kernel_forms_of(CKERNELS_SCALAR);
    const int is_own = own->dot_rows != scalar->dot_rows && own->byte_products != scalar->byte_products
        && own->byte_row != scalar->byte_row && own->scan_codes != scalar->scan_codes
        && own->nearest_codewords != scalar->nearest_codewords;
    if (!is_own) printf("%s: a kernel has no form of its own\n", names[form]), failures++;
}

static void compare_all(ckernels_isa form) {
    static const size_t dimensions[] = {1,  2,  3,  4,  5,  7,  8,  9,   12,  15,  16,  17,  19,  31,   32,   33,
                                        47, 48, 49, 63, 64, 65, 96, 100, 127, 129, 255, 384, 511, 768, 1023, 1536};
    static const size_t counts[] = {0, 1, 2, 3, 4, 5, 7, 9, 11};
    static const size_t steps[] = {0, 1, 2, 3, 4, 5, 6, 7, 12, 24, 31, 32, 33, 48, 63, 64, 65, 192};
    static const size_t widths[] = {0, 1, 2, 3, 4, 5, 7, 8, 12, 16, 17};
    const size_t dimension_count = sizeof dimensions / sizeof *dimensions;
    for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
        for (size_t d = 0; d < dimension_count; d++) {
            compare_dots(form, dimensions[d], counts[c]);
            compare_byte_products(form, dimensions[d], counts[c], 0);
            for (size_t v = 0; v < 10; v += 3) compare_byte_products_many(form, dimensions[d], counts[c], v);
            for (int extreme = 0; extreme < 8; extreme = extreme ? extreme + 1 : 4) {
                compare_byte_rows(form, dimensions[d], counts[c], extreme);
            }
            // Bit 0 chooses the end of the vector's range, bit 1 the matrix's, bit 2 keeps it from being 0.
            for (int extreme = 4; extreme < 8; extreme++) compare_byte_products(form, dimensions[d], counts[c], extreme);
        }
        for (size_t s = 0; s < sizeof steps / sizeof *steps; s++) {
            for (int extreme = 0; extreme < 3; extreme++) compare_scans(form, steps[s], counts[c], extreme);
        }
        for (size_t w = 0; w < sizeof widths / sizeof *widths; w++) {
            for (size_t m = 1; m <= 96; m += 19) {
                compare_nearest(form, m, widths[w], counts[c], 0), compare_nearest(form, m, widths[w], counts[c], 1);
            }
        }
    }
    // The most bytes of a vector that the contract allows, all at the ends of their ranges.
    for (int extreme = 4; extreme < 8; extreme++) compare_byte_products(form, 32768 * 4, 3, extreme);
    for (int extreme = 4; extreme < 8; extreme++) compare_byte_rows(form, 131072, 2, extreme);
}

int main(int argument_count, char **arguments) {
    for (int form = 1; form < FORM_COUNT; form++) {
        if (ckernels_has_isa((ckernels_isa)form)) expect_own((ckernels_isa)form), compare_all((ckernels_isa)form);
        if (ckernels_has_isa((ckernels_isa)form)) compare_model((ckernels_isa)form);
    }
    for (int form = 1; form < FORM_COUNT; form++) {
        if (comparisons_of[form]) printf("%s: %ld comparisons\n", names[form], comparisons_of[form]);
        for (int i = 1; i < argument_count; i++) {
            if (strcmp(arguments[i], names[form]) != 0 || comparisons_of[form]) continue;
            printf("%s: not compared, because this processor does not have it\n", names[form]), failures++;
        }
    }
    printf("%ld comparisons with the scalar twins, %ld failed\n", comparisons, failures);
    return failures || !comparisons ? 1 : 0;
}
