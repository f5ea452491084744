"""Derives how the reference tokenizer treats every Unicode scalar, by asking it.

usage: python make_normalization_tables.py TABLES.swift CHECKSUMS.json
needs: pip install tokenizers==0.23.3 (the reference); Python 3.11 (Unicode 14.0) for combining classes

The reference mixes Unicode versions (an old general category table, a newer one for case and decomposition), so
no single version of Unicode gives its answers. TABLES.swift holds them. CHECKSUMS.json holds, for each block of
4,096 scalars, a checksum of the words the reference makes of each, by which a test proves the tables and the code
that reads them right for every scalar there is: once with letters lower-cased and accents stripped, and once cased.
"""

import json
import sys
import unicodedata

import tokenizers
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer

clean = BertNormalizer(clean_text=True, handle_chinese_chars=False, strip_accents=False, lowercase=False)
chinese = BertNormalizer(clean_text=False, handle_chinese_chars=True, strip_accents=False, lowercase=False)
strip = BertNormalizer(clean_text=False, handle_chinese_chars=False, strip_accents=True, lowercase=False)
lower = BertNormalizer(clean_text=False, handle_chinese_chars=False, strip_accents=False, lowercase=True)
whole = BertNormalizer()
cased = BertNormalizer(lowercase=False)
split = BertPreTokenizer()

SCALARS = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000]
HANGUL = range(0xAC00, 0xD7A4)


def between(normalizer, c):
    return normalizer.normalize_str("a" + chr(c) + "b")[1:-1]


def words(text, normalizer=whole):
    return [word for word, _ in split.pre_tokenize_str(normalizer.normalize_str(text))]


def ranges(scalars):
    found = []
    for c in sorted(scalars):
        if found and found[-1][1] == c - 1:
            found[-1][1] = c
        else:
            found.append([c, c])
    return found


def runs(mapping):
    """Greedy cover by runs (first, count, step, target, targetStep)."""
    found, used = [], set()
    for c in sorted(mapping):
        if c in used:
            continue
        best = (0, 1, 0)
        for step in (1, 2):
            for target_step in (0, 1, 2):
                n = 1
                while (
                    c + n * step in mapping
                    and c + n * step not in used
                    and mapping[c + n * step] == mapping[c] + n * target_step
                ):
                    n += 1
                if n > best[0]:
                    best = (n, step, target_step)
        n, step, target_step = best
        used.update(c + k * step for k in range(n))
        found.append((c, n, step, mapping[c], target_step))
    return found


def known_class(c):
    """The combining class of a scalar that survives normalisation, as far as the reference knows it."""
    expected = unicodedata.combining(chr(c))
    if expected in (0, 224):
        return expected
    first, second = (0x302E, c) if expected < 224 else (c, 0x302E)  # U+302E survives and has class 224
    swapped = "a" + chr(second) + chr(first) + "b"
    return expected if strip.normalize_str("a" + chr(first) + chr(second) + "b") == swapped else 0


def literal(name, comment, rows):
    text, line, lines = " ".join(" ".join("%X" % n for n in row) for row in rows), "", []
    for word in text.split(" "):
        if len(line) + len(word) + 1 > 100:
            lines.append(line)
            line = ""
        line += (" " if line else "") + word
    lines.append(line)
    body = "\n".join("        " + line for line in lines)
    comments = "\n".join("    /// " + line for line in comment.split("\n"))
    return f'{comments}\n    static let {name} = """\n{body}\n        """\n'


