#!/usr/bin/env python3
"""Tokens a second of the same model in other engines, beside `carrel models bench`, in one run.

    run.py --model Models/all-minilm-l6-v2 --carrel .build/release/carrel --texts passages.txt --json out.json

Engines take turns: in each round each one measures each kind of texts for some seconds, and Carrel's own command runs
once a round. Medians of the rounds count. Each peer is given the batch size that was its fastest in a trial, its
texts sorted by length, and a process of its own. README.md says more.
"""

import argparse
import json
import os
import platform
import shlex
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import numpy as np  # noqa: E402
from engines import NAMES  # noqa: E402
from texts import kinds  # noqa: E402

THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS")


def environment(threads: int) -> dict[str, str]:
    """No more threads than asked for, nothing from the network, and no library held to slower kernels."""
    variables = {**os.environ, **dict.fromkeys(THREAD_VARIABLES, str(threads))}
    for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
        variables.pop(name, None)
    return {**variables, "HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}


class Worker:
    """One engine in a process of its own, which answers a line of JSON with a line of JSON."""

    def __init__(self, engine: str, arguments: argparse.Namespace, scratch: Path):
        self.engine = engine
        command = [sys.executable, str(HERE / "worker.py"), "--engine", engine, "--model", str(arguments.model)]
        command += ["--threads", str(arguments.threads), "--scratch", str(scratch)]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment(arguments.threads))
        self.facts = self.answer()

    def answer(self) -> dict:
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.engine} ended with {self.process.wait()}")
        return json.loads(line)

    def ask(self, **job) -> dict:
        self.process.stdin.write(json.dumps(job) + "\n")
        self.process.stdin.flush()
        return self.answer()

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait()


def start(arguments: argparse.Namespace, scratch: Path) -> list[Worker]:
    workers = []
    for engine in arguments.engines:
        try:
            workers.append(Worker(engine, arguments, scratch))
        except RuntimeError as failure:
            print(f"{failure}: left out", file=sys.stderr)
    return workers


def carrel(arguments: argparse.Namespace) -> dict:
    command = [str(arguments.carrel), "models", "bench", "--json", "--threads", str(arguments.threads), "--rounds", "1"]
    command += ["--seconds", str(arguments.seconds), "--model", str(arguments.model), "--limit", str(arguments.limit)]
    if arguments.texts:
        command += ["--texts", str(arguments.texts)]
    ended = subprocess.run(command, stdout=subprocess.PIPE, check=True, env=environment(arguments.threads))
    return json.loads(ended.stdout)


def compare(workers: list[Worker], sets: dict[str, list[str]], facts: dict) -> None:
    """How near each engine's vectors are to the first one's."""
    texts = list(sets.values())[-2][:100]
    rows = {worker.engine: np.array(worker.ask(do="vectors", texts=texts)["vectors"]) for worker in workers}
    rows = {engine: own / np.linalg.norm(own, axis=1, keepdims=True) for engine, own in rows.items()}
    reference = next(iter(rows.values()), None)
    for engine, own in rows.items():
        cosines = (own * reference).sum(axis=1)
        facts[engine] |= {"cosine_mean": float(cosines.mean()), "cosine_min": float(cosines.min())}


def measure(arguments: argparse.Namespace, scratch: Path) -> tuple[dict, dict, dict]:
    """Figures by engine and kind of texts: a list each, a value a round."""
    sets = kinds(arguments.model, arguments.texts, arguments.limit)
    workers = start(arguments, scratch)
    facts = {worker.engine: worker.facts for worker in workers}
    for worker in workers:
        chosen = worker.ask(do="choose", texts=sets["64 tokens"], seconds=min(arguments.seconds, 1.0))
        facts[worker.engine]["batch"] = chosen["batch"]
    compare(workers, sets, facts)
    rates: dict = {}
    times: dict = {}
    for _ in range(arguments.rounds):
        for worker in workers:
            for kind, texts in sets.items():
                if kind == "query":
                    found = worker.ask(do="query", text=texts[0], seconds=arguments.seconds)
                    times.setdefault(worker.engine, []).append(found["p50_ms"])
                else:
                    found = worker.ask(do="rate", texts=texts, seconds=arguments.seconds)
                    rates.setdefault(worker.engine, {}).setdefault(kind, []).append(found["tokens_per_s"])
        ours = carrel(arguments)
        for figure in ours["figures"]:
            of_kind = rates.setdefault(f"carrel-{figure['precision']}", {}).setdefault(figure["workload"], [])
            of_kind.append(figure["tokens_per_s"])
        for precision, percentiles in ours["query"].items():
            times.setdefault(f"carrel-{precision}", []).append(percentiles["p50_ms"])
        facts["carrel"] = {"machine": ours["machine"], "commit": ours.get("commit")}
    for worker in workers:
        worker.close()
    return rates, times, facts


