"""Scalable Vector Search's Vamana graph (https://github.com/intel/ScalableVectorSearch), rows in float16.

Its LVQ and LeanVec codes run on Intel's processors only, and its static index neither filters nor inserts.
"""

from pathlib import Path

import numpy as np
import svs

from engines.interface import Engine, Ladder, Point, ladder

WIDTHS = (10, 12, 14, 16, 20, 24, 28, 32, 40, 48, 56, 64, 80, 96, 128, 160, 192, 256, 320, 400, 512)
DEGREE, BUILD_WIDTH, ALPHA = 32, 100, 0.95


class Vamana(Engine):
    def build(self, rows: np.ndarray, categories: np.ndarray, folder: Path, threads: int) -> None:
        parameters = svs.VamanaBuildParameters(
            graph_max_degree=DEGREE, window_size=BUILD_WIDTH, alpha=ALPHA
        )
        index = svs.Vamana.build(
            parameters, rows.astype(np.float16), svs.DistanceType.MIP, num_threads=threads
        )
        index.save(*(str(folder / part) for part in ("config", "graph", "data")))

    def open(self, folder: Path, row_count: int, dimension: int) -> None:
        rows = svs.VectorDataLoader(str(folder / "data"), svs.DataType.float16, dims=dimension)
        graph = svs.GraphLoader(str(folder / "graph"))
        self.index = svs.Vamana(
            str(folder / "config"), graph, rows, svs.DistanceType.MIP, num_threads=1
        )

    def ladders(self) -> list[Ladder]:
        return [ladder("window", WIDTHS)]

    def prepare(self, point: Point) -> None:
        self.index.search_window_size = point["window"]

    def search(self, query: np.ndarray, k: int):
        return self.index.search(query[None, :], k)[0][0]

    def search_batch(self, queries: np.ndarray, k: int) -> None:
        self.index.search(queries, k)