def checksum(scalars, normalizer):
    """FNV-1a, 64 bits, over the UTF-8 of the words of "a" c "b", each word followed by a zero byte."""
    value = 0xCBF29CE484222325
    for c in scalars:
        for word in words("a" + chr(c) + "b", normalizer):
            for byte in word.encode() + b"\0":
                value = (value ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return "%016x" % value


def main():
    tables_path, checksums_path = sys.argv[1:]
    dropped = {c for c in SCALARS if between(clean, c) == ""}
    spaces = {c for c in SCALARS if c not in dropped and between(clean, c) == " "}
    isolated_by_script = {c for c in SCALARS if between(chinese, c) != chr(c)}
    punctuation = {c for c in SCALARS if len(split.pre_tokenize_str("a" + chr(c) + "b")) == 3}
    single, several, marks, starters = {}, {}, set(), set()
    for c in SCALARS:
        if c in dropped or c in spaces or c in HANGUL:
            continue
        target = "".join(between(lower, ord(k)) for k in between(strip, c))
        if target == "":
            (starters if unicodedata.combining(chr(c)) == 0 else marks).add(c)
        elif len(target) > 1:
            several[c] = [ord(k) for k in target]
        elif target != chr(c):
            single[c] = ord(target)
    # Not the scalars of `several`: the parts of a decomposition are asked about one by one.
    survivors = [c for c in SCALARS if unicodedata.combining(chr(c)) and c not in dropped and c not in marks]
    classes = {c: known_class(c) for c in survivors}
    combining = [
        (first, last, k)
        for k in sorted(set(classes.values()) - {0})
        for first, last in ranges(c for c in classes if classes[c] == k)
    ]
    with open(tables_path, "w") as out:
        out.write(
            f"""/// What the reference tokenizer (`tokenizers` {tokenizers.__version__} by Hugging Face) does with each scalar.
///
/// Generated by `Tests/EmbeddingTests/Goldens/make_normalization_tables.py`, which asks the reference about
/// every scalar; do not edit. All numbers are hexadecimal. Whether they come from one version of Unicode or
/// another is the reference's affair: a tokenizer is right when it gives the tokens its model learnt from.
enum NormalizationTables {{
"""
        )
        out.write(
            "\n".join(
                [
                    literal(
                        "dropped",
                        "Ranges `first last` that vanish before anything else: controls, formats, private use.",
                        ranges(dropped),
                    ),
                    literal("spaces", "Ranges `first last` that separate words.", ranges(spaces)),
                    literal(
                        "isolatedByScript",
                        "Ranges `first last` of ideographs, each a word of its own.",
                        ranges(isolated_by_script),
                    ),
                    literal(
                        "punctuation",
                        "Ranges `first last` of punctuation, each a word of its own.",
                        ranges(punctuation),
                    ),
                    literal(
                        "marks",
                        "Ranges `first last` of accents (class Mn) that vanish and have a combining class.",
                        ranges(marks),
                    ),
                    literal(
                        "starterMarks",
                        "Ranges `first last` of accents that vanish with combining class zero: no mark is\n"
                        "ordered across them.",
                        ranges(starters),
                    ),
                    literal(
                        "combining",
                        "Ranges `first last class` of marks that stay and are put in canonical order.",
                        combining,
                    ),
                    literal(
                        "folds",
                        "Runs `first count step target targetStep`: scalar `first + i · step` decomposes, without its\n"
                        "accents and in lower case, to `target + i · targetStep`.",
                        runs(single),
                    ),
                    literal(
                        "longFolds",
                        "`scalar count targets…`: those that become several.",
                        [(c, len(t), *t) for c, t in sorted(several.items())],
                    ),
                ]
            )
        )
        out.write("}\n")
    blocks, cased_blocks = (
        {
            "%X" % first: checksum((c for c in range(first, first + 0x1000) if not 0xD800 <= c < 0xE000), normalizer)
            for first in range(0, 0x110000, 0x1000)
        }
        for normalizer in (whole, cased)
    )
    with open(checksums_path, "w") as out:
        json.dump(
            {
                "tool": f"tokenizers {tokenizers.__version__}",
                "command": "python make_normalization_tables.py",
                "blocks": blocks,
                "casedBlocks": cased_blocks,
            },
            out,
            indent=1,
        )
        out.write("\n")


main()
