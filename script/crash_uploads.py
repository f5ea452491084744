"""Kills 'carrel serve' with SIGKILL while documents are uploaded, and looks for what was lost or left half-written.

usage: crash_uploads.py CARREL [--kills N] [--seed S] [--keep]

Four connections create, edit, restore, repeat and delete made-up pages. What an answer acknowledged (2xx) must be there
after the restart, byte for byte, and be found; what was refused must not; what was under way when the server died may
be there or not, but whole. One restart in four is killed too. At the end 'carrel admin verify' must find nothing.
Exit code 1 if anything was lost, and also if no kill met an upload under way, as nothing would be proved then.
--keep leaves the data directory and the server's log in place if something is wrong.
"""

import argparse
import collections
import contextlib
import dataclasses
import functools
import hashlib
import json
import pathlib
import random
import shutil
import sys
import tempfile
import threading
import time

from serving import (
    NO_ANSWER, Carrel, Client, Failure, Server, api_path, end_on_signals, invented_words, sentence)

WRITERS = 4
PAGES_PER_WRITER = 15  # few enough that most are replaced several times in ten kills
ACKNOWLEDGED_MAX = 60  # the kill comes after a random number of answers up to this one,
MOMENT_MAX = 0.1  # and a random part of this many seconds;
WRITTEN_WAIT = 1.0  # every other kill then waits, so many seconds at most, for the database's log to be written,
WRITTEN_MOMENT_MAX = 0.004  # and comes within this many seconds, amid the transaction or before its answer;
UPLOADING_MAX = 15  # but it comes after this many seconds in any case
MODES = ["vector", "keyword"]
SEARCHES_MAX = 40  # for each restart
SEARCH_LIMIT = 10
PROBLEMS_SHOWN = 30
WORKSPACE = "w"


@dataclasses.dataclass(frozen=True)
class Content:
    """One text that was uploaded. The mark is a sentence that stands in no other."""
    sections: tuple
    mark: str

    @functools.cached_property
    def text(self):
        return "\n".join(self.sections).encode()

    @functools.cached_property
    def sha256(self):
        return hashlib.sha256(self.text).hexdigest()

    def edited(self, generator):
        """Another mark and another section; most passages stay, so that the upload is mostly commit."""
        mark = invented_words(generator, 10)
        sections = [marked(mark) if self.mark in section else section for section in self.sections]
        others = [number for number, section in enumerate(self.sections) if number and self.mark not in section]
        sections[generator.choice(others)] = made_up_section(generator)
        return Content(tuple(sections), mark)


def marked(mark):
    # Twice, and in a section of its own: a passage that is mostly the mark is what a search for it finds first.
    return f"## Mark\n\n{mark}. {mark}.\n"


def made_up_section(generator):
    sentences = [sentence(generator) for _ in range(generator.randint(2, 6))]
    return f"## Part {invented_words(generator, 1)}\n\n" + " ".join(sentences) + "\n"


def made_up(path, generator):
    count = generator.randint(*generator.choices([(2, 5), (6, 15), (16, 40)], [6, 3, 1])[0])
    mark = invented_words(generator, 10)
    sections = [f"# Page {path}\n", *(made_up_section(generator) for _ in range(count))]
    sections.insert(generator.randint(1, count + 1), marked(mark))
    return Content(tuple(sections), mark)


@dataclasses.dataclass
class Page:
    """What the answers so far allow to be found at a path. None stands for no document."""
    path: str
    acknowledged: Content | None = None
    unknown: list = dataclasses.field(default_factory=list)  # one Content or None, of a write that got no answer
    version: int = 0  # of what was acknowledged, 0 if no answer said it; what comes later has a higher one
    former: list = dataclasses.field(default_factory=list)  # contents that must not be found any more

    @property
    def allowed(self):
        return [self.acknowledged, *self.unknown]

    def acknowledge(self, content, version):
        self.former = [some for some in [*self.former, self.acknowledged] if some and some != content]
        self.acknowledged, self.version, self.unknown = content, version, []

    def settle(self, content, version):
        """What was found after a restart is from then on what must be there."""
        self.former += [some for some in self.unknown if some and some not in self.former]
        self.acknowledge(content, version)


