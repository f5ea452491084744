#!/usr/bin/env python3
"""Makes the benchmark's vector sets and their exact neighbours from the embedded corpus.

Run `make_vectors.py FOLDER [SET ...]` once `EmbedTexts` has written x_real.fbin, q_real.fbin and s_real.fbin
into FOLDER. Sets (all by default):

    real      the embedded corpus as it is
    syn1m     1,000,000 × 384   rows between, and near, the real ones
    syn768    250,000 × 768     syn1m's rows with as many features again, which depend on them
    syn1536   100,000 × 1536    likewise

For each set it writes x_ (rows), q_ (1,000 queries) and s_ (500 queries to calibrate with) as .fbin and .npy;
gt_SET.npy and .ibin with the ids of each query's 100 nearest rows by inner product, and gtd_SET.npy with their
scores. All vectors have unit length. An empty file READY_SET tells that a set is whole.

.fbin is int32 n, int32 d, n × d float32; .ibin the same with int32 values; little-endian, rows one after another.
Needs numpy and faiss-cpu (Benchmarks/peers/requirements.txt).
"""

import argparse
import os
from pathlib import Path

# faiss brings an OpenBLAS of its own, which may be pinned to slower kernels than the machine has.
if os.environ.get("OPENBLAS_CORETYPE", "") in ("", "Haswell"):
    os.environ.pop("OPENBLAS_CORETYPE", None)

import faiss  # noqa: E402
import numpy as np  # noqa: E402

NEIGHBOURS = 100
SEED = 42
SYN1M_ROWS = 1_000_000
REAL_ROWS_IN_SYN1M = 100_000
LIFTED_ROWS = {"syn768": (250_000, 768), "syn1536": (100_000, 1536)}
BLOCK_ROWS = 50_000

# A generated row is CENTRE × a row + DIFFERENCE × (a second − a third of the same cell) + noise of length NOISE:
# the difference has the local shape of the data, and the noise leaves no row in the span of the others.
CELLS = 1024
CENTRE, DIFFERENCE, NOISE = 0.75, 0.55, 0.30

# The lifted features are random Fourier features (Rahimi and Recht 2007) of this bandwidth and this length.
FOURIER_SCALE, FOURIER_LENGTH, LIFT_NOISE = 2.0, 0.60, 0.15


def unit(rows: np.ndarray) -> np.ndarray:
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def noise(chance: np.random.Generator, rows: int, dimension: int, length: float) -> np.ndarray:
    scale = np.float32(length / np.sqrt(dimension))
    return chance.standard_normal((rows, dimension), dtype=np.float32) * scale


def read_fbin(path: Path) -> np.ndarray:
    shape = np.fromfile(path, "<i4", 2)
    return np.fromfile(path, "<f4", offset=8).reshape(shape)


def write_bin(path: Path, values: np.ndarray, kind: str) -> None:
    with open(path, "wb") as file:
        np.array(values.shape, "<i4").tofile(file)
        np.ascontiguousarray(values, kind).tofile(file)


class Folder:
    def __init__(self, path: Path):
        self.path = path

    def vectors(self, name: str) -> np.ndarray:
        return read_fbin(self.path / f"{name}.fbin")

    def save(self, name: str, rows: np.ndarray, queries: np.ndarray, samples: np.ndarray) -> None:
        for prefix, values in (("x", rows), ("q", queries), ("s", samples)):
            np.save(self.path / f"{prefix}_{name}.npy", values)
            if name != "real":
                write_bin(self.path / f"{prefix}_{name}.fbin", values, "<f4")
        self.save_truth(name, rows, queries)
        (self.path / f"READY_{name}").touch()

    def save_truth(self, name: str, rows: np.ndarray, queries: np.ndarray) -> None:
        exact = faiss.IndexFlatIP(rows.shape[1])
        exact.add(rows)
        scores, ids = exact.search(queries, NEIGHBOURS)
        np.save(self.path / f"gt_{name}.npy", ids)
        np.save(self.path / f"gtd_{name}.npy", scores)
        write_bin(self.path / f"gt_{name}.ibin", ids, "<i4")
        at = {k: round(float(np.median(scores[:, k - 1])), 3) for k in (1, 10, NEIGHBOURS)}
        print(f"{name}: {rows.shape[0]} × {rows.shape[1]}, median similarity of the k-th neighbour {at}", flush=True)


