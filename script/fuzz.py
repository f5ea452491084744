"""Fuzzes parsers, the chunker and the readers of an index's files.

usage: fuzz.py FUZZER [--seconds N] [--targets a,b] [--seed S] [--keep FOLDER]

Runs each target for N seconds (120 unless told; those of index files up to five times as long), starting the fuzzer
again with the next seed whenever a document ends it, and keeps that document in FOLDER (.build/fuzz). Exit code 1 if any did.
"""

import argparse
import hashlib
import pathlib
import signal
import subprocess
import sys
import time

TARGETS = ["markdown", "html", "pdf", "docx", "epub", "csv", "json", "code", "chunker", "segment", "lists",
           "quantizer", "postings"]

# How much longer than the others.
SHARES = {"segment": 5, "lists": 5, "quantizer": 2.5, "postings": 5}


def fuzz(fuzzer, target, seconds, seed, keep):
    """Runs one target; returns how many documents ended it."""
    current = keep / f"{target}.current"
    end = time.monotonic() + seconds
    ends = 0
    while (left := end - time.monotonic()) > 1:
        current.unlink(missing_ok=True)
        result = subprocess.run(
            [fuzzer, target, "--seconds", str(left), "--seed", str(seed), "--current", str(current)],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
        seed += 1
        if result.returncode == 0:
            print(result.stdout.strip(), flush=True)
            continue
        if not current.exists():
            raise SystemExit(f"{target} could not be started: {result.stdout}")
        ends += 1
        data = current.read_bytes()
        place = keep / f"{target}-{hashlib.sha256(data).hexdigest()[:12]}"
        place.write_bytes(data)
        code = result.returncode
        cause = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        cause = "a hang" if cause == "SIGALRM" else cause
        print(f"{target}: {cause} (seed {seed - 1}), kept as {place}\n{result.stdout[-600:]}", flush=True)
    current.unlink(missing_ok=True)
    return ends


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("fuzzer")
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--targets", default=",".join(TARGETS))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=pathlib.Path, default=pathlib.Path(".build/fuzz"))
    options = parser.parse_args()
    options.keep.mkdir(parents=True, exist_ok=True)
    ends = 0
    for target in options.targets.split(","):
        seconds = options.seconds * SHARES.get(target, 1)
        ends += fuzz(options.fuzzer, target, seconds, options.seed, options.keep)
    print(f"{ends} documents ended a parser")
    sys.exit(1 if ends else 0)


if __name__ == "__main__":
    main()
