"""hnswlib (https://github.com/nmslib/hnswlib). Its filter is a Python function for every visited row: not measured."""

from pathlib import Path

import hnswlib
import numpy as np

from engines.interface import GRAPH_BUILD_WIDTH, GRAPH_DEGREE, GRAPH_WIDTHS, Engine, Ladder, Point, ladder

FILE = "index.hnswlib"
ROOM_FOR_INSERTS = 50_000


class HNSWLib(Engine):
    insert_durability = "none"

    def build(self, rows: np.ndarray, categories: np.ndarray, folder: Path, threads: int) -> None:
        index = hnswlib.Index("ip", rows.shape[1])
        index.init_index(len(rows), M=GRAPH_DEGREE, ef_construction=GRAPH_BUILD_WIDTH, random_seed=1)
        index.set_num_threads(threads)
        index.add_items(rows)
        index.save_index(str(folder / FILE))

    def open(self, folder: Path, row_count: int, dimension: int) -> None:
        self.index = hnswlib.Index("ip", dimension)
        self.index.load_index(str(folder / FILE))
        self.index.set_num_threads(1)
        self.room = row_count

    def ladders(self) -> list[Ladder]:
        return [ladder("ef", GRAPH_WIDTHS)]

    def prepare(self, point: Point) -> None:
        self.index.set_ef(point["ef"])

    def search(self, query: np.ndarray, k: int):
        return self.index.knn_query(query, k)[0][0]

    def search_batch(self, queries: np.ndarray, k: int) -> None:
        self.index.knn_query(queries, k)

    def insert(self, batch) -> None:
        ids, rows, _ = batch
        if ids[-1] >= self.room:
            self.room += ROOM_FOR_INSERTS
            self.index.resize_index(self.room)
        self.index.add_items(rows, ids)
