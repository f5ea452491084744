"""Tables of what was measured."""

import statistics
import sys
from collections import defaultdict

OURS = "carrel"

MEASURES = {"qps": "single query", "batched_qps_per_cpu_s": "batched, per CPU-second"}


def progress(results: list[dict], pair: str, k: int) -> None:
    for one in results:
        if one["pair"] == pair:
            print(
                f"{one['engine']} {one['parameters']}: recall {one[f'recall@{k}']:.4f}, {one['qps']:.0f} QPS,"
                f" p99 {one['p99_ms']:.3f} ms, {one['batched_qps_per_cpu_s']:.0f} batched per CPU-s,"
                f" load {one.get('load_average', float('nan')):.1f}",
                file=sys.stderr,
            )


def best(results: list[dict], target: float, measure: str, k: int) -> dict | None:
    """The fastest of the points that reach the target."""
    reached = [one for one in results if one[f"recall@{k}"] >= target]
    return max(reached, key=lambda one: one[measure], default=None)


def by_pair(results: list[dict], engine: str) -> dict[str, list[dict]]:
    pairs = defaultdict(list)
    for one in results:
        if one["engine"] == engine:
            pairs[one["pair"]].append(one)
    return pairs


def median_best(results: list[dict], engine: str, target: float, measure: str, k: int) -> float | None:
    found = [best(points, target, measure, k) for points in by_pair(results, engine).values()]
    values = [one[measure] for one in found if one is not None]
    return statistics.median(values) if values else None


def ratio(results: list[dict], engine: str, target: float, measure: str, k: int) -> float | None:
    """Carrel over the peer: the median of the quotients of runs that followed one another."""
    ours, quotients = by_pair(results, OURS), []
    for pair, points in by_pair(results, engine).items():
        sides = (best(side, target, measure, k) for side in (ours.get(pair, []), points))
        numerator, denominator = sides
        if numerator and denominator:
            quotients.append(numerator[measure] / denominator[measure])
    return statistics.median(quotients) if quotients else None


def cell(value: float | None, form: str) -> str:
    return "–" if value is None else format(value, form)


def table(results: list[dict], targets: list[float], measure: str, k: int) -> list[str]:
    names = list(dict.fromkeys(one["engine"] for one in results if one["engine"] != OURS))
    names.sort(key=lambda name: -(median_best(results, name, targets[0], measure, k) or 0))
    head = [f"≥ {target} | carrel ÷" for target in targets]
    lines = [f"| {MEASURES[measure]} | " + " | ".join(head) + " |", "|---" * (1 + 2 * len(targets)) + "|"]
    for name in [OURS, *names]:
        cells = []
        for target in targets:
            cells.append(cell(median_best(results, name, target, measure, k), ",.0f"))
            cells.append("" if name == OURS else cell(ratio(results, name, target, measure, k), ".2f"))
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    for target in targets:
        lines.append(against_best(results, names, target, measure, k))
    return [*lines, ""]


def against_best(results: list[dict], names: list[str], target: float, measure: str, k: int) -> str:
    speeds = {name: median_best(results, name, target, measure, k) for name in names}
    reached = {name: speed for name, speed in speeds.items() if speed is not None}
    if not reached:
        return f"Recall ≥ {target}: no peer reaches it."
    fastest = max(reached, key=reached.get)
    quotient = cell(ratio(results, fastest, target, measure, k), ".2f")
    return f"Recall ≥ {target}: the best peer is {fastest}, {reached[fastest]:,.0f}; Carrel ÷ best peer {quotient}."


def filtered_table(filtered: list[dict], target: float, k: int) -> list[str]:
    selectivities = sorted({one["selectivity"] for one in filtered}, reverse=True)
    heads = " | ".join(f"{share:.1%}" for share in selectivities)
    lines = [f"| filtered, QPS at ≥ {target} | {heads} |", "|---" * (1 + len(selectivities)) + "|"]
    for name in dict.fromkeys(one["engine"] for one in filtered):
        cells = []
        for share in selectivities:
            points = [one for one in filtered if (one["engine"], one["selectivity"]) == (name, share)]
            found = best(points, target, "qps", k)
            cells.append(cell(found and found["qps"], ",.0f"))
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return [*lines, ""]


def tables(measured: dict[str, list[dict]], targets: list[float], k: int) -> str:
    lines: list[str] = []
    for measure in MEASURES:
        lines += table(measured["results"], targets, measure, k)
    if measured["filtered"]:
        lines += filtered_table(measured["filtered"], targets[0], k)
    if measured["inserted"]:
        lines += ["| insert, batches of 1,000 | rows/s | on disk |", "|---|---|---|"]
    for one in measured["inserted"]:
        lines.append(f"| {one['engine']} | {one['insert_rows_per_s']:,.0f} | {one['insert_durability']} |")
    return "\n".join(lines)
