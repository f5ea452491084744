"""Moves a workspace to another precision while it is searched over HTTP, and kills the migration at random moments.

usage: crash_migrate.py CARREL [--kills N] [--seed S] [--searchers N] [--documents N] [--reverse]

'carrel serve' is searched without a break by several connections, every passage compared, while 'carrel admin migrate'
takes its workspace from int8 to float32 (--reverse: the other way) in another process, is killed with SIGKILL, is run
again until it is done, is rolled back and dropped. Documents are uploaded before and after the cut-over. Every answer
must have status 200, name one model, be of all passages, and hold what that model alone answers: both models' exact
answers were computed beforehand, the new one's in a data directory of its own. A question asked after a command ended
must be answered by the model that the command made live. Exit code 1 if anything is otherwise, and also if too little
was seen to prove it.
"""

import argparse
import collections
import json
import pathlib
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time

from serving import NO_ANSWER, Carrel, Client, Failure, Server, api_path, end_on_signals, invented_words, sentence

WORKSPACE = "w"
MODEL = "all-minilm-l6-v2"
LIMIT = 20
TOLERANCE = 1e-5  # the same text embedded in batches of other lengths differs in the last bits
PAUSE = 0.02  # seconds between two questions of a connection, so that the migration gets on
LATE = "late/"  # documents uploaded meanwhile
SEEN_MIN = 20  # answers of each connection after a command, before the next begins
MIGRATION_SECONDS = 900
PROBLEMS_SHOWN = 20


def made_up_corpus(folder, count, generator):
    for number in range(count):
        parts = [f"# Document {number}\n"]
        for section in range(generator.randint(4, 10)):
            parts.append(f"## {invented_words(generator, 2)}\n")
            for _ in range(generator.randint(2, 4)):
                parts.append(" ".join(sentence(generator) for _ in range(generator.randint(4, 8))) + "\n")
        (folder / f"{number:03}.md").write_text("\n".join(parts))


def place(hit):
    return hit["citation"]["path"], hit["citation"]["byte_start"]


class Expected:
    """What one precision answers to each question: places and scores, best first."""

    def __init__(self, carrel, questions):
        self.answers = {}
        for question in questions:
            found = json.loads(carrel.run(
                "search", question, "--workspace", WORKSPACE, "--limit", str(LIMIT), "--recall-target", "1", "--mode", "vector", "--json"))
            self.answers[question] = [(place(hit), hit["score"]) for hit in found["hits"]]
            self.model = found["model"]

    def problems(self, question, answer):
        """What is wrong with an answer of this precision."""
        if not answer["searched"]["complete"]:
            yield f"not complete: {answer['searched']}"
        hits = [hit for hit in answer["hits"] if not hit["citation"]["path"].startswith(LATE)]
        if len(hits) < LIMIT // 2:
            yield f"only {len(hits)} hits of documents that were there before"
        wanted = self.answers[question]
        scores = dict(wanted)
        for rank, (hit, (_, score)) in enumerate(zip(hits, wanted), 1):
            if abs(hit["score"] - score) > TOLERANCE:
                yield f"rank {rank} scores {hit['score']}, expected {score}"
            elif abs(scores.get(place(hit), score) - hit["score"]) > TOLERANCE:
                yield f"rank {rank} is {place(hit)}, which scores {scores[place(hit)]}"


class Searcher(threading.Thread):
    """One connection that asks until it is told to stop."""

    def __init__(self, number, port, key, questions, expected, stop):
        super().__init__(daemon=True)
        self.port, self.key, self.questions, self.expected, self.stop = port, key, questions, expected, stop
        self.generator = random.Random(number)
        self.answers = []  # (moment asked, moment answered, precision)
        self.problems = []

    def run(self):
        try:
            with Client(self.port, self.key) as client:
                while not self.stop.is_set():
                    self.ask(client, self.generator.choice(self.questions))
                    time.sleep(PAUSE)
        except Exception as error:  # a thread's exception would end on standard error, and the run would pass
            self.problems.append(f"searcher: {error!r}")

    def ask(self, client, question):
        asked = time.monotonic()
        body = json.dumps({"query": question, "limit": LIMIT, "recall_target": 1, "mode": "vector"})
        try:
            answer = client.send("POST", api_path(WORKSPACE, "search"), body, "application/json")
        except NO_ANSWER as error:
            self.problems.append(f"failed: {error!r}")
            return
        if answer.status != 200 or answer.body is None:
            self.problems.append(f"failed: {answer.status} {answer.body!r}")
            return
        answered, result = time.monotonic(), json.loads(answer.body)
        model = result["model"]
        expected = next((some for some in self.expected if some.model == model), None)
        if expected is None:
            self.problems.append(f"failed: no such model: {model}")
            return
        for problem in expected.problems(question, result):
            self.problems.append(f"{model['precision']}: {question!r}: {problem}")
        self.answers.append((asked, answered, model["precision"]))