def is_version_right(version, acknowledged, is_new):
    """Whether a document may have this version, if it was acknowledged with that one (0: not known) before."""
    return version > acknowledged if is_new else version == acknowledged or acknowledged == 0


class Writer:
    """One connection's uploads to pages of its own, one after the other, until the server dies."""

    def __init__(self, number, seed):
        self.generator = random.Random(f"{seed}/{number}")
        self.pages = [Page(f"shelf-{number}/page-{page:02}.md") for page in range(PAGES_PER_WRITER)]
        self.counts = collections.Counter()
        self.touched = []
        self.problems = []
        self.broken_at = None
        self.acknowledged = 0

    def run(self, port, key, stop):
        self.counts.clear()
        self.touched, self.problems, self.broken_at, self.acknowledged = [], [], None, 0
        try:
            with Client(port, key) as client:
                while self.broken_at is None and not stop.is_set():
                    self.write(client, self.generator.choice(self.pages), stop)
        except Exception as error:  # a thread's exception would end on standard error, and the run would pass
            self.problems.append(f"writer: {error!r}")

    def write(self, client, page, stop):
        before, luck = page.acknowledged, self.generator.random()
        if before and luck < 0.12:
            kind, content = "deleted", None
        elif before and luck < 0.2:
            kind, content = "unchanged", before
        elif before and luck < 0.6:
            kind, content = "replaced", before.edited(self.generator)
        elif page.former and luck < 0.8:
            # Its passages are embedded already, so this too is mostly commit.
            kind, content = "replaced" if before else "created", self.generator.choice(page.former)
        else:
            kind, content = "replaced" if before else "created", made_up(page.path, self.generator)
        self.touched.append(page)
        try:
            if content:
                answer = client.put(WORKSPACE, page.path, content.text)
            else:
                answer = client.send("DELETE", api_path(WORKSPACE, "documents", page.path))
        except NO_ANSWER:
            self.broken_at = time.monotonic()
            page.unknown = [content]
            self.counts["unknown"] += 1
            return
        if 200 <= answer.status < 300:
            self.counts[kind] += 1
            self.acknowledged += 1
            page.acknowledge(content, self.version(page, kind, content, answer))
            if answer.body is None:  # acknowledged by its head, and then the server died
                self.broken_at = time.monotonic()
        else:
            self.refused(page, content, answer, stop)

    def version(self, page, kind, content, answer):
        """The version that the answer names, compared with what was sent and what was there."""
        if content is None or answer.body is None:
            return 0
        document = json.loads(answer.body)["document"]
        expected = (content.sha256, len(content.text), page.path)
        found = (document["sha256"], document["byte_count"], document["path"])
        if found != expected:
            self.problems.append(f"{page.path}: the answer says {found}, expected {expected}")
        if not is_version_right(document["version"], page.version, kind != "unchanged"):
            self.problems.append(f"{page.path}: {kind} gives version {document['version']} after {page.version}")
        return document["version"]

    def refused(self, page, content, answer, stop):
        self.counts["refused"] += 1
        self.counts[f"status {answer.status}"] += 1
        if answer.retry_after is not None:  # turned away for a moment
            stop.wait(min(1.0, answer.retry_after))
            return
        self.problems.append(f"{page.path}: {answer.status} {answer.body!r}")
        if answer.status >= 500:
            # An error of the server's own: it may have come before the commit or after.
            page.unknown = [content]


