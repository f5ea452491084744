"""sqlite-vec (https://github.com/asg017/sqlite-vec): exact, rows in Float32, a full sync for every commit."""

from pathlib import Path

import numpy as np
import pysqlite3 as sqlite3  # Python's own may be built without loadable extensions
import sqlite_vec

from engines.interface import Engine, Ladder, Point

FILE = "vectors.db"


def connect(folder: Path) -> sqlite3.Connection:
    database = sqlite3.connect(str(folder / FILE))
    database.enable_load_extension(True)
    sqlite_vec.load(database)
    database.execute("pragma journal_mode = wal")
    database.execute("pragma synchronous = full")
    return database


class SQLiteVec(Engine):
    filters = True
    insert_durability = "full sync"

    def __init__(self) -> None:
        self.condition = ""

    def build(self, rows: np.ndarray, categories: np.ndarray, folder: Path, threads: int) -> None:
        self.database = connect(folder)
        vector = f"vector float[{rows.shape[1]}] distance_metric=cosine"
        self.database.execute(
            f"create virtual table vectors using vec0(id integer primary key, category integer, {vector})"
        )
        self.insert(self.batch(np.arange(len(rows)), rows, categories))
        self.database.close()

    def open(self, folder: Path, row_count: int, dimension: int) -> None:
        self.database = connect(folder)

    def ladders(self) -> list[Ladder]:
        return [[{}]]

    def prepare(self, point: Point) -> None:
        pass

    def search(self, query: np.ndarray, k: int):
        statement = f"select id from vectors where vector match ? and k = ?{self.condition}"
        return [row for (row,) in self.database.execute(statement, (query.tobytes(), k))]

    def select(self, categories: np.ndarray, below: int) -> None:
        self.condition = f" and category < {int(below)}"

    def batch(self, ids: np.ndarray, rows: np.ndarray, categories: np.ndarray) -> list[tuple]:
        return [
            (int(row), int(category), vector.tobytes())
            for row, category, vector in zip(ids, categories, rows)
        ]

    def insert(self, batch) -> None:
        self.database.executemany("insert into vectors values (?, ?, ?)", batch)
        self.database.commit()
