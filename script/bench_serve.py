"""Measures search over HTTP under load, quiet and while documents are uploaded, and ends the server under load.

usage: bench_serve.py CARREL [--corpus FOLDER] [--seconds N] [--connections N] [--ingest N] [--data DIR] [--seed S]

Ingests CORPUS (Markdown; the sample handbook unless told) into the workspace 'bench', starts 'carrel serve', and lets
wrk ask questions that are headings and sentences of the corpus: once quiet, and once while made-up documents of 1 to
3 KB are uploaded on two connections. Then the server gets SIGTERM with requests under way, each of which must be
answered, and after a restart every uploaded document must be there. With --data a directory is used again: its
workspace 'bench' is taken as it is if there are documents in it, and uploads and keys are taken away at the end.

The report is JSON on standard output, a summary goes to standard error. Latencies of searches are wrk's own, which
corrects them for coordinated omission. Exit code 0 if there was no error and nothing was lost, 1 otherwise, 2 without
wrk.
"""

import argparse
import collections
import contextlib
import hashlib
import json
import os
import pathlib
import random
import re
import secrets
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time

from serving import (
    NO_ANSWER, STOP_SECONDS, Carrel, Client, Failure, Server, api_path, end_on_signals, sentence)

WORKSPACE = "bench"
# The same questions are asked again and again, which people do not: each is to be embedded.
SETTINGS = {"CARREL_SEARCH_QUERY_CACHE_MIB": "0"}
ROOT = pathlib.Path(__file__).resolve().parent.parent
QUESTIONS = 200
QUESTION_WORDS = range(6, 16)
QUESTION_FILES_MAX = 5000  # read for questions; a larger corpus is sampled
INGEST_SECONDS = 6 * 3600  # 100,000 passages take an hour on two cores
WRK_THREADS = 2
WRK_TIMEOUT = 20  # seconds after which wrk counts a request as timed out, and keeps its latency out of the figures
UPLOADERS = 2
UPLOAD_TRIES = 20  # of one document that is turned away for a moment
UPLOADS_SECONDS = 1800  # for all of them; those that are left then count as errors
SAMPLE_SECONDS = 0.5
CALLERS = 48  # connections that ask while the server is told to end; two more upload
CALLING_SECONDS = 1.0  # before SIGTERM
# A request that was sent so long before SIGTERM has been read by the server, which must then answer it. One that was
# sent later may meet the closing of its connection.
MARGIN_SECONDS = 0.05

WRK_SCRIPT = """
local bodies = {%s}
wrk.headers["Authorization"] = "Bearer %s"
wrk.headers["Content-Type"] = "application/json"
local threads = 0
function setup(thread)
    thread:set("offset", threads * math.floor(#bodies / %d))
    threads = threads + 1
end
local requests, last = {}, 0
function init(args)
    for i, body in ipairs(bodies) do requests[i] = wrk.format("POST", "%s", nil, body) end
    last = offset
end
function request()
    last = last %% #requests + 1
    return requests[last]
end
function done(summary, latency, requests)
    local errors = summary.errors
    io.write(string.format(
        'REPORT {"seconds":%%.3f,"requests":%%d,"rps":%%.1f,' ..
        '"p50_ms":%%.2f,"p90_ms":%%.2f,"p99_ms":%%.2f,"max_ms":%%.2f,' ..
        '"non_2xx":%%d,"errors":{"connect":%%d,"read":%%d,"write":%%d,"timeout":%%d}}\\n',
        summary.duration / 1e6, summary.requests, summary.requests / (summary.duration / 1e6),
        latency:percentile(50) / 1e3, latency:percentile(90) / 1e3, latency:percentile(99) / 1e3, latency.max / 1e3,
        errors.status, errors.connect, errors.read, errors.write, errors.timeout))
end
"""


def say(*words):
    print(*words, file=sys.stderr, flush=True)


def percentile(values, share):
    return round(sorted(values)[min(len(values) - 1, int(share * len(values)))], 2) if values else None


def questions(corpus, generator):
    """Headings and sentences of the corpus that are as long as a question."""
    files = sorted(path for path in corpus.rglob("*") if path.suffix in (".md", ".markdown", ".txt", ".text"))
    found = set()
    for path in generator.sample(files, min(len(files), QUESTION_FILES_MAX)):
        text = re.sub(r"^```.*?^```", "", path.read_text(errors="replace"), flags=re.MULTILINE | re.DOTALL)
        for block in re.split(r"\n\s*\n|^(?=#)|(?<=[.!?])\s", text, flags=re.MULTILINE):
            words = block.strip("#*->| \n").split()
            if len(words) in QUESTION_WORDS and all(re.search(r"\w", word) for word in words):
                found.add(" ".join(words))
    if not found:
        raise Failure(f"no sentence of {QUESTION_WORDS[0]} to {QUESTION_WORDS[-1]} words in {corpus}")
    return generator.sample(sorted(found), min(len(found), QUESTIONS))


