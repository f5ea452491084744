"""The texts that all engines embed, the same as `carrel models bench` makes."""

from pathlib import Path

from tokenizers import Tokenizer

WORDS = ("the", "water", "of", "this", "island", "was", "never", "far", "from", "its", "old", "house")
WINDOW = 256
CALL = 64


def tokenizer(model: Path) -> Tokenizer:
    """The model's own, cut at its window; what tokenizer.json says of cutting and padding is for another use."""
    made = Tokenizer.from_file(str(model / "tokenizer.json"))
    made.no_padding()
    made.enable_truncation(WINDOW)
    return made


def uniform(tokens: int, by: Tokenizer) -> str:
    text, word = WORDS[0], 1
    while len(by.encode(text).ids) < tokens:
        text += " " + WORDS[word % len(WORDS)]
        word += 1
    return text


def kinds(model: Path, file: Path | None, limit: int) -> dict[str, list[str]]:
    by = tokenizer(model)
    made = {f"{tokens} tokens": [uniform(tokens, by)] * CALL for tokens in (16, 256, 64)}
    if file:
        lines = [line for line in file.read_text().split("\n") if line][:limit]
        made[f"{len(lines)} texts"] = lines
    return made | {"query": [uniform(10, by)]}
