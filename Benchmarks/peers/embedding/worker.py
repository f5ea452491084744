#!/usr/bin/env python3
"""One engine: reads jobs as lines of JSON, answers each with one."""

import argparse
import json
import os
import statistics
import sys
import time
from pathlib import Path

from engines import make
from texts import tokenizer

BATCHES = (1, 4, 8, 16, 32, 64)


class Measurement:
    def __init__(self, engine, by, answers):
        self.engine, self.by, self.batch, self.answers = engine, by, BATCHES[-1], answers

    def rate(self, texts: list[str], seconds: float) -> float:
        """Whole passes over the texts, longest first; tokens are counted without padding."""
        tokens = sum(len(encoding.ids) for encoding in self.by.encode_batch(texts))
        ordered = sorted(texts, key=len, reverse=True)
        passes, start = 0, time.perf_counter()
        while True:
            for first in range(0, len(ordered), self.batch):
                self.engine.embed(ordered[first:first + self.batch])
            passes += 1
            elapsed = time.perf_counter() - start
            if elapsed >= seconds:
                return passes * tokens / elapsed

    def choose(self, texts: list[str], seconds: float) -> int:
        found = {}
        for batch in BATCHES:
            self.batch = batch
            self.rate(texts, 0)
            found[batch] = self.rate(texts, seconds)
        self.batch = max(found, key=found.get)
        return self.batch

    def query(self, text: str, seconds: float) -> float:
        times, start = [], time.perf_counter()
        while time.perf_counter() - start < seconds:
            begin = time.perf_counter()
            self.engine.embed([text])
            times.append(time.perf_counter() - begin)
        return statistics.median(times) * 1e3

    def do(self, job: dict) -> dict:
        match job["do"]:
            case "choose":
                return {"batch": self.choose(job["texts"], job["seconds"])}
            case "rate":
                return {"tokens_per_s": self.rate(job["texts"], job["seconds"])}
            case "vectors":
                return {"vectors": [row.tolist() for text in job["texts"] for row in self.engine.embed([text])]}
            case "query":
                return {"p50_ms": self.query(job["text"], job["seconds"])}
            case other:
                raise ValueError(f"no such job: {other}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("engine", "model", "scratch"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--threads", type=int, required=True)
    arguments = parser.parse_args()
    # What engines print themselves goes to standard error.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    model = Path(arguments.model)
    by = tokenizer(model)
    engine = make(arguments.engine, model, by, arguments.threads, Path(arguments.scratch))
    measurement = Measurement(engine, by, answers)
    print(json.dumps(engine.facts()), file=answers, flush=True)
    for line in sys.stdin:
        print(json.dumps(measurement.do(json.loads(line))), file=answers, flush=True)


if __name__ == "__main__":
    main()
