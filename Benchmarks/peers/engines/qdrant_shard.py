"""Qdrant's embedded shard (https://github.com/qdrant/qdrant, qdrant-edge-py): HNSW over int8 codes."""

from pathlib import Path

import numpy as np
from qdrant_edge import (
    Distance,
    EdgeConfig,
    EdgeOptimizersConfig,
    EdgeShard,
    EdgeVectorParams,
    FieldCondition,
    Filter,
    HnswIndexConfig,
    PayloadSchemaType,
    Point as ShardPoint,
    QuantizationSearchParams,
    Query,
    QueryRequest,
    RangeFloat,
    ScalarQuantizationConfig,
    ScalarType,
    SearchParams,
    UpdateOperation,
)

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

LOAD_ROWS = 2000
OVERSAMPLING = (1.0, 2.0)

# Below this the optimizer leaves a segment without a graph; one segment holds everything.
INDEXING_THRESHOLD_KB = 1000
SEGMENT_KB_MAX = 10_000_000


def configuration(dimension: int, threads: int) -> EdgeConfig:
    codes = ScalarQuantizationConfig(type=ScalarType.Int8, quantile=0.99, always_ram=True)
    graph = HnswIndexConfig(
        m=GRAPH_DEGREE,
        ef_construct=GRAPH_BUILD_WIDTH,
        full_scan_threshold=INDEXING_THRESHOLD_KB,
        max_indexing_threads=threads,
    )
    return EdgeConfig(
        vectors=EdgeVectorParams(
            size=dimension, distance=Distance.Dot, quantization_config=codes, hnsw_config=graph
        ),
        hnsw_config=graph,
        optimizers=EdgeOptimizersConfig(
            default_segment_number=1,
            indexing_threshold=INDEXING_THRESHOLD_KB,
            max_segment_size=SEGMENT_KB_MAX,
        ),
        max_search_threads=1,
    )


def shard_points(ids: np.ndarray, rows: np.ndarray, categories: np.ndarray) -> list[ShardPoint]:
    return [
        ShardPoint(int(row), vector.tolist(), {"category": int(category)})
        for row, vector, category in zip(ids, rows, categories)
    ]


class QdrantEdge(Engine):
    filters = True
    insert_durability = "flush"

    def __init__(self) -> None:
        self.filter: Filter | None = None

    def build(self, rows: np.ndarray, categories: np.ndarray, folder: Path, threads: int) -> None:
        shard = EdgeShard.create(str(folder), configuration(rows.shape[1], threads))
        shard.update(UpdateOperation.create_field_index("category", PayloadSchemaType.Integer))
        for part in batches(len(rows), LOAD_ROWS):
            points = shard_points(np.arange(part.start, part.stop), rows[part], categories[part])
            shard.update(UpdateOperation.upsert_points(points))
        shard.flush()
        shard.optimize()
        shard.flush()
        shard.close()

    def open(self, folder: Path, row_count: int, dimension: int) -> None:
        self.shard = EdgeShard.load(str(folder))

    def ladders(self) -> list[Ladder]:
        return [ladder("ef", GRAPH_WIDTHS, oversampling=factor) for factor in OVERSAMPLING]

    def prepare(self, point: Point) -> None:
        rescore = QuantizationSearchParams(rescore=True, oversampling=point["oversampling"])
        self.parameters = SearchParams(hnsw_ef=point["ef"], quantization=rescore)

    def search(self, query: np.ndarray, k: int):
        request = QueryRequest(
            limit=k, query=Query.Nearest(query.tolist()), params=self.parameters, filter=self.filter
        )
        return [point.id for point in self.shard.query(request)]

    def select(self, categories: np.ndarray, below: int) -> None:
        self.filter = Filter(must=[FieldCondition(key="category", range=RangeFloat(lt=below))])

    def batch(self, ids: np.ndarray, rows: np.ndarray, categories: np.ndarray) -> list[ShardPoint]:
        return shard_points(ids, rows, categories)

    def insert(self, batch) -> None:
        self.shard.update(UpdateOperation.upsert_points(batch))
        self.shard.flush()
