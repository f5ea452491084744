"""Checks citations and scores against the sources and their own sums, with nothing of Carrel's but what it answers.

usage: verify_citations.py CARREL FOLDER [--count N] [--questions N] [--seed S]

Ingests FOLDER into a data directory of its own and takes the citations of N random chunks (1,000 unless told). Then a
server is asked N questions (1,000 unless told), words picked out of the sources, in all modes and both fusions. For the
citation of every chunk and every hit the bytes at the cited range, of the original file or of the rendition named, have
the cited sha256 and begin and end on the cited lines; for every hit weight × share is the contribution of each part,
the contributions are the score and the words' scores are the value of the keyword side, to 1e-6.
Exit code 1 if one is not so.
"""

import argparse
import functools
import hashlib
import json
import pathlib
import random
import sys
import tempfile

from serving import Carrel, Client, Failure, Server, api_path, end_on_signals

TOLERANCE = 1e-6
INGEST_SECONDS = 3_600
WAYS = [{"mode": "vector"}, {"mode": "keyword"}, {"mode": "hybrid"}, {"mode": "hybrid", "fusion": "rrf"}]


def line_of(data, offset):
    """1-based; a line ends at LF, CRLF or a lone CR."""
    before = data[:offset]
    return 1 + before.count(b"\n") + before.count(b"\r") - before.count(b"\r\n")


class Sources:
    """The bytes that citations are of."""

    def __init__(self, folder, data):
        self.folder, self.data = folder, pathlib.Path(data)

    @functools.lru_cache(maxsize=64)
    def rendition(self, digest):
        found = next(self.data.glob(f"workspaces/*/blobs/{digest}")).read_bytes()
        assert hashlib.sha256(found).hexdigest() == digest
        return found

    @functools.lru_cache(maxsize=64)
    def original(self, path):
        """A document's path begins with the name of the folder that was ingested."""
        return (self.folder.parent / path).read_bytes()

    def has(self, citation):
        rendition = citation.get("rendition")
        source = self.rendition(rendition) if rendition else self.original(citation["path"])
        start, end = citation["byte_start"], citation["byte_end"]
        return (
            hashlib.sha256(source[start:end]).hexdigest() == citation["sha256"]
            and line_of(source, start) == citation["line_start"] and line_of(source, end - 1) == citation["line_end"])


def near(found, expected):
    return abs(found - expected) <= TOLERANCE * max(1.0, abs(expected))


def adds_up(hit):
    parts = hit["parts"]
    keyword = [part["value"] for part in parts if part["side"] == "keyword"]
    return (
        bool(parts) and all(near(part["weight"] * part["share"], part["contribution"]) for part in parts)
        and near(sum(part["contribution"] for part in parts), hit["score"])
        and near(sum(word["score"] for word in hit["words"]), sum(keyword)))


def question(generator, texts):
    """Some words that stand near each other."""
    words = generator.choice(texts).split()
    start = generator.randrange(max(1, len(words) - 12))
    return " ".join(words[start:start + generator.randint(2, 10)])[:200] or "nothing"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("carrel")
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--questions", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    end_on_signals()
    wrong = 0
    with tempfile.TemporaryDirectory(prefix="carrel-citations-") as data:
        carrel, sources = Carrel(options.carrel, data), Sources(options.folder.resolve(), data)
        print(carrel.run(
            "ingest", str(options.folder), "--workspace", "w", "--create", seconds=INGEST_SECONDS).strip())
        chunks = carrel.lines(
            "admin", "chunks", "--sample", str(options.count), "--seed", str(options.seed), "--workspace", "w")
        for chunk in chunks:
            if not sources.has(chunk):
                wrong += 1
                print("wrong citation:", json.dumps(chunk))
        generator, hits = random.Random(options.seed), 0
        texts = [path.read_text(errors="ignore") for path in sorted(options.folder.rglob("*")) if path.is_file()]
        texts = [text for text in texts if text.strip()]
        key = carrel.key("w", "read")["key"]
        with Server(carrel, sys.stderr) as server:
            server.wait_until_listening()
            with Client(server.port, key) as client:
                for number in range(options.questions):
                    asked = {"query": question(generator, texts), **WAYS[number % len(WAYS)]}
                    found = client.json("POST", api_path("w", "search"), asked)["hits"]
                    hits += len(found)
                    for hit in found:
                        if sources.has(hit["citation"]) and adds_up(hit): continue
                        wrong += 1
                        print("wrong hit:", json.dumps({"asked": asked, "hit": hit}))
            if server.stop() != 0: raise Failure("'carrel serve' did not end well")
    print(f"{len(chunks)} chunks and {hits} hits of {options.questions} questions checked, {wrong} wrong")
    sys.exit(1 if wrong or not chunks or (options.questions and not hits) else 0)


if __name__ == "__main__":
    main()
