"""ScaNN (https://github.com/google-research/google-research/tree/master/scann). Neither filters nor inserts."""

from pathlib import Path

import numpy as np
import scann

from engines.interface import Engine, Ladder, Point, ladder

LEAVES = (2, 4, 6, 8, 10, 13, 16, 20, 24, 32, 40, 52, 64, 80, 100, 130, 160, 200)
REORDERED = (40, 100, 200, 400)
TRAINING_ROWS_MAX = 250_000


class ScaNN(Engine):
    def build(self, rows: np.ndarray, categories: np.ndarray, folder: Path, threads: int) -> None:
        # About √n leaves, as its authors advise; twice as many were better for a million rows.
        leaves = 2000 if len(rows) >= 500_000 else max(16, int(len(rows) ** 0.5))
        builder = scann.scann_ops_pybind.builder(rows, 10, "dot_product")
        builder.set_n_training_threads(threads)
        builder = builder.tree(
            num_leaves=leaves,
            num_leaves_to_search=20,
            training_sample_size=min(len(rows), TRAINING_ROWS_MAX),
        )
        searcher = builder.score_ah(2, anisotropic_quantization_threshold=0.2).reorder(100).build()
        searcher.serialize(str(folder))

    def open(self, folder: Path, row_count: int, dimension: int) -> None:
        self.searcher = scann.scann_ops_pybind.load_searcher(str(folder))

    def ladders(self) -> list[Ladder]:
        return [ladder("leaves", LEAVES, reorder=count) for count in REORDERED]

    def prepare(self, point: Point) -> None:
        self.arguments = {
            "leaves_to_search": point["leaves"],
            "pre_reorder_num_neighbors": point["reorder"],
        }

    def search(self, query: np.ndarray, k: int):
        return self.searcher.search(query, final_num_neighbors=k, **self.arguments)[0]

    def search_batch(self, queries: np.ndarray, k: int) -> None:
        self.searcher.search_batched(queries, final_num_neighbors=k, **self.arguments)
