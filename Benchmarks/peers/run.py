#!/usr/bin/env python3
"""Runs vector indexes over the same files, one engine at a time, each in a process of its own.

    run.py --base x.fbin --query q.fbin --truth gt.npy --engines svs,faiss-ivf-pq4fs --json out.json

With --interleave-command, Carrel's own harness runs right after each engine in each repetition, so that both
sides of a ratio come from the same minutes. README.md has the form of its JSON and of the results.
"""

import argparse
import json
import os
import platform
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import engines
import report
from vectors import RowFile, categories

import numpy as np

HERE = Path(__file__).resolve().parent
MILLION = 1_000_000

THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS")


def processor() -> dict[str, str]:
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    fields = (line.partition(":") for line in lines if ":" in line)
    return {name.strip(): value.strip() for name, _, value in fields}


def environment(engine: str, threads: int) -> dict[str, str]:
    """The peer's environment: threads, and no OpenBLAS that is held to slower kernels than the processor has."""
    variables = {**os.environ, **dict.fromkeys(THREAD_VARIABLES, str(threads))}
    for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
        variables.pop(name, None)
    if engine.startswith("faiss") and "avx512f" in processor().get("flags", ""):
        variables["OPENBLAS_CORETYPE"] = "SKYLAKEX"
    return {**variables, "RUST_LOG": "error", "LANCE_LOG": "error", "TF_CPP_MIN_LOG_LEVEL": "3"}


