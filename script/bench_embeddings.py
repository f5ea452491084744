"""Measures what the wire costs: '/v1/embeddings' beside 'carrel models bench' of the same build.

usage: bench_embeddings.py CARREL [--rounds N] [--seconds N]

Texts of one length: one of 10 tokens asked by itself, and 64 of 100 tokens in one request, special tokens counted. In
each round 'carrel models bench' has its turn, with as many threads as the server has cores, and then the server, which
is idle meanwhile. Clients keep their connections. Medians over the rounds; JSON on standard output, a summary on
standard error.
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import shlex
import statistics
import sys
import tempfile
import time

from bench_serve import commit, machine, say
from serving import Carrel, Client, Failure, Server, end_on_signals

MODEL = "all-minilm-l6-v2"
WORDS = "the water of this island was never far from its old house".split()  # a token each
SHORT, LONG, MANY = 10, 100, 64
FORMATS = ("base64", "float")


def text(tokens, first=0):
    return " ".join(WORDS[(first + word) % len(WORDS)] for word in range(tokens - 2))


class Wire:
    """Requests of one body on kept connections."""

    def __init__(self, server, key, inputs, form):
        self.server, self.key = server, key
        self.body = json.dumps({"model": MODEL, "input": inputs, "encoding_format": form})
        self.tokens = SHORT if len(inputs) == 1 else LONG * MANY

    def one(self, client):
        answer = client.send("POST", "/v1/embeddings", self.body, "application/json")
        if answer.status != 200 or answer.body is None:
            raise Failure(f"/v1/embeddings: {answer.status} {answer.body!r}")
        return answer.body

    def check(self):
        with Client(self.server.port, self.key) as client:
            answer = json.loads(self.one(client))
        if answer["usage"]["prompt_tokens"] != self.tokens:
            raise Failure(f"{answer['usage']} for {self.tokens} tokens")

    def times(self, seconds):
        """Seconds of each request on one connection, one after the other."""
        found = []
        with Client(self.server.port, self.key) as client:
            self.one(client)
            end = time.perf_counter() + seconds
            while time.perf_counter() < end or not found:
                start = time.perf_counter()
                self.one(client)
                found.append(time.perf_counter() - start)
        return found

    def answered(self, connections, seconds):
        """Requests a second, on so many connections at once."""
        with concurrent.futures.ThreadPoolExecutor(connections) as pool:
            start = time.perf_counter()
            counts = list(pool.map(lambda _: len(self.times(seconds)) + 1, range(connections)))
            return sum(counts) / (time.perf_counter() - start)


def in_process(carrel, file, threads):
    """What the model does without a wire: tokens/s in calls of 64 texts, and ms of one question of 10 tokens."""
    report = json.loads(carrel.run(
        "models", "bench", "--texts", str(file), "--threads", str(threads), "--rounds", "2", "--seconds", "0.5",
        "--json"))
    query = report["query"]["float32"]
    return {"tokens_per_s": report["float32_tokens_per_s"], "question_p50_ms": query["p50_ms"]}


def over_wire(short, long, seconds):
    found = {}
    for form in FORMATS:
        times = short[form].times(seconds)
        found[f"one_{form}_p50_ms"] = statistics.median(times) * 1000
        found[f"many_{form}_p50_ms"] = statistics.median(long[form].times(seconds)) * 1000
        for connections in (1, 2):
            rate = long[form].answered(connections, seconds)
            found[f"many_{form}_{connections}_tokens_per_s"] = rate * LONG * MANY
        found[f"one_{form}_8_requests_per_s"] = short[form].answered(8, seconds)
    return found


def medians(rounds):
    return {
        name: {"median": round(statistics.median(one[name] for one in rounds), 3),
               "least": round(min(one[name] for one in rounds), 3), "most": round(max(one[name] for one in rounds), 3)}
        for name in rounds[0]}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("carrel")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1.5)
    options = parser.parse_args()
    end_on_signals()
    report = {"machine": machine(), "commit": commit(), "command": shlex.join(sys.argv)}
    with tempfile.TemporaryDirectory(prefix="carrel-bench-embeddings-") as folder, open(os.devnull, "w") as log:
        folder = pathlib.Path(folder)
        inputs = [text(LONG, first) for first in range(MANY)]
        (folder / "texts").write_text("\n".join(inputs) + "\n")
        carrel = Carrel(options.carrel, folder / "data")
        carrel.run("admin", "create", "keys")
        key = carrel.key("keys", "write")["key"]
        with Server(carrel, log, {"CARREL_PRECISION": "float32"}) as server:
            server.wait_until_listening()
            short = {form: Wire(server, key, [text(SHORT)], form) for form in FORMATS}
            long = {form: Wire(server, key, inputs, form) for form in FORMATS}
            for wire in [*short.values(), *long.values()]:
                wire.check()
            model, wire = [], []
            for number in range(options.rounds):
                say(f"round {number + 1} of {options.rounds}")
                model.append(in_process(carrel, folder / "texts", report["machine"]["cores"]))
                cpu = server.cpu_seconds()
                wire.append(over_wire(short, long, options.seconds))
                say(f"  {server.cpu_seconds() - cpu:.1f} s of processor time")
    report.update(model=medians(model), wire=medians(wire))
    print(json.dumps(report, indent=2, sort_keys=True))
    tokens, question = (report["model"][name]["median"] for name in ("tokens_per_s", "question_p50_ms"))
    for form in FORMATS:
        figures = {name: value["median"] for name, value in report["wire"].items() if form in name}
        say(f"{form:7} one of {SHORT} tokens p50 {figures[f'one_{form}_p50_ms']:.2f} ms (model alone {question:.2f}), "
            f"{figures[f'one_{form}_8_requests_per_s']:.0f} requests/s on 8 connections; {MANY} of {LONG}: "
            f"{figures[f'many_{form}_1_tokens_per_s']:.0f} tokens/s on one connection, "
            f"{figures[f'many_{form}_2_tokens_per_s']:.0f} on two (model alone {tokens:.0f})")


if __name__ == "__main__":
    main()
