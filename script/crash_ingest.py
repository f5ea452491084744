"""Kills an ingest at random moments, finishes it, and compares with an ingest that was left alone.

usage: crash_ingest.py CARREL [--kills N] [--seed S] [--corpus FOLDER]

Both data directories must end with the same documents, the same chunk ids and citations, and the same hits with scores
within 1e-5; 'carrel admin verify' must find nothing. After every kill, what the killed run had reported as committed
must still be there. Without --corpus a folder of documents is made up from the seed. Exit code 1 if anything differs.
"""

import argparse
import json
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

TOLERANCE = 1e-5
WORDS = (
    "anchor basin cable delta ember ferry gravel harbour island jetty keel lantern mooring needle oar pilot quay rope "
    "sail tide upland vessel winch yard zenith boiler copper dynamo engine funnel gauge hammer iron joint"
).split()


def made_up_corpus(folder, generator):
    for number in range(150):
        parts = [f"# Document {number}\n"]
        for section in range(generator.randint(1, 5)):
            parts.append(f"## Part {section}\n")
            for _ in range(generator.randint(1, 4)):
                sentences = (
                    " ".join(generator.choice(WORDS) for _ in range(generator.randint(6, 16))).capitalize() + "."
                    for _ in range(generator.randint(3, 9)))
                parts.append(" ".join(sentences) + "\n")
        (folder / f"{number:03}.md").write_text("\n".join(parts))


class Carrel:
    def __init__(self, binary, data):
        self.binary, self.data = binary, data

    def command(self, *arguments):
        return [self.binary, *arguments, "--data", str(self.data)]

    def run(self, *arguments):
        result = subprocess.run(self.command(*arguments), capture_output=True, text=True)
        if result.returncode != 0:
            raise SystemExit(f"failed ({result.returncode}): {' '.join(arguments)}\n{result.stderr}{result.stdout}")
        return result.stdout

    def lines(self, *arguments):
        return [json.loads(line) for line in self.run(*arguments).splitlines()]

    def documents(self):
        return {line["path"]: line for line in self.lines("admin", "documents", "--workspace", "w", "--json")}

    def state(self, questions):
        chunks = self.lines("admin", "chunks", "--workspace", "w")
        for record in chunks:
            record.pop("origin", None)
        hits = {
            question: json.loads(self.run("search", question, "--workspace", "w", "--limit", "20", "--json"))["hits"]
            for question in questions}
        return self.documents(), {chunk["chunk"]: chunk for chunk in chunks}, hits

    def ingest_and_kill(self, corpus, seconds):
        """Starts an ingest and kills it after so many seconds; False if it was faster."""
        process = subprocess.Popen(
            self.command("ingest", str(corpus), "--workspace", "w", "--source", "corpus"),
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            process.wait(timeout=seconds)
            return False
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
            return True


def compare_hits(expected, found):
    differences = []
    for question, wanted in expected.items():
        scores = {hit["citation"]["chunk"]: hit["score"] for hit in found[question]}
        lowest = min((hit["score"] for hit in wanted), default=0)
        for hit in wanted:
            chunk = hit["citation"]["chunk"]
            score = scores.get(chunk)
            # At the cut, a passage may give way to one whose score is the same within the tolerance.
            if score is None and hit["score"] - lowest > TOLERANCE:
                differences.append(f"{question!r}: {chunk} is missing")
            elif score is not None and abs(score - hit["score"]) > TOLERANCE:
                differences.append(f"{question!r}: {chunk} scores {score}, expected {hit['score']}")
    return differences


def compare(expected, found):
    differences = []
    for name, wanted, have in zip(("document", "chunk"), expected[:2], found[:2]):
        for key in sorted(wanted.keys() | have.keys()):
            if wanted.get(key) != have.get(key):
                differences.append(f"{name} {key}: {have.get(key)}, expected {wanted.get(key)}")
    return differences + compare_hits(expected[2], found[2])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("carrel")
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--corpus", type=pathlib.Path)
    options = parser.parse_args()
    generator = random.Random(options.seed)
    with tempfile.TemporaryDirectory(prefix="carrel-crash-") as scratch:
        scratch = pathlib.Path(scratch)
        corpus = options.corpus
        if corpus is None:
            corpus = scratch / "corpus"
            corpus.mkdir()
            made_up_corpus(corpus, generator)
        questions = [" ".join(generator.choice(WORDS) for _ in range(5)) for _ in range(10)]

        undisturbed = Carrel(options.carrel, scratch / "undisturbed")
        undisturbed.run("admin", "create", "w")
        started = time.monotonic()
        print("undisturbed:", undisturbed.run("ingest", str(corpus), "--workspace", "w", "--source", "corpus").strip())
        duration = time.monotonic() - started
        expected = undisturbed.state(questions)

        killed = Carrel(options.carrel, scratch / "killed")
        killed.run("admin", "create", "w")
        kills, survivors = 0, {}
        while kills < options.kills:
            # Each try gets what is left of the time on average, so that the kills spread over the whole ingest.
            seconds = generator.uniform(0.02, max(0.1, 2 * duration / options.kills))
            if not killed.ingest_and_kill(corpus, seconds):
                # Done before the kill: begin again from nothing, to go on killing.
                shutil.rmtree(killed.data)
                killed.run("admin", "create", "w")
                survivors = {}
                continue
            kills += 1
            now = killed.documents()
            lost = [path for path, record in survivors.items() if now.get(path) != record]
            if lost:
                raise SystemExit(f"kill {kills}: committed documents are gone or changed: {lost}")
            survivors = now
            print(f"kill {kills} after {seconds:.2f} s: {len(now)} documents committed")
        print("finished:", killed.run("ingest", str(corpus), "--workspace", "w", "--source", "corpus").strip())
        differences = compare(expected, killed.state(questions))
        print(killed.run("admin", "verify", "--workspace", "w").strip())
    for difference in differences[:20]:
        print("differs:", difference)
    print(
        f"{options.kills} kills, {len(expected[0])} documents, {len(expected[1])} chunks, {len(questions)} questions: "
        f"{len(differences)} differences")
    sys.exit(1 if differences else 0)


if __name__ == "__main__":
    main()