class Bench:
    def __init__(self, arguments: argparse.Namespace, scratch: Path):
        self.arguments, self.scratch = arguments, scratch
        self.category_file = scratch / "categories.npy"
        np.save(self.category_file, categories(RowFile(arguments.base).count))

    def folder(self, engine: str) -> Path:
        return self.scratch / engine

    def job(self, name: str, engine: str, threads: int, folder: Path, *more: str):
        """Runs worker.py; None if it failed, which is told and does not end the run."""
        arguments, result = self.arguments, self.scratch / "result.json"
        result.unlink(missing_ok=True)
        folder.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, str(HERE / "worker.py"), name, "--engine", engine, "--json", str(result)]
        command += ["--folder", str(folder), "--threads", str(threads), "--k", str(arguments.k)]
        command += ["--targets", ",".join(map(str, arguments.targets)), "--base", str(arguments.base)]
        command += ["--query", str(arguments.query), "--truth", str(arguments.truth), *more]
        ended = subprocess.run(command, env=environment(engine, threads), stdout=sys.stderr)
        if ended.returncode != 0 or not result.exists():
            print(f"{engine}: {name} failed with {ended.returncode}", file=sys.stderr)
            return None
        return json.loads(result.read_text())

    def build(self, engine: str) -> dict | None:
        shutil.rmtree(self.folder(engine), ignore_errors=True)
        return self.job("build", engine, self.arguments.build_threads, self.folder(engine))

    def search(self, engine: str, points: list[dict] | None) -> list[dict]:
        chosen = ["--points", json.dumps(points)] if points else []
        return self.job("search", engine, 1, self.folder(engine), *chosen) or []

    def insert(self, engine: str) -> dict | None:
        folder = self.scratch / f"{engine}-insert"
        try:
            return self.job("insert", engine, 1, folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def carrel(self) -> list[dict]:
        """Runs the interleaved command: a list of results, or an object with them under `results` or `points`."""
        result = self.scratch / "interleaved.json"
        result.unlink(missing_ok=True)
        values = {name: getattr(self.arguments, name) for name in ("base", "query", "truth", "k")}
        values |= {"targets": ",".join(map(str, self.arguments.targets)), "json": result}
        values |= {"categories": self.category_file}
        command = [part.format(**values) for part in shlex.split(self.arguments.interleave_command)]
        variables = environment(report.OURS, self.arguments.build_threads)
        ended = subprocess.run(command, stdout=subprocess.PIPE, check=True, env=variables)
        read = json.loads(result.read_text() if result.exists() else ended.stdout)
        results = (read.get("results") or read["points"]) if isinstance(read, dict) else read
        return [{"engine": report.OURS, **one} for one in results]


def one_round(bench: Bench, number: int, built: dict[str, dict], points: dict[str, list]) -> list[dict]:
    results = []
    for pair, engine in enumerate(built):
        mark = {"repetition": number, "pair": f"{number}.{pair}"}
        found = bench.search(engine, points.get(engine))
        points.setdefault(engine, [one["parameters"] for one in found])
        results += [{"engine": engine, **built[engine], **one, **mark} for one in found]
        if bench.arguments.interleave_command:
            results += [{**one, **mark} for one in bench.carrel()]
        report.progress(results, mark["pair"], bench.arguments.k)
    return results


def run(bench: Bench) -> dict:
    arguments = bench.arguments
    built, results, filtered, inserted = {}, [], [], []
    for engine in arguments.engines:
        print(f"{engine}: building", file=sys.stderr)
        if (facts := bench.build(engine)) is not None:
            built[engine] = facts
    points: dict[str, list] = {}
    for number in range(arguments.repetitions):
        results += one_round(bench, number, built, points)
    for engine in built:
        kind = engines.make(engine)
        if arguments.filtered and kind.filters:
            found = bench.job("filtered", engine, 1, bench.folder(engine)) or []
            filtered += [{"engine": engine, **one} for one in found]
        if arguments.insert and kind.insert_durability is not None:
            if (rate := bench.insert(engine)) is not None:
                inserted.append({"engine": engine, **rate})
    return {"results": results, "filtered": filtered, "inserted": inserted}


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--base", type=Path, required=True, help="rows, .fbin")
    parser.add_argument("--query", type=Path, required=True, help="queries, .fbin")
    parser.add_argument("--truth", type=Path, required=True, help="ids of the true neighbours, .npy or .ibin")
    parser.add_argument("--engines", default="all", help=f"of {','.join(engines.NAMES)}")
    parser.add_argument("--k", type=int, default=10)
    parser.add_argument("--targets", default="0.95,0.99", help="recalls to reach")
    parser.add_argument("--repetitions", type=int, default=3, help="rounds; the median counts")
    parser.add_argument("--build-threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--filtered", action="store_true", help="also search among 50, 10, 1 and 0.1 %% of the rows")
    parser.add_argument("--insert", action="store_true", help="also insert batches of 1,000 rows")
    parser.add_argument("--interleave-command", help="Carrel's harness; {base} {query} {truth} {k} {targets} {json}")
    parser.add_argument("--scratch", type=Path, help="folder for the indexes; a temporary one otherwise")
    parser.add_argument("--json", type=Path, required=True)
    arguments = parser.parse_args()
    arguments.targets = sorted(float(target) for target in arguments.targets.split(","))
    arguments.engines = choose(arguments.engines, RowFile(arguments.base).count)
    return arguments


def choose(wanted: str, row_count: int) -> list[str]:
    names = engines.NAMES if wanted == "all" else wanted.split(",")
    if unknown := set(names) - set(engines.NAMES):
        raise SystemExit(f"unknown engines: {', '.join(sorted(unknown))}")
    if row_count < MILLION:
        return names
    for name in set(names) - set(engines.NAMES_AT_A_MILLION):
        print(f"{name}: left out at {row_count} rows", file=sys.stderr)
    return [name for name in names if name in engines.NAMES_AT_A_MILLION]


def main() -> None:
    arguments = parse()
    with tempfile.TemporaryDirectory(dir=arguments.scratch) as scratch:
        measured = run(Bench(arguments, Path(scratch)))
    rows = RowFile(arguments.base)
    machine = {"cpu": processor().get("model name", platform.machine()), "cores": os.cpu_count()}
    shape = {"rows": rows.count, "dimension": rows.dimension, "k": arguments.k}
    commit = subprocess.run(["git", "-C", HERE, "describe", "--always", "--dirty"], capture_output=True, text=True)
    about = {"command": shlex.join(sys.argv), "commit": commit.stdout.strip() or "unknown", "machine": machine}
    written = {**about, "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), **shape, **measured}
    arguments.json.write_text(json.dumps(written, indent=1) + "\n")
    print(report.tables(measured, arguments.targets, arguments.k))


if __name__ == "__main__":
    main()