class Neighbourhoods:
    """Draws rows of the same k-means cell as a given row."""

    def __init__(self, rows: np.ndarray):
        clustering = faiss.Kmeans(rows.shape[1], CELLS, niter=6, max_points_per_centroid=64, seed=1)
        clustering.train(rows)
        self.cell = clustering.index.search(rows, 1)[1].ravel()
        self.members = np.argsort(self.cell, kind="stable")
        self.start = np.searchsorted(self.cell[self.members], np.arange(CELLS + 1))

    def draw(self, chance: np.random.Generator, of: np.ndarray) -> np.ndarray:
        first, last = self.start[self.cell[of]], self.start[self.cell[of] + 1]
        return self.members[first + (chance.random(len(of)) * (last - first)).astype(np.int64)]


def enlarge(rows: np.ndarray, count: int, chance: np.random.Generator) -> np.ndarray:
    """`count` rows distributed as `rows` are; a tenth of them are rows themselves."""
    near = Neighbourhoods(rows)
    generated = np.empty((count, rows.shape[1]), np.float32)
    for start in range(0, count, BLOCK_ROWS):
        block = generated[start : start + BLOCK_ROWS]
        centre = chance.integers(0, len(rows), len(block))
        plus, minus = near.draw(chance, centre), near.draw(chance, centre)
        moved = CENTRE * rows[centre] + DIFFERENCE * (rows[plus] - rows[minus])
        block[:] = unit(moved + noise(chance, *block.shape, NOISE))
    kept = chance.choice(len(rows), min(len(rows), REAL_ROWS_IN_SYN1M), replace=False)
    generated[: len(kept)] = rows[kept]
    chance.shuffle(generated, axis=0)
    return generated


class Lift:
    """Maps vectors to a higher dimension so that near stays near and the spectrum still decays."""

    def __init__(self, rows: np.ndarray, dimension: int, chance: np.random.Generator):
        added = dimension - rows.shape[1]
        self.chance = chance
        shape = (rows.shape[1], added)
        self.frequencies = chance.standard_normal(shape, dtype=np.float32) * np.float32(FOURIER_SCALE)
        self.phases = chance.uniform(0, 2 * np.pi, added).astype(np.float32)
        self.scale = np.float32(FOURIER_LENGTH / np.sqrt(added / 2))
        self.mean = np.cos(rows[:20_000] @ self.frequencies + self.phases).mean(0)

    def __call__(self, rows: np.ndarray) -> np.ndarray:
        return np.vstack([self.block(rows[i : i + BLOCK_ROWS]) for i in range(0, len(rows), BLOCK_ROWS)])

    def block(self, rows: np.ndarray) -> np.ndarray:
        features = (np.cos(rows @ self.frequencies + self.phases) - self.mean) * self.scale
        lifted = np.hstack([rows, features])
        return unit(lifted + noise(self.chance, *lifted.shape, LIFT_NOISE))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("sets", nargs="*", choices=["real", "syn1m", *LIFTED_ROWS, []], metavar="SET")
    arguments = parser.parse_args()
    folder = Folder(arguments.folder)
    wanted = arguments.sets or ["real", "syn1m", *LIFTED_ROWS]

    queries, samples = folder.vectors("q_real"), folder.vectors("s_real")
    rows = folder.vectors("x_real")
    if "real" in wanted:
        folder.save("real", rows, queries, samples)
    if "syn1m" in wanted:
        folder.save("syn1m", enlarge(rows, SYN1M_ROWS, np.random.default_rng(SEED)), queries, samples)
    del rows
    for number, (name, (count, dimension)) in enumerate(LIFTED_ROWS.items()):
        if name in wanted:
            generated = np.load(folder.path / "x_syn1m.npy", mmap_mode="r")
            lift = Lift(generated, dimension, np.random.default_rng(SEED + 1 + number))
            folder.save(name, lift(generated[:count]), lift(queries), lift(samples))


if __name__ == "__main__":
    main()