def summary(rates: dict, times: dict) -> dict:
    """Medians, and the ratios that matter."""
    engines = {
        engine: {"tokens_per_s": {kind: statistics.median(values) for kind, values in of_kind.items()},
                 "rounds": of_kind, "query_p50_ms": statistics.median(times[engine])}
        for engine, of_kind in rates.items()
    }
    ours = [name for name in engines if name.startswith("carrel")]
    peers = [name for name in engines if name not in ours]
    floats = [name for name in peers if name.endswith("float32")]
    ratios = {}
    for name in ours:
        against = {"all": peers, "float32": floats}
        ratios[name] = {
            label: {
                kind: rate / max(engines[peer]["tokens_per_s"][kind] for peer in names)
                for kind, rate in engines[name]["tokens_per_s"].items()
            } | {"query": engines[name]["query_p50_ms"] / min(engines[peer]["query_p50_ms"] for peer in names)}
            for label, names in against.items() if names
        }
    return {"engines": engines, "ratios": ratios}


def table(found: dict) -> str:
    names = list(found["engines"])
    kinds_of = list(next(iter(found["engines"].values()))["tokens_per_s"])
    lines = ["| engine | " + " | ".join(f"{kind}, tokens/s" for kind in kinds_of) + " | query of 10 tokens, p50 ms |"]
    lines.append("|---|" + "---:|" * (len(kinds_of) + 1))
    for name in names:
        one = found["engines"][name]
        cells = [f"{one['tokens_per_s'][kind]:,.0f}" for kind in kinds_of]
        lines.append(f"| {name} | " + " | ".join(cells) + f" | {one['query_p50_ms']:.3f} |")
    for name, against in found["ratios"].items():
        for label, ratio in against.items():
            cells = [f"{ratio[kind]:.2f} ×" for kind in kinds_of]
            lines.append(f"| {name} ÷ best peer, {label} | " + " | ".join(cells) + f" | {ratio['query']:.2f} × |")
    return "\n".join(lines)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", type=Path, default=Path("Models/all-minilm-l6-v2"), help="the model's folder")
    parser.add_argument("--carrel", type=Path, default=Path(".build/release/carrel"))
    parser.add_argument("--engines", default=",".join(NAMES), help=f"of {','.join(NAMES)}")
    parser.add_argument("--texts", type=Path, help="real texts, one a line")
    parser.add_argument("--limit", type=int, default=2_000, help="lines of them to read")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=1.5, help="of one measurement")
    parser.add_argument("--json", type=Path, required=True)
    arguments = parser.parse_args()
    arguments.engines = arguments.engines.split(",")
    if unknown := set(arguments.engines) - set(NAMES):
        raise SystemExit(f"unknown engines: {', '.join(sorted(unknown))}")
    return arguments


def main() -> None:
    arguments = parse()
    with tempfile.TemporaryDirectory() as scratch:
        rates, times, facts = measure(arguments, Path(scratch))
    found = summary(rates, times)
    about = {"command": shlex.join([Path(sys.argv[0]).name, *sys.argv[1:]]), "facts": facts, "threads": arguments.threads}
    about |= {"machine": platform.machine(), "cores": os.cpu_count(), "seconds": arguments.seconds}
    about["time"] = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    arguments.json.write_text(json.dumps({**about, **found}, indent=1) + "\n")
    print(table(found))


if __name__ == "__main__":
    main()