def lua_string(text):
    """JSON in ASCII as a Lua string: it holds no line break, and its escapes must reach the server as they are."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


class Load:
    """wrk on the search of one server."""

    def __init__(self, folder, key, asked, connections, seconds):
        bodies = ",\n".join(lua_string(json.dumps({"query": question})) for question in asked)
        self.script = folder / "search.lua"
        self.script.write_text(WRK_SCRIPT % (bodies, key, WRK_THREADS, api_path(WORKSPACE, "search")))
        self.connections, self.seconds = connections, seconds

    @contextlib.contextmanager
    def running(self, server):
        """wrk at work; yields a function that waits for its report."""
        cpu_before = server.cpu_seconds()
        process = subprocess.Popen(
            ["wrk", f"-t{WRK_THREADS}", f"-c{self.connections}", f"-d{self.seconds}s", "--latency",
             "--timeout", f"{WRK_TIMEOUT}s", "-s", str(self.script), f"http://127.0.0.1:{server.port}"],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

        def report():
            try:
                printed, _ = process.communicate(timeout=self.seconds + WRK_TIMEOUT)
            except subprocess.TimeoutExpired:
                raise Failure("wrk does not end") from None
            match = re.search(r"^REPORT (.*)$", printed, flags=re.MULTILINE)
            if not match:
                raise Failure(f"wrk gave no report:\n{printed}")
            figures = json.loads(match[1])
            if not figures["requests"]:
                raise Failure(f"no search was answered:\n{printed}")
            return figures | {"server_cpu_seconds": round(server.cpu_seconds() - cpu_before, 2)}
        try:
            yield report
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()
            process.stdout.close()


class Memory:
    """The server's resident memory, every half second."""

    def __init__(self, server):
        self.server, self.samples, self.over = server, [], threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()

    def run(self):
        while (now := self.server.memory()) is not None:
            self.samples.append(now)
            if self.over.wait(SAMPLE_SECONDS):
                return


class Uploads:
    """Made-up documents, put one after the other on a few connections."""

    def __init__(self, count, seed):
        # The run's name makes paths and texts new to a workspace that has seen other runs.
        self.run = secrets.token_hex(4)
        self.folder = f"uploads-{self.run}/"
        self.generator = random.Random(f"{seed}/{self.run}")
        self.left = collections.deque(range(count))
        self.count = count
        self.sha256 = {}  # of every acknowledged document
        self.latencies, self.ended, self.errors = [], [], collections.Counter()
        self.began = None
        self.lock = threading.Lock()

    def made_up(self, number):
        with self.lock:
            size, parts = self.generator.randint(1000, 3000), [f"# Upload {number} of run {self.run}"]
            while sum(map(len, parts)) < size:
                opening = f"## Part {len(parts)} {secrets.token_hex(3)}\n\n"
                parts.append(opening + " ".join(sentence(self.generator) for _ in range(4)))
        return "\n\n".join(parts).encode()

    def one(self, client, number):
        path, text = f"{self.folder}{number:05}.md", self.made_up(number)
        for _ in range(UPLOAD_TRIES):
            started = time.monotonic()
            try:
                answer = client.put(WORKSPACE, path, text)
            except NO_ANSWER as error:
                self.errors[type(error).__name__] += 1
                return
            if answer.retry_after is None:
                break
            self.errors[f"status {answer.status}, tried again"] += 1
            time.sleep(min(2.0, answer.retry_after))
        if answer.status not in (200, 201):
            self.errors[f"status {answer.status}"] += 1
            return
        with self.lock:
            self.sha256[path] = hashlib.sha256(text).hexdigest()
            self.ended.append(time.monotonic())
            self.latencies.append(1000 * (self.ended[-1] - started))

    def work(self, port, key):
        with Client(port, key) as client:
            while self.left and time.monotonic() < self.began + UPLOADS_SECONDS:
                with contextlib.suppress(IndexError):
                    self.one(client, self.left.popleft())

    def start(self, port, key):
        self.began = time.monotonic()
        self.threads = [threading.Thread(target=self.work, args=(port, key), daemon=True) for _ in range(UPLOADERS)]
        for thread in self.threads:
            thread.start()

    def wait(self, load_seconds):
        """The report, once all were put; `load_seconds` is how long the searches went on beside them."""
        for thread in self.threads:
            thread.join(UPLOADS_SECONDS)
        self.errors.update({"not sent in time": len(self.left)} if self.left else {})
        beside = [moment for moment in self.ended if moment <= self.began + load_seconds]
        seconds = max(self.ended, default=self.began) - self.began
        return {
            "count": self.count, "acknowledged": len(self.sha256), "seconds": round(seconds, 2),
            "per_second": round(len(self.sha256) / seconds, 2) if seconds else None,
            "beside_searches": {
                "count": len(beside), "seconds": round(min(seconds, load_seconds), 2),
                "p50_ms": percentile(self.latencies[:len(beside)], 0.5),
                "p99_ms": percentile(self.latencies[:len(beside)], 0.99)},
            "p50_ms": percentile(self.latencies, 0.5), "p99_ms": percentile(self.latencies, 0.99),
            "errors": dict(self.errors)}

    @property
    def is_right(self):
        return len(self.sha256) == self.count


