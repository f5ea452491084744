"""zvec (https://github.com/alibaba/zvec): HNSW over int8 codes, and RaBitQ codes in inverted lists."""

from pathlib import Path

import numpy as np
import zvec

from engines.interface import (
    GRAPH_BUILD_WIDTH,
    GRAPH_DEGREE,
    GRAPH_WIDTHS,
    LIST_PROBES,
    Engine,
    Ladder,
    Point,
    batches,
    ladder,
    list_count,
)

FOLDER = "collection"
LOAD_ROWS = 1000
RABITQ_BITS = 7


def documents(ids: np.ndarray, rows: np.ndarray, categories: np.ndarray) -> list[zvec.Doc]:
    return [
        zvec.Doc(id=str(row), vectors={"vector": vector.tolist()}, fields={"category": int(category)})
        for row, vector, category in zip(ids, rows, categories)
    ]


class Collection(Engine):
    filters = True
    insert_durability = "flush"

    def __init__(self) -> None:
        self.condition: str | None = None

    def index(self, row_count: int):
        raise NotImplementedError

    def build(self, rows: np.ndarray, categories: np.ndarray, folder: Path, threads: int) -> None:
        zvec.init(log_level=zvec.LogLevel.ERROR, query_threads=1, optimize_threads=threads)
        category = zvec.FieldSchema(
            "category",
            zvec.DataType.INT64,
            index_param=zvec.InvertIndexParam(enable_range_optimization=True),
        )
        vector = zvec.VectorSchema(
            "vector", zvec.DataType.VECTOR_FP32, rows.shape[1], index_param=self.index(len(rows))
        )
        schema = zvec.CollectionSchema("benchmark", fields=[category], vectors=vector)
        collection = zvec.create_and_open(str(folder / FOLDER), schema)
        for part in batches(len(rows), LOAD_ROWS):
            ids = np.arange(part.start, part.stop)
            collection.insert(documents(ids, rows[part], categories[part]))
        collection.flush()
        collection.optimize(zvec.OptimizeOption(concurrency=threads))
        collection.flush()

    def open(self, folder: Path, row_count: int, dimension: int) -> None:
        zvec.init(log_level=zvec.LogLevel.ERROR, query_threads=1, optimize_threads=1)
        self.collection = zvec.open(str(folder / FOLDER))
        self.row_count = row_count

    def search(self, query: np.ndarray, k: int):
        request = zvec.Query("vector", vector=query, param=self.parameters)
        found = self.collection.query(request, topk=k, filter=self.condition, output_fields=[])
        return [int(document.id) for document in found]

    def select(self, categories: np.ndarray, below: int) -> None:
        self.condition = f"category < {below}"

    def batch(self, ids: np.ndarray, rows: np.ndarray, categories: np.ndarray) -> list[zvec.Doc]:
        return documents(ids, rows, categories)

    def insert(self, batch) -> None:
        self.collection.insert(batch)
        self.collection.flush()


class ZvecHNSW(Collection):
    def index(self, row_count: int):
        return zvec.HnswIndexParam(
            zvec.MetricType.IP, GRAPH_DEGREE, GRAPH_BUILD_WIDTH, zvec.QuantizeType.INT8
        )

    def ladders(self) -> list[Ladder]:
        return [ladder("ef", GRAPH_WIDTHS)]

    def prepare(self, point: Point) -> None:
        self.parameters = zvec.HnswQueryParam(ef=point["ef"], is_using_refiner=True)


class ZvecIVF(Collection):
    def index(self, row_count: int):
        return zvec.IvfRabitqIndexParam(zvec.MetricType.IP, list_count(row_count), RABITQ_BITS)

    def ladders(self) -> list[Ladder]:
        lists = list_count(self.row_count)
        return [ladder("nprobe", [probe for probe in LIST_PROBES if probe <= lists])]

    def prepare(self, point: Point) -> None:
        self.parameters = zvec.IvfRabitqQueryParam(nprobe=point["nprobe"])
