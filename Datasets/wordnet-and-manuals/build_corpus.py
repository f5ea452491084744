#!/usr/bin/env python3
"""Builds a benchmark corpus of short English texts from four Debian packages.

Run `build_corpus.py OUTPUT_FOLDER`; it writes, one text a line,

    corpus.txt          WordNet's glosses and passages of the manuals
    queries.txt         1,000 questions to measure with
    sample_queries.txt  500 other questions, to calibrate with

Half of the questions are example sentences of WordNet, half are the first words of passages that are held out
of the corpus. README.md beside this file has the packages, the counts and the checksums.

The same package versions and the same seed give the same bytes: files are read in sorted order, and the only
randomness is a `random.Random` of the seed. Only Python's standard library is used.
"""

import argparse
import hashlib
import html
import random
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

QUERIES_PER_SOURCE = 500
SAMPLES_PER_SOURCE = 250

GLOSS_CHARACTERS_MIN = 16
EXAMPLE_CHARACTERS = range(25, 201)

# A passage ends with the piece that brings it to this many words, and a long paragraph is cut into pieces first.
PASSAGE_WORDS_MIN = 55
PIECE_WORDS = 90
PASSAGE_WORDS_MAX = 110

# Shorter paragraphs, or paragraphs with fewer letters, are headings, tables and listings.
PARAGRAPH_WORDS_MIN = 6
PARAGRAPH_LETTER_SHARE = 0.6

QUERY_WORDS = (8, 22)

WORDNET = Path("usr/share/wordnet")
RST_MANUALS = (
    Path("usr/share/doc/linux-doc-6.1/html/_sources"),
    Path("usr/share/doc/python3.11/html/_sources"),
)
HTML_MANUALS = (Path("usr/share/doc/debian-handbook/html/en-US"),)

RST_NOISE = re.compile(
    r"""
      ^\s*\.\.\ .*$            # a directive, a comment or a target
    | ^\s*:[\w\ -]+:\s.*$      # a field of a list
    | :[\w:+-]+:(?=`)          # the role before an interpreted text
    | \s<[^<>`]*>(?=`)         # the target inside a reference
    | [=~^"#+*-]{3,}           # an underline or a table's ruling
    | [`*|]+                   # marks of emphasis, literals, substitutions
    """,
    re.MULTILINE | re.VERBOSE,
)
HTML_BLOCK_END = re.compile(r"</(?:p|li|div|dt|dd|h[1-6]|pre|td)>")
HTML_TAG = re.compile(r"<[^<>]*>")


def one_line(text: str) -> str:
    return " ".join(text.split())


def unique(texts: Iterable[str]) -> list[str]:
    """The texts without repetitions, in order of first appearance."""
    return list(dict.fromkeys(texts))


def wordnet(root: Path) -> tuple[list[str], list[str]]:
    """WordNet's synsets as "lemma, lemma: definition", and their example sentences (format: wndb(5WN))."""
    glosses, examples = [], []
    for part_of_speech in ("noun", "verb", "adj", "adv"):
        with open(root / WORDNET / f"data.{part_of_speech}", encoding="latin-1") as lines:
            for line in lines:
                if line.startswith("  "):  # the licence at the head of the file
                    continue
                fields, _, gloss = line.partition(" | ")
                words = fields.split()
                lemma_count = int(words[3], 16)
                lemmas = (words[4 + 2 * index] for index in range(lemma_count))
                names = ", ".join(re.sub(r"\(\w+\)$", "", lemma).replace("_", " ") for lemma in lemmas)
                definition = re.split(r'[;:]?\s*"', gloss, maxsplit=1)[0]
                glosses.append(one_line(f"{names}: {definition}"))
                examples += (one_line(text) for text in re.findall(r'"([^"]+)"', gloss))
    glosses = [text for text in unique(glosses) if len(text) >= GLOSS_CHARACTERS_MIN]
    return glosses, [text for text in unique(examples) if len(text) in EXAMPLE_CHARACTERS]


def manual_files(root: Path) -> Iterator[tuple[Path, str]]:
    """Every page of the manuals and its plain text, in sorted order; translations are left out."""
    for folder in RST_MANUALS:
        for path in sorted((root / folder).rglob("*.txt")):
            if "translations" not in path.parts:
                yield path, RST_NOISE.sub("", path.read_text(encoding="utf-8", errors="replace"))
    for folder in HTML_MANUALS:
        for path in sorted((root / folder).glob("*.html")):
            page = path.read_text(encoding="utf-8", errors="replace")
            body = page[max(0, page.find("<body")) :]
            yield path, html.unescape(HTML_TAG.sub(" ", HTML_BLOCK_END.sub("\n\n", body)))


def is_prose(paragraph: str) -> bool:
    letters = sum(map(str.isalpha, paragraph))
    enough_words = len(paragraph.split()) >= PARAGRAPH_WORDS_MIN
    return enough_words and letters >= PARAGRAPH_LETTER_SHARE * len(paragraph)


def passages(text: str) -> Iterator[str]:
    """Consecutive paragraphs of prose, joined to passages of 55 to 110 words; a shorter rest is dropped."""
    words: list[str] = []
    for paragraph in re.split(r"\n\s*\n", text):
        if not is_prose(one_line(paragraph)):
            continue
        paragraph_words = paragraph.split()
        for start in range(0, len(paragraph_words), PIECE_WORDS):
            words += paragraph_words[start : start + PIECE_WORDS]
            if len(words) >= PASSAGE_WORDS_MIN:
                yield " ".join(words[:PASSAGE_WORDS_MAX])
                words = []


def beginning(passage: str, chance: random.Random) -> str:
    return " ".join(passage.split()[: chance.randint(*QUERY_WORDS)])


def write(path: Path, texts: list[str]) -> None:
    content = "".join(text + "\n" for text in texts).encode("utf-8")
    path.write_bytes(content)
    print(f"{path.name}: {len(texts)} texts, sha256 {hashlib.sha256(content).hexdigest()}")


def build(root: Path, output: Path, seed: int) -> None:
    chance = random.Random(seed)
    glosses, examples = wordnet(root)
    manuals = unique(passage for _, text in manual_files(root) for passage in passages(text))
    if len(examples) < 1000 or len(manuals) < 10_000:
        raise SystemExit("the packages are not all installed: README.md names them")

    # The same draw serves both sets of questions, so that they have nothing in common.
    per_source = QUERIES_PER_SOURCE + SAMPLES_PER_SOURCE
    chance.shuffle(examples)
    chance.shuffle(manuals)
    beginnings = [beginning(passage, chance) for passage in manuals[:per_source]]
    queries = examples[:QUERIES_PER_SOURCE] + beginnings[:QUERIES_PER_SOURCE]
    samples = examples[QUERIES_PER_SOURCE:per_source] + beginnings[QUERIES_PER_SOURCE:]
    chance.shuffle(queries)
    chance.shuffle(samples)

    output.mkdir(parents=True, exist_ok=True)
    print(f"{len(glosses)} glosses, {len(manuals) - per_source} passages")
    write(output / "corpus.txt", unique(glosses + manuals[per_source:]))
    write(output / "queries.txt", queries)
    write(output / "sample_queries.txt", samples)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("output", type=Path, help="folder for the three files")
    parser.add_argument("--root", type=Path, default=Path("/"), help="where the packages are unpacked")
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()
    build(arguments.root, arguments.output, arguments.seed)


if __name__ == "__main__":
    main()