class Farewell:
    """Connections that ask and upload on and on while the server is told to end."""

    def __init__(self, keys, asked, seed):
        self.keys, self.asked = keys, asked
        self.uploads = Uploads(0, seed)
        self.requests = []  # (sent, answered or closed, what became of it)
        self.refused = 0

    def call(self, port, number):
        """Until the server takes no connection any more."""
        generator, deadline = random.Random(number), time.monotonic() + CALLING_SECONDS + STOP_SECONDS
        with Client(port, self.keys["read" if number < CALLERS else "write"], STOP_SECONDS) as client:
            while time.monotonic() < deadline:
                try:
                    if client.connection.sock is None:
                        client.connection.connect()
                except OSError:
                    self.refused += 1
                    return
                self.one(client, number, generator)

    def one(self, client, number, generator):
        upload = None
        if number >= CALLERS:
            upload = self.uploads.made_up(len(self.requests))
            path = f"{self.uploads.folder}{number}-{secrets.token_hex(4)}.md"
            method, target, body = "PUT", api_path(WORKSPACE, "documents", path), upload
        else:
            body = json.dumps({"query": generator.choice(self.asked)})
            method, target = "POST", api_path(WORKSPACE, "search")
        sent = time.monotonic()
        try:
            answer = client.send(method, target, body, "text/markdown" if upload else "application/json")
            result = self.judge(answer, upload)
        except TimeoutError:
            result = "no answer in time"
        except NO_ANSWER:
            result = "closed"
        self.requests.append((sent, time.monotonic(), result))
        if upload and result == "answered":
            self.uploads.sha256[path] = hashlib.sha256(upload).hexdigest()

    def judge(self, answer, upload):
        if answer.body is None:
            return "cut"
        if answer.status not in (200, 201):
            return f"status {answer.status}"
        try:
            value = json.loads(answer.body)
        except ValueError:
            return "cut"
        return "answered" if ("document" if upload else "hits") in value else "incomplete"

    def run(self, server):
        """SIGTERM amid the calls; the report of what became of them and of the server."""
        threads = [
            threading.Thread(target=self.call, args=(server.port, number), daemon=True)
            for number in range(CALLERS + UPLOADERS)]
        for thread in threads:
            thread.start()
        time.sleep(CALLING_SECONDS)
        told = time.monotonic()
        code = server.stop()
        seconds = time.monotonic() - told
        if code is None:
            server.kill()
        for thread in threads:
            thread.join(STOP_SECONDS + CALLING_SECONDS)
        under_way = [result for sent, ended, result in self.requests if sent < told - MARGIN_SECONDS and ended >= told]
        after = [result for sent, ended, result in self.requests if sent >= told - MARGIN_SECONDS]
        before = [result for _, ended, result in self.requests if ended < told]
        late = collections.Counter(after)
        wrong = collections.Counter(result for result in under_way + before if result != "answered")
        # A request that came too late may be closed or turned away, but an answer that has begun is finished.
        wrong.update(result for result in after if result not in ("answered", "closed", "status 503"))
        report = {
            "exit_code": code, "seconds": round(seconds, 3), "answered_before": before.count("answered"),
            "under_way": len(under_way), "under_way_answered": under_way.count("answered"),
            "sent_about_the_signal_or_later": dict(late), "connections_refused": self.refused, "wrong": dict(wrong)}
        report["ok"] = code == 0 and not wrong and len(under_way) > 0
        return report


