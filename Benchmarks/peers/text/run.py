"""Measures Carrel's index of words beside SQLite's FTS5 and tantivy, on the same passages and questions, on one thread.

usage: run.py TEXTBENCHMARK [--passages 200000] [--questions 500] [--words 6] [--k 10] [--seed 1] [--rounds 3] [--json FILE]
       run.py TEXTBENCHMARK --dataset FOLDER [--k 10] [--rounds 3] [--json FILE]

The passages are made from the seed: about a hundred words each, of a vocabulary whose words are as frequent as those of a
language (Zipf, exponent 1.07, 150,000 words). A question is so many words of one passage, as they stand there. Every
engine finds the k best by BM25 of any of the words; each gets the questions in turns, three rounds, and the median round
counts. With --dataset the passages and all questions are those of corpus.jsonl and queries.jsonl (BEIR's form), letters and
digits only, so that no engine takes a mark for syntax. Prints a table, and with --json writes all figures with the machine, the versions and the command.
"""

import argparse
import json
import os
import pathlib
import platform
import random
import re
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time

import numpy

VOCABULARY = 150_000
EXPONENT = 1.07
WORDS_MIN, WORDS_MAX = 60, 140


def vocabulary(generator):
    letters = "etaoinshrdlucmfwypvbgk"
    weights = [12, 9, 8, 7.5, 7, 6.7, 6.3, 6.1, 6, 4.2, 4, 2.8, 2.8, 2.4, 2.2, 2.3, 2, 1.9, 1, 1.5, 2, 0.8]
    words = set()
    while len(words) < VOCABULARY:
        words.add("".join(generator.choices(letters, weights, k=generator.randint(2, 11))))
    words = sorted(words)
    generator.shuffle(words)
    return words


def make(folder, options):
    generator = random.Random(options.seed)
    words = vocabulary(generator)
    numbers = numpy.random.default_rng(options.seed)
    shares = 1 / numpy.arange(1, VOCABULARY + 1) ** EXPONENT
    shares /= shares.sum()
    passages = []
    for start in range(0, options.passages, 10_000):
        count = min(10_000, options.passages - start)
        lengths = numbers.integers(WORDS_MIN, WORDS_MAX + 1, count)
        drawn = numbers.choice(VOCABULARY, int(lengths.sum()), p=shares)
        place = 0
        for length in lengths:
            passages.append(" ".join(words[number] for number in drawn[place:place + length]))
            place += length
    questions = []
    for passage in generator.sample(passages, options.questions):
        found = passage.split()
        start = generator.randint(0, len(found) - options.words)
        questions.append(" ".join(found[start:start + options.words]))
    return passages, questions


def read(dataset):
    def texts(name, *fields):
        for line in (dataset / name).read_text().splitlines():
            document = json.loads(line)
            words = re.sub(r"[^\w]+|_+", " ", " ".join(document.get(field, "") for field in fields)).strip()
            yield words or "none"
    return list(texts("corpus.jsonl", "title", "text")), list(texts("queries.jsonl", "text"))


