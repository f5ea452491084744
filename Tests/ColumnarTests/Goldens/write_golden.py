"""Writes the golden column files from the specification in Sources/Columnar/ColumnFileFormat.swift alone.

Standard library only, with its own XXH64, so that it shares nothing with the program it checks. Run with
Python 3 from this folder:  python3 write_golden.py
It writes columns-1.golden here and 7.vectors, 8.quantizer and 9.vectors in ../../VectorIndexTests/Goldens.
"""

import struct

MASK = (1 << 64) - 1
P1, P2, P3 = 11400714785074694791, 14029467366897019727, 1609587929392839161
P4, P5 = 9650029242287828579, 2870177450012600261


def rotl(x, r):
    return ((x << r) | (x >> (64 - r))) & MASK


def mix(acc, lane):
    return rotl((acc + lane * P2) & MASK, 31) * P1 & MASK


def xxh64(data, seed=0):
    position, length = 0, len(data)
    if length >= 32:
        lanes = [(seed + P1 + P2) & MASK, (seed + P2) & MASK, seed, (seed - P1) & MASK]
        while position + 32 <= length:
            for i, value in enumerate(struct.unpack_from("<4Q", data, position)):
                lanes[i] = mix(lanes[i], value)
            position += 32
        acc = sum(rotl(lane, r) for lane, r in zip(lanes, (1, 7, 12, 18))) & MASK
        for lane in lanes:
            acc = ((acc ^ mix(0, lane)) * P1 + P4) & MASK
    else:
        acc = (seed + P5) & MASK
    acc = (acc + length) & MASK
    while position + 8 <= length:
        acc = (rotl(acc ^ mix(0, struct.unpack_from("<Q", data, position)[0]), 27) * P1 + P4) & MASK
        position += 8
    if position + 4 <= length:
        acc = (rotl(acc ^ struct.unpack_from("<I", data, position)[0] * P1 & MASK, 23) * P2 + P3) & MASK
        position += 4
    while position < length:
        acc = rotl(acc ^ data[position] * P5 & MASK, 11) * P1 & MASK
        position += 1
    acc = (acc ^ acc >> 33) * P2 & MASK
    acc = (acc ^ acc >> 29) * P3 & MASK
    return acc ^ acc >> 32


assert xxh64(b"") == 0xEF46DB3751D8E999 and xxh64(b"abc") == 0x44BC2CF5AD770999

TYPES = {"uint8": (1, 1, "B"), "uint32": (2, 4, "I"), "int64": (3, 8, "q"), "float32": (4, 4, "f")}


def column_file(kind, number, row_count, dimension, first, last, columns, version=1, quantizer=0):
    """columns: (id, type, elements in a row, block size, values)"""
    body, entries, checksums, places = b"\0" * 256, b"", [], []
    for column_id, type_name, row_elements, block, values in columns:
        code, width, letter = TYPES[type_name]
        body += b"\0" * (-len(body) % 64)
        data = struct.pack(f"<{len(values)}{letter}", *values)
        blocks = [xxh64(data[i:i + block]) for i in range(0, len(data), block)]
        places.append((column_id, code, width, row_elements, len(values), len(body), len(data), block,
                       len(blocks), len(checksums)))
        checksums += blocks
        body += data
    body += b"\0" * (-len(body) % 64)
    table = len(body) + 64 * len(places)
    for *fields, first_block in places:
        entries += struct.pack("<4I3Q2IQQ", *fields, table + 8 * first_block, 0)
    directory = entries + struct.pack(f"<{len(checksums)}Q", *checksums)
    header = bytes.fromhex("8943524c430d0a1a")
    header += struct.pack("<2I2I2Q2I3Q2IQ", 1, 256, kind, version, number, row_count, dimension,
                          len(columns), first, last, quantizer, 0, 0, 0)
    header += struct.pack("<4Q", len(body), len(directory), xxh64(directory), len(body) + len(directory))
    header += b"\0" * (248 - len(header))
    header += struct.pack("<Q", xxh64(header))
    return header + body[256:] + directory


def write(path, content):
    with open(path, "wb") as file:
        file.write(content)


