"""FAISS (https://github.com/facebookresearch/faiss)."""

from pathlib import Path

import faiss
import numpy as np

from engines.interface import (
    GRAPH_BUILD_WIDTH,
    GRAPH_DEGREE,
    GRAPH_WIDTHS,
    LIST_PROBES,
    Engine,
    Ladder,
    Point,
    ladder,
    list_count,
)

FILE = "index.faiss"


class FaissIndex(Engine):
    """What the kinds share: an index of one file, and search parameters as an object."""

    insert_durability = "none"

    def __init__(self) -> None:
        self.index: faiss.Index | None = None
        self.parameters: faiss.SearchParameters | None = None
        self.selector: faiss.IDSelector | None = None
        self.row_count = 0

    def empty(self, row_count: int, dimension: int) -> faiss.Index:
        raise NotImplementedError

    def build(self, rows: np.ndarray, categories: np.ndarray, folder: Path, threads: int) -> None:
        faiss.omp_set_num_threads(threads)
        index = self.empty(*rows.shape)
        index.train(rows)
        index.add(rows)
        faiss.write_index(index, str(folder / FILE))

    def open(self, folder: Path, row_count: int, dimension: int) -> None:
        faiss.omp_set_num_threads(1)
        self.row_count = row_count
        self.index = faiss.read_index(str(folder / FILE))

    def select(self, categories: np.ndarray, below: int) -> None:
        # The object keeps no reference to the bits: the array must live as long.
        self.bits = np.packbits(categories < below, bitorder="little")
        self.selector = faiss.IDSelectorBitmap(self.bits)

    def search(self, query: np.ndarray, k: int):
        return self.index.search(query[None, :], k, params=self.parameters)[1][0]

    def search_batch(self, queries: np.ndarray, k: int) -> None:
        self.index.search(queries, k, params=self.parameters)

    def insert(self, batch) -> None:
        self.index.add(batch[1])

    def probes(self) -> list[int]:
        return [probe for probe in LIST_PROBES if probe <= list_count(self.row_count)]


class Flat(FaissIndex):
    filters = True

    def empty(self, row_count: int, dimension: int) -> faiss.Index:
        return faiss.IndexFlatIP(dimension)

    def ladders(self) -> list[Ladder]:
        return [[{}]]

    def prepare(self, point: Point) -> None:
        self.parameters = faiss.SearchParameters(sel=self.selector) if self.selector else None


class IVFFlat(FaissIndex):
    filters = True

    def empty(self, row_count: int, dimension: int) -> faiss.Index:
        return faiss.index_factory(dimension, f"IVF{list_count(row_count)},Flat", faiss.METRIC_INNER_PRODUCT)

    def ladders(self) -> list[Ladder]:
        return [ladder("nprobe", self.probes())]

    def prepare(self, point: Point) -> None:
        self.parameters = faiss.SearchParametersIVF(nprobe=point["nprobe"], sel=self.selector)


class Refined(FaissIndex):
    """Codes in lists, and the first `k_factor` × k of them compared again with the rows in Float32."""

    codes: str
    k_factors: tuple[int, ...]

    def empty(self, row_count: int, dimension: int) -> faiss.Index:
        codes = self.codes.format(pairs=dimension // 2)
        description = f"IVF{list_count(row_count)},{codes},RFlat"
        return faiss.index_factory(dimension, description, faiss.METRIC_INNER_PRODUCT)

    def ladders(self) -> list[Ladder]:
        return [ladder("nprobe", self.probes(), k_factor=factor) for factor in self.k_factors]

    def prepare(self, point: Point) -> None:
        lists = faiss.SearchParametersIVF(nprobe=point["nprobe"])
        self.parameters = faiss.IndexRefineSearchParameters(
            k_factor=point["k_factor"], base_index_params=lists
        )


class IVFPQFastScan(Refined):
    codes = "PQ{pairs}x4fs"
    k_factors = (4, 10, 20)


class IVFRaBitQFastScan(Refined):
    codes = "RaBitQfs"
    k_factors = (10, 30, 60)


class HNSW(FaissIndex):
    filters = True

    def empty(self, row_count: int, dimension: int) -> faiss.Index:
        index = faiss.IndexHNSWFlat(dimension, GRAPH_DEGREE, faiss.METRIC_INNER_PRODUCT)
        index.hnsw.efConstruction = GRAPH_BUILD_WIDTH
        return index

    def ladders(self) -> list[Ladder]:
        return [ladder("ef", GRAPH_WIDTHS)]

    def prepare(self, point: Point) -> None:
        self.parameters = faiss.SearchParametersHNSW(efSearch=point["ef"], sel=self.selector)