def percentiles(times):
    times = sorted(times)
    return {f"p{share}_ms": round(times[min(len(times) * share // 100, len(times) - 1)] * 1000, 4) for share in (50, 95, 99)}


def measure(ask, questions):
    times = []
    for question in questions:
        start = time.perf_counter()
        ask(question)
        times.append(time.perf_counter() - start)
    return percentiles(times)


class FTS5:
    name = f"SQLite FTS5 {sqlite3.sqlite_version}, porter"

    def __init__(self, folder, passages, k):
        self.k = k
        start = time.perf_counter()
        self.database = sqlite3.connect(folder / "fts.sqlite")
        self.database.execute("CREATE VIRTUAL TABLE t USING fts5(text, content='', tokenize='porter unicode61')")
        self.database.executemany("INSERT INTO t(rowid, text) VALUES (?, ?)", enumerate(passages))
        self.database.execute("INSERT INTO t(t) VALUES ('optimize')")
        self.database.commit()
        self.seconds = time.perf_counter() - start
        self.bytes = os.path.getsize(folder / "fts.sqlite")

    def ask(self, question):
        match = " OR ".join(f'"{word}"' for word in question.split())
        return [row for row, in self.database.execute(
            "SELECT rowid FROM t WHERE t MATCH ? ORDER BY rank LIMIT ?", (match, self.k))]


class Tantivy:
    def __init__(self, folder, passages, k):
        import tantivy
        self.name = f"tantivy {tantivy.__version__}, en_stem"
        self.k = k
        start = time.perf_counter()
        schema = tantivy.SchemaBuilder()
        schema.add_text_field("text", stored=False, tokenizer_name="en_stem")
        schema.add_integer_field("row", stored=True)
        place = folder / "tantivy"
        place.mkdir()
        self.index = tantivy.Index(schema.build(), path=str(place))
        writer = self.index.writer(heap_size=512_000_000, num_threads=1)
        for row, passage in enumerate(passages):
            writer.add_document(tantivy.Document(text=passage, row=row))
        writer.commit()
        writer.wait_merging_threads()
        self.index.reload()
        self.searcher = self.index.searcher()
        self.seconds = time.perf_counter() - start
        self.bytes = sum(path.stat().st_size for path in place.rglob("*") if path.is_file())
        self.segments = self.searcher.num_segments

    def ask(self, question):
        query = self.index.parse_query(question, ["text"])
        return [address for _, address in self.searcher.search(query, self.k, count=False).hits]


def carrel(binary, folder, k):
    command = [binary, str(folder / "passages"), str(folder / "questions"), "--k", str(k), "--repetitions", "1"]
    return json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)


def median(rounds):
    return {name: statistics.median(one[name] for one in rounds) for name in ("p50_ms", "p95_ms", "p99_ms")}


def machine():
    text = pathlib.Path("/proc/cpuinfo").read_text()
    model = next((line.split(":")[1].strip() for line in text.splitlines() if line.startswith("model name")), "")
    return {"processor": model, "cores": os.cpu_count(), "system": platform.platform()}


def command(options):
    names = ("k",) if options.dataset else ("passages", "questions", "words", "k", "seed")
    given = [f"DATASET={options.dataset.name}"] if options.dataset else []
    return " ".join(["make bench-text", *given, *(f"{name.upper()}={getattr(options, name)}" for name in names)])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary")
    for name, default in (("passages", 200_000), ("questions", 500), ("words", 6), ("k", 10), ("seed", 1), ("rounds", 3)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--dataset", type=pathlib.Path)
    parser.add_argument("--json", type=pathlib.Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="carrel-text-") as name:
        folder = pathlib.Path(name)
        passages, questions = read(options.dataset) if options.dataset else make(folder, options)
        (folder / "passages").write_text("\n".join(passages))
        (folder / "questions").write_text("\n".join(questions))
        peers = [FTS5(folder, passages, options.k), Tantivy(folder, passages, options.k)]
        rounds = {peer.name: [] for peer in peers}
        own = []
        for _ in range(options.rounds):
            own.append(carrel(options.binary, folder, options.k))
            for peer in peers:
                rounds[peer.name].append(measure(peer.ask, questions))
        agreement = [
            len(set(found) & set(peers[0].ask(question))) / max(len(found), 1)
            for found, question in zip(own[0]["found"], questions)]
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], stdout=subprocess.PIPE, text=True).stdout.strip()
    engines = [{
        "engine": "Carrel TextIndex", "build_s": round(own[0]["build_s"], 1), "index_bytes": own[0]["index_bytes"],
        **median(own)}]
    engines += [{
        "engine": peer.name, "build_s": round(peer.seconds, 1), "index_bytes": peer.bytes, **median(rounds[peer.name])}
        for peer in peers]
    result = {
        "command": command(options),
        "commit": commit, "machine": machine(), "load": os.getloadavg()[0], "passages": len(passages),
        "questions": len(questions), "words": round(sum(len(one.split()) for one in questions) / len(questions), 1),
        "k": options.k,
        "same_as_fts5": round(sum(agreement) / len(agreement), 3), "engines": engines}
    print(f"{'':34}{'build s':>9}{'MB':>8}{'p50 ms':>10}{'p95 ms':>10}{'p99 ms':>10}")
    for engine in engines:
        print(f"{engine['engine']:34}{engine['build_s']:9.1f}{engine['index_bytes'] / 1e6:8.1f}"
              f"{engine['p50_ms']:10.3f}{engine['p95_ms']:10.3f}{engine['p99_ms']:10.3f}")
    print(f"the same passages as FTS5: {result['same_as_fts5']:.3f}")
    if options.json: options.json.write_text(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    sys.exit(main())
