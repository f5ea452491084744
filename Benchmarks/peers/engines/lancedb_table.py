"""LanceDB (https://github.com/lancedb/lancedb), IVF_RQ, the fastest of its indexes here. It writes without fsync."""

from datetime import timedelta
from pathlib import Path

import lancedb
import numpy as np
import pyarrow as pa

from engines.interface import LIST_PROBES, Engine, Ladder, Point, ladder, list_count

TABLE = "vectors"
BUILD_TIME_MAX = timedelta(hours=1)
LISTS_MAX = 1024
REFINED = (5, 10, 20)


def arrow(ids: np.ndarray, rows: np.ndarray, categories: np.ndarray) -> pa.Table:
    vectors = pa.FixedSizeListArray.from_arrays(pa.array(rows.ravel(), pa.float32()), rows.shape[1])
    return pa.table({"id": pa.array(ids), "category": pa.array(categories), "vector": vectors})


class LanceDB(Engine):
    filters = True
    insert_durability = "files without fsync"

    def __init__(self) -> None:
        self.condition: str | None = None

    def build(self, rows: np.ndarray, categories: np.ndarray, folder: Path, threads: int) -> None:
        database = lancedb.connect(str(folder))
        table = database.create_table(TABLE, arrow(np.arange(len(rows)), rows, categories))
        table.create_index(
            metric="dot",
            index_type="IVF_RQ",
            num_partitions=min(list_count(len(rows)), LISTS_MAX),
            vector_column_name="vector",
            wait_timeout=BUILD_TIME_MAX,
        )
        table.create_scalar_index("category", index_type="BTREE")

    def open(self, folder: Path, row_count: int, dimension: int) -> None:
        self.table = lancedb.connect(str(folder)).open_table(TABLE)
        self.row_count = row_count

    def ladders(self) -> list[Ladder]:
        lists = min(list_count(self.row_count), LISTS_MAX)
        probes = [probe for probe in LIST_PROBES if probe <= lists]
        return [ladder("nprobe", probes, refine=count) for count in REFINED]

    def prepare(self, point: Point) -> None:
        self.point = point

    def search(self, query: np.ndarray, k: int):
        search = self.table.search(query, vector_column_name="vector").distance_type("dot").limit(k)
        search = search.nprobes(self.point["nprobe"]).refine_factor(self.point["refine"])
        if self.condition:
            search = search.where(self.condition, prefilter=True)
        # Without `_distance` each search writes a warning.
        return search.select(["id", "_distance"]).to_arrow()["id"].to_numpy()

    def select(self, categories: np.ndarray, below: int) -> None:
        self.condition = f"category < {below}"

    def batch(self, ids: np.ndarray, rows: np.ndarray, categories: np.ndarray) -> pa.Table:
        return arrow(ids, rows, categories)

    def insert(self, batch) -> None:
        self.table.add(batch)
