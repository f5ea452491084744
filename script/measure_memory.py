"""Measures how much memory 'carrel ingest' takes for folders of two sizes, with the embedder that needs no model.

usage: measure_memory.py CARREL [--megabytes 100 1000] [--ratio 1.2] [--limit-mib 1024] [--seed 1]

Makes a folder of Markdown of each size from the seed, ingests it into a data directory of its own, and prints one JSON
object: seconds, documents, chunks and the process's largest resident memory (the kernel's VmHWM; pages of mapped files
count) for each. Exit code 1 if the largest folder takes more than the limit, or more than the ratio of the smallest.
"""

import argparse
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import time

DOCUMENT_BYTES = 200_000


def words(generator):
    return ["".join(generator.choices("abcdefghijklmnopqrstuvwxyz", k=generator.randint(2, 10))) for _ in range(20_000)]


def make(folder, megabytes, generator):
    vocabulary = words(generator)
    for number in range(megabytes * 1_000_000 // DOCUMENT_BYTES):
        parts, size = [f"# Document {number}\n"], 0
        while size < DOCUMENT_BYTES:
            part = " ".join(generator.choices(vocabulary, k=90)) + ".\n"
            parts.append(part)
            size += len(part)
        path = folder / f"{number // 100}" / f"{number}.md"
        path.parent.mkdir(exist_ok=True)
        path.write_text("\n".join(parts))


def ingest(carrel, folder, data):
    command = [carrel, "ingest", str(folder), "--workspace", "w", "--create", "--data", str(data), "--model", "test", "--json"]
    started = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        output = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    summary = json.loads(output)
    return {
        "bytes": summary["bytes"], "documents": summary["ingested"], "failed": len(summary["failed"]),
        "chunks": summary["chunks"], "seconds": round(time.monotonic() - started, 1),
        "peak_mib": round(usage.ru_maxrss / 1024, 1),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("carrel")
    parser.add_argument("--megabytes", type=int, nargs="+", default=[100, 1000])
    parser.add_argument("--ratio", type=float, default=1.2)
    parser.add_argument("--limit-mib", type=float, default=1024)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    runs = []
    for megabytes in options.megabytes:
        with tempfile.TemporaryDirectory() as place:
            folder = pathlib.Path(place) / "corpus"
            folder.mkdir()
            make(folder, megabytes, random.Random(options.seed))
            runs.append(ingest(options.carrel, folder, pathlib.Path(place) / "data"))
            print(json.dumps(runs[-1]), file=sys.stderr)
    ratio = runs[-1]["peak_mib"] / runs[0]["peak_mib"]
    is_bounded = ratio <= options.ratio and runs[-1]["peak_mib"] <= options.limit_mib
    print(json.dumps({"seed": options.seed, "runs": runs, "ratio": round(ratio, 3), "bounded": is_bounded}))
    sys.exit(0 if is_bounded and all(run["failed"] == 0 for run in runs) else 1)


if __name__ == "__main__":
    main()
