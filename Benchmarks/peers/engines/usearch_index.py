"""USearch (https://github.com/unum-cloud/usearch), rows in bfloat16. It has no filter in Python."""

from pathlib import Path

import numpy as np
from usearch.index import Index

from engines.interface import GRAPH_BUILD_WIDTH, GRAPH_DEGREE, GRAPH_WIDTHS, Engine, Ladder, Point, ladder

FILE = "index.usearch"


class USearch(Engine):
    insert_durability = "none"

    def build(self, rows: np.ndarray, categories: np.ndarray, folder: Path, threads: int) -> None:
        index = Index(
            ndim=rows.shape[1],
            metric="ip",
            dtype="bf16",
            connectivity=GRAPH_DEGREE,
            expansion_add=GRAPH_BUILD_WIDTH,
        )
        index.add(np.arange(len(rows)), rows, threads=threads)
        index.save(str(folder / FILE))

    def open(self, folder: Path, row_count: int, dimension: int) -> None:
        self.index = Index.restore(str(folder / FILE), view=False)

    def ladders(self) -> list[Ladder]:
        return [ladder("ef", GRAPH_WIDTHS)]

    def prepare(self, point: Point) -> None:
        self.index.expansion_search = point["ef"]

    def search(self, query: np.ndarray, k: int):
        return self.index.search(query, k, threads=1).keys

    def search_batch(self, queries: np.ndarray, k: int) -> None:
        self.index.search(queries, k, threads=1)

    def insert(self, batch) -> None:
        ids, rows, _ = batch
        self.index.add(ids, rows, threads=1)