class Inspection:
    """Compares all that a restarted server gives with what the pages allow, and settles the pages on it."""

    def __init__(self, carrel, client, pages, spoiled):
        self.carrel, self.client, self.spoiled = carrel, client, spoiled
        self.pages = {page.path: page for page in pages}
        self.problems = []
        self.chunk_count = self.search_count = self.applied = 0
        self.documents = client.documents(WORKSPACE)

    def run(self, touched, generator):
        for path in self.documents.keys() - self.pages.keys() - self.spoiled:
            self.problems.append(f"{path}: never uploaded, and there")
        for page in list(self.pages.values()):
            self.document(page)
        self.chunks()
        self.totals()
        self.searches(touched, generator)

    def get(self, kind, path):
        return self.client.send("GET", api_path(WORKSPACE, kind, path))

    def document(self, page):
        listed = self.documents.get(page.path)
        answers = {kind: self.get(kind, page.path) for kind in ("documents", "originals")}
        statuses = [answer.status for answer in answers.values()]
        sha256 = listed and listed["sha256"]
        matching = [some for some in page.allowed if (some and some.sha256) == sha256]
        if not matching:
            what = f"has sha256 {sha256}, version {listed['version']}" if listed else "is lost"
            allowed = " or ".join(some.sha256 if some else "no document" for some in page.allowed)
            self.problems.append(f"{page.path}: {what}; allowed: {allowed}; acknowledged version {page.version}")
            self.spoiled.add(page.path)
            del self.pages[page.path]
            return
        content = matching[0]
        if statuses != ([404, 404] if content is None else [200, 200]):
            self.problems.append(f"{page.path}: documents and originals answer {statuses}, the listing says {listed}")
        elif content:
            self.compare(page, content, listed, *(answer.body for answer in answers.values()))
        self.applied += content != page.acknowledged
        page.settle(content, listed["version"] if listed else 0)

    def compare(self, page, content, listed, document, original):
        document = json.loads(document)
        if any(document[name] != listed[name] for name in document.keys() & listed.keys()):
            self.problems.append(f"{page.path}: listed as {listed}, by itself {document}")
        if original != content.text:
            self.problems.append(f"{page.path}: the original's {len(original)} bytes are not the uploaded ones")
        if listed["byte_count"] != len(content.text):
            self.problems.append(f"{page.path}: byte_count {listed['byte_count']}, uploaded {len(content.text)}")
        if not is_version_right(listed["version"], page.version, content != page.acknowledged):
            self.problems.append(f"{page.path}: version {listed['version']} after acknowledged {page.version}")

    def chunks(self):
        """Every document's chunks are of its one version, as many as it says, and quote its bytes."""
        counts = collections.Counter()
        for chunk in self.carrel.lines("admin", "chunks", "--workspace", WORKSPACE):
            counts[chunk["path"]] += 1
            self.citation(chunk, "chunk")
        self.chunk_count = counts.total()
        for path, document in self.documents.items():
            if counts[path] != document["chunk_count"] or not counts[path]:
                self.problems.append(f"{path}: {counts[path]} chunks, the document says {document['chunk_count']}")

    def citation(self, citation, where):
        path, document = citation["path"], self.documents.get(citation["path"])
        page = self.pages.get(path)
        if document is None:
            self.problems.append(f"{path}: a {where} of a document that is not there: {citation}")
        elif citation["version"] != document["version"]:
            self.problems.append(f"{path}: a {where} of version {citation['version']}, live is {document['version']}")
        elif page and page.acknowledged:
            quoted = page.acknowledged.text[citation["byte_start"]:citation["byte_end"]]
            if hashlib.sha256(quoted).hexdigest() != citation["sha256"]:
                self.problems.append(f"{path}: a {where} quotes other bytes than the document's: {citation}")

    def totals(self):
        workspace = self.client.json("GET", api_path(WORKSPACE))
        expected = (len(self.documents), self.chunk_count)
        found = (workspace["document_count"], workspace["chunk_count"])
        if found != expected:
            self.problems.append(f"the workspace counts {found} documents and chunks, expected {expected}")

    def is_of(self, hit, content):
        """Whether it is a document's that holds this content now: it may have been moved there."""
        page = self.pages.get(hit["citation"]["path"])
        return page is not None and page.acknowledged == content

    def searches(self, touched, generator):
        """First what the last run of the server wrote, then others; in between what must not be found any more."""
        recent = {page.path: page for page in touched if page.path in self.pages}
        others = [page for path, page in self.pages.items() if path not in recent]
        sample = [generator.sample(group, len(group)) for group in (list(recent.values()), others)]
        for page in (sample[0] + sample[1])[:SEARCHES_MAX]:
            for mode in MODES:
                self.search_by(mode, page)

    def search_by(self, mode, page):
        if page.acknowledged:
            hits = self.search(page.acknowledged.mark, mode)
            if page.path not in [hit["citation"]["path"] for hit in hits]:
                self.problems.append(f"{page.path}: not among the first {len(hits)} hits for its own mark ({mode})")
        for content in page.former[-1:]:
            hits = self.search(content.mark, mode)
            if any(content.mark in hit["text"] and not self.is_of(hit, content) for hit in hits):
                self.problems.append(f"{page.path}: a search finds a text that was replaced or deleted ({mode})")

    def search(self, query, mode="vector"):
        self.search_count += 1
        value = {"query": query, "limit": SEARCH_LIMIT, "mode": mode}
        answer = self.client.json("POST", api_path(WORKSPACE, "search"), value)
        if not answer["searched"]["complete"]:
            self.problems.append(f"a search was not complete: {answer['searched']}")
        for hit in answer["hits"]:
            self.citation(hit["citation"], "hit")
        return answer["hits"]


