"""Chroma (https://github.com/chroma-core/chroma), its persistent client."""

from pathlib import Path

import chromadb
import numpy as np

from engines.interface import (
    GRAPH_BUILD_WIDTH,
    GRAPH_DEGREE,
    GRAPH_WIDTHS,
    Engine,
    Ladder,
    Point,
    batches,
    ladder,
)

COLLECTION = "benchmark"
LOAD_ROWS = 5000


def client(folder: Path) -> chromadb.ClientAPI:
    return chromadb.PersistentClient(
        path=str(folder), settings=chromadb.Settings(anonymized_telemetry=False)
    )


class Chroma(Engine):
    filters = True
    insert_durability = "SQLite's commit; the graph lags behind"

    def __init__(self) -> None:
        self.condition: dict | None = None

    def build(self, rows: np.ndarray, categories: np.ndarray, folder: Path, threads: int) -> None:
        graph = {
            "space": "ip",
            "ef_construction": GRAPH_BUILD_WIDTH,
            "max_neighbors": GRAPH_DEGREE,
            "num_threads": threads,
        }
        self.collection = client(folder).create_collection(
            COLLECTION, embedding_function=None, configuration={"hnsw": graph}
        )
        for part in batches(len(rows), LOAD_ROWS):
            self.insert(self.batch(np.arange(part.start, part.stop), rows[part], categories[part]))

    def open(self, folder: Path, row_count: int, dimension: int) -> None:
        self.folder = folder
        self.configure(num_threads=1)

    def ladders(self) -> list[Ladder]:
        return [ladder("ef", GRAPH_WIDTHS)]

    def prepare(self, point: Point) -> None:
        self.configure(ef_search=point["ef"])

    def configure(self, **values: int) -> None:
        """A graph in memory keeps the values with which it was loaded: it is dropped and loaded again."""
        opened = client(self.folder)
        opened.get_collection(COLLECTION, embedding_function=None).modify(configuration={"hnsw": values})
        opened.clear_system_cache()
        self.collection = client(self.folder).get_collection(COLLECTION, embedding_function=None)

    def search(self, query: np.ndarray, k: int):
        found = self.collection.query(
            query_embeddings=query[None, :], n_results=k, include=[], where=self.condition
        )
        return [int(row) for row in found["ids"][0]]

    def select(self, categories: np.ndarray, below: int) -> None:
        self.condition = {"category": {"$lt": below}}

    def batch(self, ids: np.ndarray, rows: np.ndarray, categories: np.ndarray) -> dict:
        metadata = [{"category": int(category)} for category in categories]
        return {"ids": [str(row) for row in ids], "embeddings": rows, "metadatas": metadata}

    def insert(self, batch) -> None:
        self.collection.add(**batch)
