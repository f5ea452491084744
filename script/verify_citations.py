"""Checks citations against the sources, with nothing of Carrel's but its list of them.

usage: verify_citations.py CARREL FOLDER [--count N] [--seed S]

Ingests FOLDER into a data directory of its own, takes the citations of N random chunks (1,000 unless told), and checks
for each that the bytes at the cited range, of the original file or of the rendition named, have the cited sha256 and
begin and end on the cited lines.
Exit code 1 if one does not.
"""

import argparse
import hashlib
import json
import pathlib
import subprocess
import sys
import tempfile


def line_of(data, offset):
    """1-based; a line ends at LF, CRLF or a lone CR."""
    before = data[:offset]
    return 1 + before.count(b"\n") + before.count(b"\r") - before.count(b"\r\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("carrel")
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="carrel-citations-") as data:
        def run(*arguments):
            command = [options.carrel, *arguments, "--workspace", "w", "--data", data]
            result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
            if result.returncode != 0:
                raise SystemExit(f"failed ({result.returncode}): {' '.join(command)}\n{result.stdout}")
            return result.stdout

        print(run("ingest", str(options.folder), "--create").strip())
        lines = run("admin", "chunks", "--sample", str(options.count), "--seed", str(options.seed)).splitlines()
        wrong = 0
        for line in lines:
            citation = json.loads(line)
            rendition = citation.get("rendition")
            if rendition:
                source = next(pathlib.Path(data).glob(f"workspaces/*/blobs/{rendition}")).read_bytes()
                assert hashlib.sha256(source).hexdigest() == rendition
            else:
                source = pathlib.Path(citation["origin"]).read_bytes()
            start, end = citation["byte_start"], citation["byte_end"]
            is_right = (
                hashlib.sha256(source[start:end]).hexdigest() == citation["sha256"]
                and line_of(source, start) == citation["line_start"]
                and line_of(source, end - 1) == citation["line_end"])
            if not is_right:
                wrong += 1
                print("wrong:", line)
    print(f"{len(lines)} citations checked, {wrong} wrong")
    sys.exit(1 if wrong or not lines else 0)


if __name__ == "__main__":
    main()