write("columns-1.golden", column_file(9, 42, 400, 3, 5, 77, [
    (2, "uint8", 1, 4096, [3, 1, 4, 1, 5]),
    (3, "uint32", 1, 4096, []),
    (7, "int64", 2, 8192, [i * i - 100 for i in range(800)]),
    (11, "float32", 3, 4096, [i / 8 - 50 for i in range(1200)]),
    (4_000_000_000, "uint32", 1, 1 << 24, [0xFFFFFFFF]),
]))

# Five rows of four dimensions; every value is exact in binary, so scores can be written down.
write("../../VectorIndexTests/Goldens/7.vectors", column_file(1, 7, 5, 4, 3, 9, [
    (1, "int64", 1, 65536, [10, 11, 20, 30, 41]),
    (2, "int64", 1, 65536, [1, 1, 2, 3, 3]),
    (3, "int64", 1, 65536, [3, 3, 5, 9, 9]),
    (4, "float32", 4, 65536, [1, 0, 0, 0, 0.5, 0.5, 0.5, 0.5, 0, 1, 0, 0, 1, 0, 0, 0, -1, 0, 0, 0]),
    (5, "float32", 1, 65536, [1]),
], version=3))

# A quantizer of two lists in eight dimensions: eight subspaces of one axis each, the axes those of the space.
one = [[1.0 if i == j else 0.0 for i in range(8)] for j in range(8)]
variance = [0.125, 0.0009765625] * 8


def packed(rows):
    """Sixteen rows a group, four components a word; unit 1/127, zero as 128."""
    content = [128] * (16 * 8)
    for row, components in enumerate(rows):
        for i, value in enumerate(components):
            content[64 * (i // 4) + 4 * row + i % 4] = 128 + round(127 * value)
    return content


unit = struct.unpack("<f", struct.pack("<f", 1 / 127))[0]
write("../../VectorIndexTests/Goldens/8.quantizer", column_file(3, 8, 2, 8, 0, 0, [
    (1, "float32", 8, 65536, one[0] + one[1]),
    (2, "uint8", 1, 65536, packed(one[:2])),
    (3, "float32", 1, 65536, [unit] * 2),
    (4, "float32", 8, 65536, sum(one, [])),
    (5, "uint8", 1, 65536, packed(one)),
    (6, "float32", 1, 65536, [unit] * 8),
    (7, "float32", 16, 65536, [j / 8 - 1 for j in range(16)] * 8),
    (8, "float32", 2, 65536, variance),
    (9, "float32", 1, 65536, [0]),
]))


def codes(lists):
    """A group of 16 rows for each list; the codeword of x is 8 x + 8."""
    content = []
    for rows in lists:
        group = [0] * 64
        for lane, residual in enumerate(rows):
            code = [round(8 * x + 8) for x in residual]
            for b in range(4):
                group[4 * lane + b] = code[b] | code[4 + b] << 4
        content += group
    return content


vectors = [[1, 0, 0, 0, 0, 0, 0, 0], [1, 0.5, 0, 0, 0, 0, 0, 0.25], [0, 1, 0, 0, 0, 0, 0, 0], [0, 1, 0.25, 0, 0, 0, 0, 0]]
residuals = [[a - b for a, b in zip(vector, one[row // 2])] for row, vector in enumerate(vectors)]
write("../../VectorIndexTests/Goldens/9.vectors", column_file(1, 9, 4, 8, 3, 9, [
    (1, "int64", 1, 65536, [20, 41, 10, 30]),
    (2, "int64", 1, 65536, [2, 3, 1, 3]),
    (3, "int64", 1, 65536, [5, 9, 3, 9]),
    (4, "float32", 8, 65536, sum(vectors, [])),
    (5, "float32", 1, 65536, [1.25]),
    (6, "uint32", 1, 65536, [0, 2, 4]),
    (7, "uint8", 64, 65536, codes([residuals[:2], residuals[2:]])),
    (8, "uint32", 1, 65536, [2, 0, 3, 1]),
    (9, "float32", 6, 65536, []),
    (10, "uint8", 8, 65536, [128 + round(127 * x) for x in sum(vectors, [])]),
    (11, "float32", 1, 65536, [unit] * 2),
], version=3, quantizer=8))