class Trial:
    def __init__(self, options, folder):
        self.generator = random.Random(options.seed)
        self.carrel = Carrel(options.carrel, folder / "data")
        self.log = folder / "serve.log"
        self.writers = [Writer(number, options.seed) for number in range(WRITERS)]
        self.totals = collections.Counter()
        self.problems = []
        self.spoiled = set()  # paths at which something was wrong, and which cannot be judged any further
        self.carrel.run("admin", "create", WORKSPACE)
        self.key = self.carrel.key(WORKSPACE, "write")["key"]

    def report(self, problems, where):
        for problem in problems[:PROBLEMS_SHOWN]:
            print(f"  {where}: {problem}")
        self.problems += problems

    def start(self, log, stack):
        """A server that listens. One start in four is killed on its way, and started again."""
        if self.totals["kills"] and self.generator.random() < 0.25:
            with Server(self.carrel, log) as server:
                time.sleep(self.generator.uniform(0, 0.3))
                server.kill()
            self.totals["killed while starting"] += 1
        server = stack.enter_context(Server(self.carrel, log))
        return server, server.wait_until_listening()

    def write_and_kill(self, server):
        stop = threading.Event()
        threads = [
            threading.Thread(target=writer.run, args=(server.port, self.key, stop), daemon=True)
            for writer in self.writers]
        wanted, moment = self.generator.randint(0, ACKNOWLEDGED_MAX), self.generator.uniform(0, MOMENT_MAX)
        started = time.monotonic()
        for thread in threads:
            thread.start()
        try:
            while (sum(writer.acknowledged for writer in self.writers) < wanted
                    and time.monotonic() < started + UPLOADING_MAX and server.process.poll() is None):
                time.sleep(0.001)
            time.sleep(moment)
            if self.totals["kills"] % 2:
                self.await_writing()
            killed_at = server.kill()
        finally:
            stop.set()
        for thread in threads:
            thread.join(5)  # the system has closed their connections
        problems = [problem for writer in self.writers for problem in writer.problems]
        problems += ["a connection broke before the server was killed" for writer in self.writers
                     if writer.broken_at and writer.broken_at < killed_at]
        problems += ["a writer does not end" for thread in threads if thread.is_alive()]
        return killed_at - started, sum((writer.counts for writer in self.writers), collections.Counter()), problems

    def await_writing(self):
        logs = list(pathlib.Path(self.carrel.data).glob("workspaces/*/workspace.sqlite-wal"))
        before, deadline = [log.stat().st_mtime_ns for log in logs], time.monotonic() + WRITTEN_WAIT
        while [log.stat().st_mtime_ns for log in logs] == before and time.monotonic() < deadline:
            time.sleep(0.0002)
        time.sleep(self.generator.uniform(0, WRITTEN_MOMENT_MAX))

    def inspect(self, server):
        pages = [page for writer in self.writers for page in writer.pages]
        with Client(server.port, self.key) as client:
            inspection = Inspection(self.carrel, client, pages, self.spoiled)
            inspection.run([page for writer in self.writers for page in writer.touched], self.generator)
        for writer in self.writers:
            writer.pages = [page for page in writer.pages if page.path not in self.spoiled]
        return inspection

    def round(self, log, server, stack):
        """Uploads, a kill, a restart and the inspection; returns the restarted server."""
        seconds, counts, problems = self.write_and_kill(server)
        self.totals["kills"] += 1
        number = self.totals["kills"]
        self.report(problems, f"before kill {number}")
        server, back = self.start(log, stack)
        inspection = self.inspect(server)
        acknowledged = sum(counts[kind] for kind in ("created", "replaced", "unchanged", "deleted"))
        refusals = ", ".join(f"{name}: {count}" for name, count in sorted(counts.items()) if name.startswith("status"))
        print(
            f"kill {number} after {seconds:.2f} s: {acknowledged} acknowledged ({counts['created']} created, "
            f"{counts['replaced']} replaced, {counts['unchanged']} unchanged, {counts['deleted']} deleted), "
            f"{counts['refused']} refused{f' ({refusals})' if refusals else ''}, {counts['unknown']} unknown "
            f"({inspection.applied} there); listening again after {back:.2f} s with {len(inspection.documents)} "
            f"documents, {inspection.chunk_count} chunks; {inspection.search_count} searches; "
            f"{len(inspection.problems)} problems", flush=True)
        self.report(inspection.problems, f"after kill {number}")
        self.totals.update(
            acknowledged=acknowledged, refused=counts["refused"], unknown=counts["unknown"],
            applied=inspection.applied, searches=inspection.search_count)
        return server

    def run(self, kills):
        with open(self.log, "wb") as log, contextlib.ExitStack() as stack:
            server, _ = self.start(log, stack)
            for _ in range(kills):
                server = self.round(log, server, stack)
            code = server.stop()
            if code != 0:
                self.report([f"'carrel serve' ended with {code} after SIGTERM (None: it did not end)"], "at the end")
        verified = self.carrel.attempt("admin", "verify", "--workspace", WORKSPACE)
        print((verified.stdout + verified.stderr).strip())
        if verified.returncode != 0:
            self.report([f"'carrel admin verify' exits {verified.returncode}"], "at the end")
        if not self.totals["acknowledged"] or not self.totals["unknown"]:
            self.report(["no kill met an upload under way, or none was acknowledged: nothing is proved"], "at the end")

    def summary(self):
        totals = self.totals
        print(
            f"{totals['kills']} kills and {totals['killed while starting']} while starting, "
            f"{totals['acknowledged']} writes acknowledged, {totals['refused']} refused, {totals['unknown']} under way "
            f"({totals['applied']} of them there), {totals['searches']} searches: {len(self.problems)} problems")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("carrel")
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", action="store_true")
    options = parser.parse_args()
    end_on_signals()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="carrel-crash-uploads-"))
    is_right = False
    try:
        trial = Trial(options, folder)
        try:
            trial.run(options.kills)
        except (Failure, *NO_ANSWER) as error:
            trial.report([str(error) or repr(error)], "given up")
        trial.summary()
        is_right = not trial.problems
        if not is_right:
            print("the end of the server's log:")
            print(trial.log.read_text(errors="replace")[-4000:])
    except Failure as error:
        print(error)
    except KeyboardInterrupt:
        print("interrupted")
    finally:
        if options.keep and not is_right:
            print("kept:", folder)
        else:
            shutil.rmtree(folder, ignore_errors=True)
    sys.exit(0 if is_right else 1)


if __name__ == "__main__":
    main()
