"""Vector files, and recall that is fair to ties."""

import os
from pathlib import Path

import numpy as np

# Scores within this of each other are a tie: ten times Float32's rounding at length 1.
TIE = 1e-6

HEADER_BYTES = 8
CATEGORY_COUNT = 1000
CATEGORY_SEED = 5


class RowFile:
    """An .fbin file: int32 count, int32 dimension, then the rows in float32, all little-endian.

    Single rows are read from the file, never mapped, so that they do not count as the engine's memory.
    """

    def __init__(self, path: str | Path):
        self.file = os.open(path, os.O_RDONLY)
        header = np.frombuffer(os.pread(self.file, HEADER_BYTES, 0), "<i4")
        self.path, self.count, self.dimension = path, int(header[0]), int(header[1])

    def all(self) -> np.ndarray:
        values = np.fromfile(self.path, "<f4", self.count * self.dimension, offset=HEADER_BYTES)
        return values.reshape(self.count, self.dimension)

    def mapped(self) -> np.ndarray:
        return np.memmap(self.path, "<f4", "r", HEADER_BYTES, (self.count, self.dimension))

    def rows(self, ids: np.ndarray) -> np.ndarray:
        size = self.dimension * 4
        parts = [os.pread(self.file, size, HEADER_BYTES + int(row) * size) for row in ids]
        return np.frombuffer(b"".join(parts), "<f4").reshape(len(parts), self.dimension)

    def scores(self, query: np.ndarray, ids: np.ndarray) -> np.ndarray:
        return self.rows(ids).astype(np.float64) @ query.astype(np.float64)


def read_truth(path: str | Path) -> np.ndarray:
    """Ids of every query's nearest rows, from .npy or .ibin (as .fbin, with int32)."""
    if str(path).endswith(".npy"):
        return np.load(path)
    count, width = np.fromfile(path, "<i4", 2)
    return np.fromfile(path, "<i4", count * width, offset=HEADER_BYTES).reshape(count, width)


def categories(row_count: int) -> np.ndarray:
    """A number from 0 to 999 for each row, evenly spread: `category < 10` keeps 1 % of the rows."""
    return np.random.default_rng(CATEGORY_SEED).integers(0, CATEGORY_COUNT, row_count, dtype=np.int64)


def truth_among(base: RowFile, queries: np.ndarray, kept: np.ndarray, k: int) -> np.ndarray:
    """Ids of the k rows of `kept` with the highest scores, per query."""
    rows = base.mapped()
    scores = np.empty((len(queries), len(kept)), np.float32)
    for start in range(0, len(kept), 16_384):
        part = slice(start, start + 16_384)
        scores[:, part] = queries @ rows[kept[part]].T
    k = min(k, len(kept))
    return kept[np.argpartition(-scores, k - 1, axis=1)[:, :k]]


class Recall:
    """Share of the true k nearest that was found. A row as similar as the true k-th counts, whichever of equals
    the truth names; a row named twice counts once."""

    def __init__(self, base: RowFile, queries: np.ndarray, truth: np.ndarray, k: int):
        self.base, self.queries = base, queries
        self.k = min(k, truth.shape[1])
        bars = (base.scores(query, ids[: self.k]).min() for query, ids in zip(queries, truth))
        self.bars = np.fromiter(bars, np.float64, len(queries))

    def mean(self, found: list) -> float:
        """`found` holds the ids for the first queries, in order; -1 stands for nothing."""
        return float(np.mean([self.share(number, ids) for number, ids in enumerate(found)]))

    def share(self, number: int, ids) -> float:
        rows = np.unique(np.asarray(ids, np.int64)[: self.k])
        rows = rows[(rows >= 0) & (rows < self.base.count)]
        hits = np.count_nonzero(self.base.scores(self.queries[number], rows) >= self.bars[number] - TIE)
        return min(hits, self.k) / self.k