class Uploader:
    """Uploads documents, one a second while it is running."""

    def __init__(self, port, key, generator):
        self.port, self.key, self.generator, self.count = port, key, generator, 0

    def put(self, count):
        with Client(self.port, self.key) as client:
            for _ in range(count):
                text = f"# Late {self.count}\n\n" + " ".join(sentence(self.generator) for _ in range(12)) + "\n"
                answer = client.put(WORKSPACE, f"{LATE}{self.count:03}.md", text)
                if answer.status != 201:
                    raise Failure(f"an upload answered {answer.status} {answer.body!r}")
                self.count += 1

    def keep_on(self, stop):
        while not stop.wait(1.0):
            self.put(1)


class Trial:
    def __init__(self, options, folder):
        self.options, self.folder = options, folder
        self.generator = random.Random(options.seed)
        self.old, self.new = ("float32", "int8") if options.reverse else ("int8", "float32")
        self.carrel = Carrel(options.carrel, folder / "data")
        self.questions = [sentence(self.generator, 5, 9) for _ in range(12)]
        self.problems = []
        self.phases = []  # [from, until, precision that alone may answer what is asked and answered in between]

    def ingest(self, carrel, corpus, precision):
        started = time.monotonic()
        print(f"{precision}:", carrel.run(
            "ingest", str(corpus), "--workspace", WORKSPACE, "--source", "corpus", "--create", "--precision", precision,
            seconds=MIGRATION_SECONDS).strip(), flush=True)
        return time.monotonic() - started

    def prepare(self):
        corpus = self.folder / "corpus"
        corpus.mkdir()
        made_up_corpus(corpus, self.options.documents, self.generator)
        reference = Carrel(self.options.carrel, self.folder / "reference")
        self.duration = self.ingest(reference, corpus, self.new)
        self.ingest(self.carrel, corpus, self.old)
        self.expected = [Expected(carrel, self.questions) for carrel in (self.carrel, reference)]
        precisions = [some.model["precision"] for some in self.expected]
        if not (precisions[0].startswith(self.old) and precisions[1].startswith(self.new)):
            raise Failure(f"the workspaces are of {precisions}, expected {self.old} and {self.new}")
        same = sum(self.expected[0].answers[some] == self.expected[1].answers[some] for some in self.questions)
        if same:
            raise Failure(f"{same} questions have the same answer in both precisions: nothing would be proved")

    def start_migration(self):
        return subprocess.Popen(
            self.carrel.command(
                "admin", "migrate", "--workspace", WORKSPACE, "--to", f"{MODEL}:{self.new}", "--json"),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def kill(self, number):
        moment = self.generator.uniform(0.05, 0.9 / self.options.kills) * self.duration
        process = self.start_migration()
        try:
            process.wait(moment)
            raise Failure(f"the migration ended before kill {number}: {process.communicate()}")
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.communicate()
        status = json.loads(self.migrate("--status"))
        spaces = ", ".join(f"{some['state']} {some['model']['precision']} {some['vectors']}" for some in status["spaces"])
        print(f"kill {number} after {moment:.2f} s: {status['passages']} passages; {spaces}", flush=True)

    def finish(self):
        self.unsettle()
        process = self.start_migration()
        try:
            output, errors = process.communicate(timeout=MIGRATION_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            raise Failure(f"no end of the migration after {MIGRATION_SECONDS} s") from None
        if process.returncode != 0:
            raise Failure(f"the migration failed ({process.returncode}): {errors}{output}")
        report = json.loads(output)
        if report["outcome"] != "finished":
            raise Failure(f"the migration did not finish: {report}")
        self.settle(self.expected[1])
        print("finished:", output.strip(), flush=True)

    def settle(self, expected):
        self.phases.append([time.monotonic(), float("inf"), expected.model["precision"]])

    def unsettle(self):
        """A command begins that will change which precision answers."""
        self.phases[-1][1] = time.monotonic()

    def wait_for_answers(self, searchers):
        """Every connection sees some answers that were asked for from now on."""
        since, deadline = time.monotonic(), time.monotonic() + 120
        while any(sum(asked > since for asked, _, _ in some.answers[-SEEN_MIN:]) < SEEN_MIN for some in searchers):
            if time.monotonic() > deadline or any(not some.is_alive() for some in searchers):
                raise Failure(f"the searchers see nothing any more: {[some.problems[:3] for some in searchers]}")
            time.sleep(0.05)

    def walk(self, searchers, uploader):
        self.settle(self.expected[0])
        self.wait_for_answers(searchers)
        stop = threading.Event()
        uploads = threading.Thread(target=uploader.keep_on, args=(stop,), daemon=True)
        uploads.start()
        for number in range(1, self.options.kills + 1):
            self.kill(number)
        self.finish()
        stop.set()
        uploads.join(30)
        self.wait_for_answers(searchers)
        uploader.put(3)
        self.unsettle()
        print("rollback:", self.migrate("--rollback"), flush=True)
        self.settle(self.expected[0])
        self.wait_for_answers(searchers)
        self.verify()
        print("drop:", self.migrate("--drop"), flush=True)
        self.wait_for_answers(searchers)

    def migrate(self, flag):
        return self.carrel.run(
            "admin", "migrate", "--workspace", WORKSPACE, flag, "--json", seconds=MIGRATION_SECONDS).strip()

    def verify(self):
        verified = self.carrel.attempt("admin", "verify", "--workspace", WORKSPACE)
        print((verified.stdout + verified.stderr).strip())
        if verified.returncode != 0:
            self.problems.append(f"'carrel admin verify' exits {verified.returncode}")

    def run(self):
        self.prepare()
        key = self.carrel.key(WORKSPACE, "write")["key"]
        stop = threading.Event()
        with open(self.folder / "serve.log", "wb") as log, Server(self.carrel, log) as server:
            server.wait_until_listening()
            searchers = [
                Searcher(number, server.port, key, self.questions, self.expected, stop)
                for number in range(self.options.searchers)]
            for searcher in searchers:
                searcher.start()
            try:
                self.walk(searchers, Uploader(server.port, key, self.generator))
            finally:
                stop.set()
                for searcher in searchers:
                    searcher.join(30)
                self.problems += [problem for searcher in searchers for problem in searcher.problems]
            code = server.stop()
            if code != 0:
                self.problems.append(f"'carrel serve' ended with {code} after SIGTERM")
        self.verify()
        self.judge([answer for searcher in searchers for answer in searcher.answers])

    def judge(self, answers):
        for begin, end, expected in self.phases:
            inside = [precision for asked, answered, precision in answers if asked > begin and answered < end]
            others = [precision for precision in inside if precision != expected]
            print(f"{len(inside)} answers while only {expected} was live")
            if others or not inside:
                self.problems.append(f"{len(others)} of {len(inside)} were answered by another")
        counts = collections.Counter(precision for _, _, precision in answers)
        times = [answered - asked for asked, answered, _ in answers]
        first = self.first_after_cut_over(answers)
        print(f"{len(answers)} answers ({dict(counts)}), p50 {statistics.median(times) * 1000:.1f} ms, p99 "
              f"{statistics.quantiles(times, n=100)[98] * 1000:.1f} ms, most {max(times) * 1000:.1f} ms; the first of "
              f"the new model took {first * 1000:.1f} ms")

    @staticmethod
    def first_after_cut_over(answers):
        ordered = sorted(answers, key=lambda answer: answer[1])
        old = ordered[0][2]
        return next(answered - asked for asked, answered, precision in ordered if precision != old)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("carrel")
    parser.add_argument("--kills", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--searchers", type=int, default=4)
    parser.add_argument("--documents", type=int, default=120)
    parser.add_argument("--reverse", action="store_true")
    options = parser.parse_args()
    end_on_signals()
    with tempfile.TemporaryDirectory(prefix="carrel-migrate-") as folder:
        trial = Trial(options, pathlib.Path(folder))
        try:
            trial.run()
        except Failure as failure:
            trial.problems.append(str(failure))
    failed = sum(problem.startswith("failed: ") for problem in trial.problems)
    for problem in trial.problems[:PROBLEMS_SHOWN]:
        print("wrong:", problem)
    print(f"{options.kills} kills, 1 rollback: {failed} queries failed, {len(trial.problems)} problems")
    sys.exit(1 if trial.problems else 0)


if __name__ == "__main__":
    main()
