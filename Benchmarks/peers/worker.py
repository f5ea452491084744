#!/usr/bin/env python3
"""One engine, one job, one process; run.py starts it. The result is JSON in the file that --json names.

    build     index the base into --folder
    search    open it and measure the operating points that reach the targets, or those of --points
    filtered  the same under a filter, for each selectivity
    insert    batches of 1,000 rows into an index of 20,000
"""

import argparse
import bisect
import itertools
import json
import resource
import time
from pathlib import Path

import numpy as np
import psutil

import engines
from engines.interface import Engine, Point
from vectors import CATEGORY_COUNT, Recall, RowFile, categories, read_truth, truth_among

SELECTIVITIES = (0.5, 0.1, 0.01, 0.001)

# A point is tried with all queries, or with as many as fit into this, but no fewer than the minimum.
TRIAL_SECONDS_MAX, TRIAL_QUERIES_MIN = 20.0, 100
MEASURE_SECONDS = 2.0
WARM_UP_QUERIES = 20

INSERT_BASE_ROWS, INSERT_BATCH_ROWS, INSERT_BATCHES = 20_000, 1000, 20


def cpu_seconds() -> float:
    """Of this process and of children that have ended: some peers build in a process of their own."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


def disk_bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def build(engine: Engine, arguments: argparse.Namespace) -> dict:
    rows = RowFile(arguments.base).all()
    wall, cpu = time.perf_counter(), cpu_seconds()
    engine.build(rows, categories(len(rows)), arguments.folder, arguments.threads)
    wall, cpu = time.perf_counter() - wall, cpu_seconds() - cpu
    return {"build_s": wall, "build_cpu_s": cpu, "index_bytes": disk_bytes(arguments.folder)}


class Searches:
    """Tries and measures operating points of an open engine."""

    def __init__(self, engine: Engine, queries: np.ndarray, recall: Recall, k: int):
        self.engine, self.queries, self.recall, self.k = engine, queries, recall, k

    def trial(self, point: Point) -> float:
        """Recall at a point, untimed."""
        self.engine.prepare(point)
        found, stop = [], time.perf_counter() + TRIAL_SECONDS_MAX
        for query in self.queries:
            found.append(self.engine.search(query, self.k))
            if len(found) >= TRIAL_QUERIES_MIN and time.perf_counter() > stop:
                break
        return self.recall.mean(found)

    def reaching(self, targets: list[float]) -> list[tuple[Point, float]]:
        """Per ladder and target the first point that reaches it; if none reaches any, the best that was tried."""
        chosen: list[tuple[Point, float]] = []
        best = ({}, -1.0)
        for ladder in self.engine.ladders():
            tried: dict[int, float] = {}

            def recall(step: int) -> float:
                if step not in tried:
                    tried[step] = self.trial(ladder[step])
                return tried[step]

            steps = [bisect.bisect_left(range(len(ladder)), target, key=recall) for target in targets]
            chosen += [(ladder[step], tried[step]) for step in sorted(set(steps)) if step < len(ladder)]
            most = max(tried, key=tried.get)
            best = max(best, (ladder[most], tried[most]), key=lambda pair: pair[1])
        return chosen or [best]

    def measure(self, point: Point) -> dict:
        self.engine.prepare(point)
        for query in self.queries[:WARM_UP_QUERIES]:
            self.engine.search(query, self.k)
        times: list[float] = []
        cpu, start = cpu_seconds(), time.perf_counter()
        for query in itertools.cycle(self.queries):
            before = time.perf_counter()
            self.engine.search(query, self.k)
            after = time.perf_counter()
            times.append(after - before)
            if len(times) >= TRIAL_QUERIES_MIN and after - start > MEASURE_SECONDS:
                break
        cpu = cpu_seconds() - cpu
        p50, p99 = np.percentile(times, [50, 99])
        return {
            "qps": 1 / p50,
            "p50_ms": p50 * 1e3,
            "p99_ms": p99 * 1e3,
            "qps_per_cpu_s": len(times) / cpu,
            "batched_qps_per_cpu_s": self.batched(1 / p50),
        }

    def batched(self, single_qps: float) -> float:
        queries = self.queries[:1000]
        if len(queries) / single_qps > TRIAL_SECONDS_MAX:
            queries = queries[:TRIAL_QUERIES_MIN]
        rounds = []
        while len(rounds) < 3 and sum(rounds) < MEASURE_SECONDS:
            cpu = cpu_seconds()
            self.engine.search_batch(queries, self.k)
            rounds.append(cpu_seconds() - cpu)
        return len(queries) / min(rounds)


def measured(searches: Searches, arguments: argparse.Namespace) -> list[dict]:
    if arguments.points:
        points = [(point, searches.trial(point)) for point in json.loads(arguments.points)]
    else:
        points = searches.reaching(arguments.targets)
    return [
        {
            "parameters": point,
            f"recall@{arguments.k}": recall,
            "load_average": psutil.getloadavg()[0],
            **searches.measure(point),
        }
        for point, recall in points
    ]


def search(engine: Engine, arguments: argparse.Namespace) -> list[dict]:
    base, queries = RowFile(arguments.base), RowFile(arguments.query).all()
    recall = Recall(base, queries, read_truth(arguments.truth), arguments.k)
    before = psutil.Process().memory_info().rss
    engine.open(arguments.folder, base.count, base.dimension)
    results = measured(Searches(engine, queries, recall, arguments.k), arguments)
    used = psutil.Process().memory_info().rss - before
    return [{**result, "rss_bytes": used} for result in results]


def filtered(engine: Engine, arguments: argparse.Namespace) -> list[dict]:
    base, queries = RowFile(arguments.base), RowFile(arguments.query).all()
    category = categories(base.count)
    engine.open(arguments.folder, base.count, base.dimension)
    results = []
    for selectivity in SELECTIVITIES:
        below = round(selectivity * CATEGORY_COUNT)
        kept = np.flatnonzero(category < below)
        recall = Recall(base, queries, truth_among(base, queries, kept, arguments.k), arguments.k)
        engine.select(category, below)
        searches = Searches(engine, queries, recall, arguments.k)
        results += [{"selectivity": selectivity, **result} for result in measured(searches, arguments)]
    return results


def insert(engine: Engine, arguments: argparse.Namespace) -> dict:
    rows = RowFile(arguments.base).mapped()
    count = min(INSERT_BASE_ROWS, len(rows) // 2)
    rows = np.ascontiguousarray(rows[: count + INSERT_BATCH_ROWS * INSERT_BATCHES])
    category = categories(len(rows))
    engine.build(rows[:count], category[:count], arguments.folder, arguments.threads)
    engine = engines.make(arguments.engine)
    engine.open(arguments.folder, count, rows.shape[1])
    times = []
    for start in range(count, len(rows), INSERT_BATCH_ROWS):
        part = slice(start, start + INSERT_BATCH_ROWS)
        batch = engine.batch(np.arange(len(rows))[part], rows[part], category[part])
        before = time.perf_counter()
        engine.insert(batch)
        times.append((time.perf_counter() - before) / len(rows[part]))
    return {"insert_rows_per_s": 1 / float(np.median(times)), "insert_durability": engine.insert_durability}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("job", choices=["build", "search", "filtered", "insert"])
    parser.add_argument("--engine", choices=engines.NAMES, required=True)
    for name in ("--base", "--folder", "--json"):
        parser.add_argument(name, type=Path, required=True)
    for name in ("--query", "--truth"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--k", type=int, default=10)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--targets", type=lambda text: [float(part) for part in text.split(",")])
    parser.add_argument("--points", help="parameters to measure, as a JSON list, instead of a sweep")
    arguments = parser.parse_args()
    jobs = {"build": build, "search": search, "filtered": filtered, "insert": insert}
    result = jobs[arguments.job](engines.make(arguments.engine), arguments)
    arguments.json.write_text(json.dumps(result))


if __name__ == "__main__":
    main()
