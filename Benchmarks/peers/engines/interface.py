"""What every peer is asked to do. Scores are inner products of unit vectors; row ids are positions in the base."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

# Parameters of one search, for example {"nprobe": 48}: what is reported, and what `search` is given.
Point = dict[str, int | float]

# Points of rising recall and cost. An engine with two knobs has one ladder for each value of the second.
Ladder = list[Point]


class Engine(ABC):
    """One peer, in a process of its own: built into a folder by one process, opened and searched by another."""

    filters = False

    # What stands on the disk when `insert` returns; None if the peer is not asked to insert.
    insert_durability: str | None = None

    @abstractmethod
    def build(self, rows: np.ndarray, categories: np.ndarray, folder: Path, threads: int) -> None:
        """Indexes `rows` (count × dimension, float32), and leaves everything that `open` needs in `folder`."""

    @abstractmethod
    def open(self, folder: Path, row_count: int, dimension: int) -> None:
        """Makes ready to search on one thread."""

    @abstractmethod
    def ladders(self) -> list[Ladder]: ...

    @abstractmethod
    def prepare(self, point: Point) -> None:
        """Called once before searches at `point`: work here is not timed."""

    @abstractmethod
    def search(self, query: np.ndarray, k: int) -> Sequence[int]:
        """The ids nearest to one vector (dimension, float32), best first."""

    def search_batch(self, queries: np.ndarray, k: int) -> None:
        """The same for count × dimension; peers without such a call are asked one by one."""
        for query in queries:
            self.search(query, k)

    def select(self, categories: np.ndarray, below: int) -> None:
        """From now on, only rows whose category is less than `below` are found. Not timed."""
        raise NotImplementedError

    def batch(self, ids: np.ndarray, rows: np.ndarray, categories: np.ndarray):
        """The rows in the form in which the peer takes them. Not timed."""
        return ids, rows, categories

    def insert(self, batch) -> None:
        """Makes what `batch` returned part of the open index."""
        raise NotImplementedError


def list_count(row_count: int) -> int:
    """Inverted lists that did best for the FAISS indexes here: about √n, twice and four times that for more rows."""
    if row_count >= 500_000:
        return 4096
    if row_count >= 200_000:
        return 1024
    lists = 16
    while lists * lists < row_count:
        lists *= 2
    return lists


def ladder(name: str, values: Sequence[int], **fixed: int | float) -> Ladder:
    return [{name: value, **fixed} for value in values]


def batches(count: int, size: int) -> Iterator[slice]:
    for start in range(0, count, size):
        yield slice(start, min(start + size, count))


# How much of a graph is visited: the knob that every HNSW calls `ef`.
GRAPH_WIDTHS = (10, 16, 24, 32, 40, 48, 64, 80, 96, 128, 160, 192, 256, 320, 400, 512, 640)
LIST_PROBES = (2, 4, 8, 12, 16, 24, 32, 40, 48, 64, 80, 96, 128, 160, 192, 256, 384, 512)

# Of the graph indexes: M and efConstruction. More make the build slower for little.
GRAPH_DEGREE, GRAPH_BUILD_WIDTH = 16, 100