def machine():
    with open("/proc/cpuinfo") as lines:
        model = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), None)
    # The load of the last minute, before anything was started: other people's.
    return {"cpu": model, "cores": len(os.sched_getaffinity(0)), "load_before": round(os.getloadavg()[0], 2)}


def commit():
    result = subprocess.run(
        ["git", "-C", str(ROOT), "describe", "--always", "--dirty", "--exclude=*", "--abbrev=12"],
        capture_output=True, text=True, timeout=10)
    return result.stdout.strip() or None


def prepare(carrel, corpus):
    """Ingests the corpus unless the workspace has documents."""
    there = {line["name"]: line for line in carrel.lines("admin", "list", "--json")}
    if there.get(WORKSPACE, {}).get("documents"):
        say(f"workspace {WORKSPACE}: {there[WORKSPACE]['documents']} documents, taken as they are")
        return
    say(f"ingesting {corpus}")
    done = carrel.attempt("ingest", str(corpus), "--workspace", WORKSPACE, "--create", seconds=INGEST_SECONDS)
    say(done.stdout.strip())
    if done.returncode not in (0, 1):  # 1: some documents could not be read
        raise Failure(f"ingest failed ({done.returncode}): {done.stderr[-2000:]}")


def warm_up(port, key, asked):
    """Every question once; each must be answered with hits."""
    with Client(port, key) as client:
        times = []
        for question in asked:
            started = time.monotonic()
            answer = client.json("POST", api_path(WORKSPACE, "search"), {"query": question})
            times.append(1000 * (time.monotonic() - started))
            if not answer["hits"] or not answer["searched"]["complete"]:
                raise Failure(f"the answer to {question!r} has no hits or is not complete: {answer['searched']}")
    return {"questions": len(asked), "p50_ms": round(statistics.median(times), 2), "p99_ms": percentile(times, 0.99)}


def measure(server, keys, asked, load, uploads, farewell):
    """Everything from the first start of the server to its end."""
    report = {"listening_seconds": round(server.wait_until_listening(), 3)}
    with Memory(server) as memory:
        rss = {"start": server.memory()}
        report["one_connection"] = warm_up(server.port, keys["read"], asked)
        with Client(server.port, keys["read"]) as client:
            workspace = client.json("GET", api_path(WORKSPACE))
        report["corpus"] = {"documents": workspace["document_count"], "chunks": workspace["chunk_count"]}
        rss["after_warm_up"] = server.memory()
        say(f"quiet: {load.seconds} s of searches")
        with load.running(server) as searches:
            report["quiet"] = searches()
        rss["after_quiet"] = server.memory()
        say(f"{load.seconds} s of searches with {uploads.count} uploads")
        with load.running(server) as searches:
            uploads.start(server.port, keys["write"])
            report["ingesting"] = searches()
            load_seconds = time.monotonic() - uploads.began
        report["uploads"] = uploads.wait(load_seconds)
        rss.update(end=server.memory(), peak=server.memory("VmHWM"))
        rss["max"] = max(*memory.samples, rss["end"])
        report["rss_mib"] = rss
    say("SIGTERM under load")
    report["shutdown"] = farewell.run(server)
    return report


def after_restart(server, keys, expected, folders):
    """Whether what was acknowledged is there. What is in these folders is then deleted."""
    server.wait_until_listening()
    with Client(server.port, keys["write"]) as client:
        found = client.documents(WORKSPACE)
        wrong = [path for path, sha256 in expected.items() if found.get(path, {}).get("sha256") != sha256]
        for path in found:
            if path.startswith(folders):
                answer = client.send("DELETE", api_path(WORKSPACE, "documents", path))
                if answer.status != 204:
                    raise Failure(f"DELETE {path}: {answer.status} {answer.body!r}")
    code = server.stop()
    return {
        "documents_expected": len(expected), "wrong": wrong[:20], "exit_code": code, "ok": not wrong and code == 0}


