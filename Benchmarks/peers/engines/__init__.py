"""The peers by name. A module is imported only when its engine runs: a peer that is not installed harms nobody."""

import importlib

from engines.interface import Engine

_CLASSES = {
    "faiss-flat": ("engines.faiss_indexes", "Flat"),
    "faiss-ivf-flat": ("engines.faiss_indexes", "IVFFlat"),
    "faiss-ivf-pq4fs": ("engines.faiss_indexes", "IVFPQFastScan"),
    "faiss-ivf-rabitqfs": ("engines.faiss_indexes", "IVFRaBitQFastScan"),
    "faiss-hnsw": ("engines.faiss_indexes", "HNSW"),
    "hnswlib": ("engines.hnswlib_index", "HNSWLib"),
    "usearch": ("engines.usearch_index", "USearch"),
    "scann": ("engines.scann_searcher", "ScaNN"),
    "svs": ("engines.svs_vamana", "Vamana"),
    "lancedb": ("engines.lancedb_table", "LanceDB"),
    "qdrant": ("engines.qdrant_shard", "QdrantEdge"),
    "zvec-hnsw": ("engines.zvec_collection", "ZvecHNSW"),
    "zvec-ivf": ("engines.zvec_collection", "ZvecIVF"),
    "chroma": ("engines.chroma_collection", "Chroma"),
    "sqlite-vec": ("engines.sqlite_vec_table", "SQLiteVec"),
}

NAMES = list(_CLASSES)

# The others take hours to build at a million rows, or answer in tens of milliseconds.
NAMES_AT_A_MILLION = ["faiss-ivf-flat", "faiss-ivf-pq4fs", "scann", "svs", "lancedb"]


def make(name: str) -> Engine:
    module, kind = _CLASSES[name]
    return getattr(importlib.import_module(module), kind)()
