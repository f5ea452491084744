"""Changes a workspace a hundred times and compares it with one made afresh: recall, and bytes on the disk.

usage: churn.py CARREL [--documents 5000] [--paragraphs 4] [--generations 100] [--share 0.02] [--questions 200] [--seed 1]

Makes a folder of documents from the seed and takes it in with the embedder that needs no model. In every generation that
share of the documents goes and as many others come ('carrel ingest --sync'); what was deleted is collected at once, as
with a retention of nothing. Then the same documents are taken into a fresh workspace. Of both the recall@10 at the
standard target against the exact answer is measured, and what the words find. Exit code 1 if recall is half a point
lower than the fresh one's, the words find other passages, or the disk holds more than 1.3 times as much.
"""

import argparse
import json
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import time

RATIO_MAX = 1.3
RECALL_LOSS_MAX = 0.005
K = 10


class Corpus:
    def __init__(self, folder, options):
        self.folder, self.generator = folder, random.Random(options.seed)
        self.paragraphs = options.paragraphs
        letters = "abcdefghijklmnopqrstuvwxyz"
        self.words = ["".join(self.generator.choices(letters, k=self.generator.randint(3, 9))) for _ in range(20_000)]
        self.names, self.count = [], 0
        for _ in range(options.documents):
            self.add()

    def add(self):
        name = f"{self.count % 100}/{self.count}.md"
        topic = self.generator.sample(self.words, 12)
        parts = [f"# Document {self.count}\n"]
        for _ in range(self.paragraphs):
            parts.append(" ".join(self.generator.choices(topic, k=30) + self.generator.choices(self.words, k=60)) + ".\n")
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(parts))
        self.names.append(name)
        self.count += 1

    def turn(self, share):
        count = int(len(self.names) * share)
        for name in self.generator.sample(self.names, count):
            (self.folder / name).unlink()
            self.names.remove(name)
        for _ in range(count):
            self.add()

    def questions(self, count):
        return [" ".join(self.generator.sample((self.folder / name).read_text().split()[5:], 8))
                for name in self.generator.sample(self.names, count)]


class Workspace:
    def __init__(self, carrel, data):
        self.carrel, self.data = carrel, data

    def run(self, *arguments):
        command = [self.carrel, *arguments, "--workspace", "w", "--data", str(self.data)]
        result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if result.returncode != 0: raise SystemExit(f"{' '.join(command)}: {result.returncode}: {result.stderr[-500:]}")
        return result.stdout

    def ingest(self, folder, *flags):
        self.run("ingest", str(folder), "--model", "test-96", *flags)

    def collect(self):
        self.run("admin", "collect", "--older-than", "0")

    def bytes(self):
        """Of the index: vectors, postings and quantizers."""
        return sum(path.stat().st_size for path in self.data.rglob("segments/*"))

    def all_bytes(self):
        return sum(path.stat().st_size for path in self.data.rglob("*") if path.is_file())

    def search(self, question, *flags):
        found = self.run("search", question, "--model", "test-96", "--limit", str(K), "--json", *flags)
        return [(hit["citation"]["path"], hit["citation"]["byte_start"]) for hit in json.loads(found)["hits"]]

    def recall(self, questions):
        found = wanted = 0
        for question in questions:
            exact = self.search(question, "--mode", "vector", "--recall-target", "1")
            found += len(set(exact) & set(self.search(question, "--mode", "vector")))
            wanted += len(exact)
        return found / wanted

    def words(self, questions):
        return [sorted(self.search(question, "--mode", "keyword")) for question in questions]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("carrel")
    for name, default in (("documents", 5_000), ("paragraphs", 4), ("generations", 100), ("questions", 200), ("seed", 1)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--share", type=float, default=0.02)
    options = parser.parse_args()
    root = pathlib.Path(tempfile.mkdtemp(prefix="carrel-churn-"))
    folder = root / "documents"
    corpus = Corpus(folder, options)
    churned, fresh = Workspace(options.carrel, root / "churned"), Workspace(options.carrel, root / "fresh")
    started = time.monotonic()
    churned.ingest(folder, "--create")
    for _ in range(options.generations):
        corpus.turn(options.share)
        churned.ingest(folder, "--sync")
        churned.collect()
    seconds = time.monotonic() - started
    fresh.ingest(folder, "--create")
    questions = corpus.questions(options.questions)
    result = {
        "documents": options.documents, "generations": options.generations, "share": options.share, "seed": options.seed,
        "seconds": round(seconds, 1), "recall": round(churned.recall(questions), 4), "recall_fresh": round(fresh.recall(questions), 4),
        "index_bytes": churned.bytes(), "index_bytes_fresh": fresh.bytes(),
        "bytes": churned.all_bytes(), "bytes_fresh": fresh.all_bytes()}
    old, new = churned.words(questions), fresh.words(questions)
    result["words_alike"] = round(sum(len(set(a) & set(b)) for a, b in zip(old, new)) / max(sum(map(len, new)), 1), 4)
    result["ratio"] = round(result["bytes"] / result["bytes_fresh"], 3)
    churned.run("admin", "verify")
    print(json.dumps(result, indent=2))
    shutil.rmtree(root)
    sys.exit(1 if result["recall"] < result["recall_fresh"] - RECALL_LOSS_MAX or result["ratio"] > RATIO_MAX else 0)


if __name__ == "__main__":
    main()