def bench(options, folder):
    # Figures of two processors are figures of one model.
    os.environ.setdefault("CARREL_PRECISION", "float32")
    generator = random.Random(options.seed)
    carrel = Carrel(options.carrel, options.data or folder / "data")
    asked = questions(options.corpus, generator)
    report = {
        "machine": machine(), "carrel": carrel.version(), "commit": commit(), "command": shlex.join(sys.argv),
        "seed": options.seed, "connections": options.connections}
    prepare(carrel, options.corpus)
    made = {permission: carrel.key(WORKSPACE, permission) for permission in ("read", "write")}
    keys = {permission: key["key"] for permission, key in made.items()}
    load = Load(folder, keys["read"], asked, options.connections, options.seconds)
    uploads, farewell = Uploads(options.ingest, options.seed), Farewell(keys, asked, options.seed)
    try:
        with open(folder / "serve.log", "wb") as log:
            with Server(carrel, log, SETTINGS) as server:
                report.update(measure(server, keys, asked, load, uploads, farewell))
            expected = uploads.sha256 | farewell.uploads.sha256
            with Server(carrel, log) as server:
                report["restart"] = after_restart(
                    server, keys, expected, (uploads.folder, farewell.uploads.folder))
    finally:
        for key in made.values():
            carrel.attempt("admin", "key", "revoke", key["id"])
    searches = [report["quiet"], report["ingesting"]]
    report["ok"] = (
        uploads.is_right and report["shutdown"]["ok"] and report["restart"]["ok"]
        and not any(figures["non_2xx"] or any(figures["errors"].values()) for figures in searches))
    return report


def summary(report):
    corpus, uploads, shutdown = report["corpus"], report["uploads"], report["shutdown"]
    beside = uploads["beside_searches"]
    say("\n{cpu}, {cores} cores, load {load_before} before; ".format(**report["machine"])
        + f"carrel {report['carrel']}; {corpus['documents']} documents, {corpus['chunks']} chunks; "
        f"{report['connections']} connections")
    for name in ("quiet", "ingesting"):
        figures = report[name]
        say(f"{name:10} {figures['requests']} searches, {figures['rps']:.0f}/s; p50 {figures['p50_ms']:.1f} ms, "
            f"p90 {figures['p90_ms']:.1f}, p99 {figures['p99_ms']:.1f}, max {figures['max_ms']:.1f}; "
            f"{figures['non_2xx']} not 2xx, {sum(figures['errors'].values())} errors; "
            f"{figures['server_cpu_seconds']} s of processor time")
    say(f"uploads    {uploads['acknowledged']} of {uploads['count']} in {uploads['seconds']} s; "
        f"p50 {uploads['p50_ms']} ms, p99 {uploads['p99_ms']}; {beside['count']} beside searches, "
        f"p50 {beside['p50_ms']} ms, p99 {beside['p99_ms']}; errors: {uploads['errors'] or 'none'}")
    if uploads["seconds"] < 0.9 * report["ingesting"]["seconds"]:
        say(f"           the uploads ended after {uploads['seconds']} s of {report['ingesting']['seconds']:.0f}: "
            "the row 'ingesting' is in part a quiet one; give more with --ingest")
    say("memory     " + ", ".join(f"{name} {value}" for name, value in report["rss_mib"].items()) + " MiB")
    say(f"shutdown   exit {shutdown['exit_code']} after {shutdown['seconds']} s, {shutdown['under_way_answered']} of "
        f"{shutdown['under_way']} requests under way answered; wrong: {shutdown['wrong'] or 'none'}")
    say(f"restart    {report['restart']['documents_expected']} documents looked for, "
        f"wrong: {report['restart']['wrong'] or 'none'}")
    say("all well" if report["ok"] else "NOT well")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("carrel")
    parser.add_argument("--corpus", type=pathlib.Path, default=ROOT / "Datasets" / "skerry")
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--ingest", type=int, default=500)
    parser.add_argument("--data", type=pathlib.Path)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if options.seconds < 1 or options.connections < WRK_THREADS:
        parser.error(f"--seconds must be at least 1, --connections at least {WRK_THREADS}")
    if not shutil.which("wrk"):
        say("bench_serve: wrk is missing; install it with: apt-get install wrk")
        sys.exit(2)
    end_on_signals()
    with tempfile.TemporaryDirectory(prefix="carrel-bench-serve-") as folder:
        folder = pathlib.Path(folder)
        try:
            report = bench(options, folder)
        except (Failure, *NO_ANSWER) as error:
            say(f"bench_serve: {error or repr(error)}")
            with contextlib.suppress(OSError):
                say("the end of the server's log:\n" + (folder / "serve.log").read_text(errors="replace")[-3000:])
            sys.exit(1)
    print(json.dumps(report, indent=2, sort_keys=True))
    summary(report)
    sys.exit(0 if report["ok"] else 1)


if __name__ == "__main__":
    main()
