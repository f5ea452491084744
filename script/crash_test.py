"""Kills Carrel a thousand times and looks for what was lost, came back, was mixed or is cited wrongly.

usage: crash_test.py CARREL SHIM [--kills N] [--seed S] [--lanes L] [--keep] [--fault no-fsync|late-fsync] [--expect]

Random documents are put, uploaded, replaced, moved and deleted over HTTP and ingested from a folder, while the index is sealed,
compacted, trained and rebuilt, garbage is collected, the workspace moves to another model, and other workspaces come
and go. Processes die

  operations  at a random operation on a file, before, amid or behind it (Tests/CrashShim/shim.c)
  failpoint   at every moment that 'carrel admin failpoints' names
  starting    while they recover from the last kill
  idle        with nothing under way, where the failpoint or the operation was not reached

and in half of the cases the power goes with them: of what was not synced any part is lost (script/crash/disk.py). At
other times the disk is full or fails for a while: the server has to answer with errors, and to go on afterwards. After
every restart an auditor with its own books (script/crash/audit.py) compares all that is there, and 'carrel admin
verify' must find nothing.

The seed is printed; the same seed makes the same choices, as far as the processes' own threads allow. Exit code 1 if
anything is wrong; --keep leaves the data directory then. --fault breaks the build's syncs, and --expect turns the
verdict round: it must be caught.
"""

import argparse
import collections
import contextlib
import multiprocessing
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time

from crash.audit import Audit, Searcher
from crash.disk import Disk
from crash.shim import FAULTS, FOREVER, Shim
from crash.workload import VERBS, WORKSPACE, Writer, operations_of, verbs_of, wait_for_jobs
from crash_uploads import Page
from serving import NO_ANSWER, Carrel, Client, Failure, Server, api_path, end_on_signals

WRITERS = 3
FOLDER_PAGES = 6
KILLS_PER_FOLDER = 25  # then a fresh one, so that a mistake does not hide behind an old one
OPERATIONS_MAX = 300  # file operations until a kill: an upload makes some twenty
START_OPERATIONS_MAX = 8
START_MOMENT_MAX = 0.2  # seconds
VERB_OPERATIONS_MAX = 120
FAILING_MAX = 120  # file operations that fail one after the other
SECONDS_MAX = 8  # of writing until a kill that does not come
VERB_SECONDS = 60
AFTER_ILLNESS = 3  # writes that must go well once the disk is well again
ILLNESS_SECONDS = 20
POWER_SHARE = 0.5
UNRECORDED_MAX = 4  # names that two processes killed between an operation and its record can leave
PROBLEMS_SHOWN = 20
# Small, so that a few documents make segments to compact and enough of them to train a quantizer.
SETTINGS = {
    "CARREL_MODEL": "test", "CARREL_INDEX_TAIL_ROWS": "16", "CARREL_INDEX_TRAINING_ROWS": "48",
    "CARREL_LOG_LEVEL": "error", "OPENBLAS_NUM_THREADS": "1"}


# What is cleared away there is left behind by a kill at another one.
REACHED_AFTER = {"discard-written": "version-durable", "sweep-unlinked": "segment-sealed"}


class ShimmedCarrel(Carrel):
    """Every command under the shim."""

    def __init__(self, binary, data, environment):
        super().__init__(binary, data)
        self.environment = {**os.environ, **SETTINGS, **environment}

    def attempt(self, *arguments, seconds=VERB_SECONDS, settings=None):
        try:
            return subprocess.run(
                self.command(*arguments), capture_output=True, text=True, timeout=seconds,
                env={**self.environment, **(settings or {})})
        except subprocess.TimeoutExpired:
            raise Failure(f"no end after {seconds} s: carrel {' '.join(arguments)}") from None


class Plan:
    """What the next kill is to be."""

    def __init__(self, mode, verb=None, failpoint=None, hit=1):
        self.mode, self.verb, self.failpoint, self.hit = mode, verb, failpoint, hit

    @property
    def settings(self):
        return {"CARREL_FAILPOINT": f"{self.failpoint}:{self.hit}"} if self.failpoint else {}

    def __str__(self):
        parts = [self.mode, self.verb and self.verb.name, self.failpoint and f"{self.failpoint}:{self.hit}"]
        return " ".join(part for part in parts if part)


class Lane:
    """One data directory after the other, killed again and again."""

    def __init__(self, number, options, scratch, failpoints, total):
        self.number, self.options, self.total = number, options, total
        self.generator = random.Random(f"{options.seed}/{number}")
        self.scratch = scratch / f"lane-{number}"
        self.scratch.mkdir()
        self.log_path = self.scratch / "serve.log"
        self.failpoints = list(failpoints)
        self.generator.shuffle(self.failpoints)
        self.waiting = collections.deque(self.failpoints)
        self.planned = collections.deque()
        self.folder_count = 0
        self.workspace_count = 0
        self.is_wrong = False

    # A data directory

    def open_folder(self):
        self.planned.clear()
        self.folder_count += 1
        self.folder = self.scratch / f"folder-{self.folder_count}"
        self.folder.mkdir()
        self.shim = Shim(self.options.shim, self.folder / "data", self.folder)
        self.carrel = ShimmedCarrel(self.options.carrel, self.folder / "data", self.shim.environment)
        (self.folder / "data").mkdir()
        self.disk = Disk(self.folder / "data", self.shim.journal)
        self.writers = [Writer(number, f"{self.options.seed}/{self.number}/{self.folder_count}")
                        for number in range(WRITERS)]
        self.folder_pages = [Page(f"folder/page-{number:02}.md") for number in range(FOLDER_PAGES)]
        self.spoiled, self.others = set(), {}
        self.carrel.run("admin", "create", WORKSPACE)
        self.key = self.carrel.key(WORKSPACE, "write")["key"]
        self.shim.break_syncs(self.options.fault)

    def close_folder(self):
        self.shim.close()
        if not (self.is_wrong and self.options.keep):
            shutil.rmtree(self.folder, ignore_errors=True)

    def model(self):
        with Client(self.server.port, self.key) as client:
            model = client.json("GET", api_path(WORKSPACE)).get("model")
        return model["id"] if model else SETTINGS["CARREL_MODEL"]

    # What is next

    def plan(self):
        """Half of the kills are at failpoints while some wait to be visited."""
        if self.planned:
            return self.planned.popleft()
        luck = self.generator.random()
        if self.waiting and luck < 0.45:
            failpoint = self.waiting.popleft()
            before = REACHED_AFTER.get(failpoint)
            if before:
                kind = verbs_of(failpoint)[0]
                self.planned.append(Plan("failpoint", kind and kind(self), failpoint))
                return Plan("failpoint", None, before)
            kind = self.generator.choice(verbs_of(failpoint))
            hit = 1 if kind or failpoint.startswith(("quantizer", "segment")) else self.generator.randint(1, 4)
            return Plan("failpoint", kind and kind(self), failpoint, hit)
        if not self.waiting:
            self.waiting.extend(self.failpoints)
        if luck < 0.75:
            return Plan("operations")
        if luck < 0.88:
            return Plan("operations", self.generator.choice(VERBS)(self))
        return Plan("illness")

    # A cycle

    def run(self, kills):
        left = kills
        with open(self.log_path, "wb") as log:
            while left > 0 and not self.is_wrong:
                self.open_folder()
                try:
                    left -= self.kill_folder(min(left, KILLS_PER_FOLDER), log)
                except (Failure, *NO_ANSWER, ValueError, KeyError) as error:
                    self.report([f"given up: {error!r}"], "the harness")
                finally:
                    self.close_folder()

    def kill_folder(self, kills, log):
        done = 0
        self.server = None
        with contextlib.ExitStack() as stack:
            plan = self.plan()
            self.server = self.start(stack, log, plan)
            while done < kills and not self.is_wrong:
                done += 1
                started = time.monotonic()
                what = self.execute(plan)
                self.shim.disarm()
                loses = self.generator.random() < POWER_SHARE
                self.after_kill(loses)
                done += self.start_killed(log)
                plan = self.plan()
                self.server = self.start(stack, log, plan)
                audit = self.audit_alive(stack, log, plan)
                self.tell(f"{what}{' and power' if loses else ''}", audit, time.monotonic() - started)
        return done

    def tell(self, what, audit, seconds):
        self.total["kills"] += 1
        self.total[f"mode: {what.split()[0].strip(',')}{' and power' if what.endswith(' and power') else ''}"] += 1
        writers = sum((writer.counts for writer in self.writers), collections.Counter())
        print(f"lane {self.number} kill {self.total['kills']} ({what}) {seconds:.1f} s: {dict(writers)}; "
              f"{len(audit.documents)} documents, {audit.chunk_count} chunks, {audit.search_count} searches, "
              f"{len(audit.problems)} problems", flush=True)
        for writer in self.writers:
            self.total["acknowledged"] += writer.acknowledged
            self.total["in doubt"] += writer.counts["in doubt"]
            writer.forget()

    def start(self, stack, log, plan):
        """A server that listens; if it dies at the plan's failpoint on its way, that was a kill too."""
        for settings in ({} if plan.verb else plan.settings, {}):
            server = stack.enter_context(Server(self.carrel, log, {**self.carrel.environment, **settings}))
            try:
                server.wait_until_listening()
                self.operations = operations_of(server.port, self.key)
                return server
            except (Failure, *NO_ANSWER):
                # A job that it took up may have brought it to the failpoint before it was asked anything.
                with contextlib.suppress(subprocess.TimeoutExpired):
                    server.process.wait(0.5)
                if server.process.poll() != -9 or not settings:
                    raise
                self.count_kill(plan)
                self.after_kill(False)
        raise Failure("no server")

    def start_killed(self, log):
        """One restart in six is killed on its way, or while it answers the first question; returns 1 then."""
        if self.generator.random() > 1 / 6:
            return 0
        self.shim.kill_after(self.generator.randint(1, START_OPERATIONS_MAX), self.generator.randint(0, 2))
        with Server(self.carrel, log, self.carrel.environment) as server:
            if self.generator.random() < 0.5:
                time.sleep(self.generator.uniform(0, START_MOMENT_MAX))
            else:
                with contextlib.suppress(Failure, *NO_ANSWER):
                    server.wait_until_listening()
                    with Client(server.port, self.key) as client:
                        client.json("POST", api_path(WORKSPACE, "search"), {"query": "anchor"})
        self.shim.disarm()
        self.after_kill(self.generator.random() < POWER_SHARE)
        self.total["kills"] += 1
        self.total["mode: starting"] += 1
        return 1

    def visited(self, failpoint):
        self.total[f"failpoint: {failpoint}"] += 1

    def after_kill(self, loses_power):
        if self.server and self.server.process.poll() is None:
            self.server.kill()
        self.disk.follow()
        unknown = self.disk.adopt()
        if unknown > UNRECORDED_MAX:
            self.report([f"{unknown} names differ from the journal"], "the harness")
        if loses_power:
            self.total["power cuts"] += 1
            self.total["changed by power cuts"] += self.disk.cut_power(self.generator)

    # The kinds of a kill

    def execute(self, plan):
        """Writes until something has died. Returns what it was, in words."""
        if plan.verb:
            return self.kill_verb(plan)
        if plan.mode == "operations":
            self.shim.kill_after(self.generator.randint(1, OPERATIONS_MAX), self.generator.randint(0, 2))
        elif plan.mode == "illness":
            return self.fall_ill()
        died = self.write(lambda: self.server.process.poll() is not None, SECONDS_MAX)
        if plan.failpoint:
            if died:
                self.visited(plan.failpoint)
            else:
                self.waiting.append(plan.failpoint)
                return f"idle, {plan.failpoint} not reached"
        return str(plan) if died else "idle"

    def kill_verb(self, plan):
        # First some writing, so that there is something to do.
        target = self.generator.randint(2, 20)
        self.write(lambda: sum(writer.acknowledged for writer in self.writers) >= target, SECONDS_MAX)
        plan.verb.prepare()
        arguments = plan.verb.arguments()
        if not plan.failpoint:
            self.shim.kill_after(self.generator.randint(1, VERB_OPERATIONS_MAX), self.generator.randint(0, 2))
        result = self.carrel.attempt(*arguments, settings=plan.settings)
        plan.verb.ended(result.returncode == 0)
        self.total["acknowledged"] += result.returncode == 0
        died = result.returncode == -9
        if plan.failpoint:
            if died:
                self.visited(plan.failpoint)
            else:
                self.waiting.append(plan.failpoint)
        if result.returncode not in (0, -9) and self.server.process.poll() is None:
            self.total[f"verb refused: {plan.verb.name}"] += 1
            if self.options.keep:
                print(f"refused: {' '.join(arguments)}: {result.stderr.strip()}")
        return str(plan) if died else f"idle, {plan} ended {result.returncode}"

    def fall_ill(self):
        """The disk fails for a while; then writes must go well again, and then comes the kill."""
        error = self.generator.choice(("ENOSPC", "EIO"))
        count = self.generator.randint(1, FAILING_MAX)
        self.shim.fail_after(self.generator.randint(1, OPERATIONS_MAX // 3), FOREVER, error, self.generator.random() < 0.5)
        self.shim.set("fail_until", self.shim.get("fail_from") + count)
        deadline = time.monotonic() + ILLNESS_SECONDS / 2
        ill_until = self.shim.get("fail_until")

        def well():
            if time.monotonic() > deadline:
                self.shim.set("fail_from", 0)
            return self.shim.get("fail_from") == 0 or self.shim.get("count") >= ill_until
        self.write(well, ILLNESS_SECONDS, is_ill=lambda: not well())
        self.shim.disarm()
        if self.server.process.poll() is not None:
            self.report([f"the server ended, {self.server.process.returncode}, on {error}"], "illness")
            return f"illness {error}"
        before = sum(writer.acknowledged for writer in self.writers)
        for writer in self.writers:
            # A document in doubt is not written to until it has been looked at: look now, before anything else.
            self.settle(writer)
        self.write(lambda: sum(w.acknowledged for w in self.writers) >= before + AFTER_ILLNESS, SECONDS_MAX)
        if sum(writer.acknowledged for writer in self.writers) < before + AFTER_ILLNESS:
            self.report([f"no write went well in {SECONDS_MAX} s after {error}"], "illness")
        return f"illness {error}"

    def settle(self, writer):
        with Client(self.server.port, self.key) as client:
            self.report(wait_for_jobs(client), "illness")
            for page in writer.pages:
                if not page.unknown:
                    continue
                answer = client.send("GET", api_path(WORKSPACE, "originals", page.path))
                content = next((some for some in page.allowed if answer.body == (some and some.text)), None)
                if answer.status == 404 and None in page.allowed:
                    page.settle(None, 0)
                elif answer.status == 200 and content:
                    page.settle(content, 0)
        # Looked at now: what comes after may delete and replace what was moved.
        halves = [effect for effect in writer.moves if len({page.acknowledged == content for page, content in effect}) > 1]
        self.report([f"half a move: {' to '.join(page.path for page, _ in effect)}" for effect in halves], "illness")
        writer.moves = []

    def write(self, is_enough, seconds, is_ill=lambda: False):
        """All writers and a searcher, until the server has died or `is_enough`; returns whether it has died."""
        stop = threading.Event()
        operations = self.operations
        searcher = Searcher(random.Random(self.generator.random()))
        threads = [threading.Thread(target=writer.run, args=(self.server.port, self.key, operations, stop, is_ill),
                                    daemon=True) for writer in self.writers]
        threads.append(threading.Thread(target=self.search, args=(searcher, stop), daemon=True))
        for thread in threads:
            thread.start()
        deadline = time.monotonic() + seconds
        while (not is_enough() and self.server.process.poll() is None and time.monotonic() < deadline
               and any(thread.is_alive() for thread in threads[:-1])):
            time.sleep(0.002)
        stop.set()
        for thread in threads:
            thread.join(30)
        problems = searcher.problems + [problem for writer in self.writers for problem in writer.problems]
        problems += ["a writer does not end" for thread in threads if thread.is_alive()]
        died = self.server.process.poll() is not None or any(w.is_cut_off for w in self.writers) and self.has_died()
        problems += ["a connection broke, and the server lives" for w in self.writers if w.is_cut_off and not died]
        for writer in self.writers:
            writer.problems = []
        self.report(problems, "while writing")
        self.total["searches meanwhile"] += searcher.count
        return died

    def search(self, searcher, stop):
        with contextlib.suppress(*NO_ANSWER), Client(self.server.port, self.key) as client:
            searcher.run(client, [page for writer in self.writers for page in writer.pages], stop)

    def audit_alive(self, stack, log, plan):
        """The audit; a server that dies amid it, at a failpoint of its maintenance, is started again."""
        try:
            return self.audit()
        except (Failure, *NO_ANSWER):
            if not plan.failpoint or not self.has_died():
                raise
        self.count_kill(plan)
        self.after_kill(False)
        self.server = self.start(stack, log, plan)
        return self.audit()

    def has_died(self):
        """A connection breaks a moment before its process can be waited for."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.server.process.wait(0.5)
        return self.server.process.poll() is not None

    def count_kill(self, plan):
        """The plan was carried out early; what is left of it is another kill."""
        self.visited(plan.failpoint)
        self.total["kills"] += 1
        self.total[f"mode: {plan.mode}"] += 1
        plan.mode, plan.failpoint = "operations", None

    def audit(self):
        pages = [page for writer in self.writers for page in writer.pages] + self.folder_pages
        touched = [page for writer in self.writers for page in writer.touched]
        moves = [effect for writer in self.writers for effect in writer.moves]
        promises = [promise for writer in self.writers for promise in writer.promises]
        with Client(self.server.port, self.key) as client:
            try:
                audit = Audit(self.carrel, client, pages, self.spoiled)
                audit.run(touched, self.generator, moves, self.others, promises=promises)
            except Failure as error:
                if self.has_died():
                    raise
                self.report([f"cannot be read: {error}"], "the auditor")
                raise
        self.total["checks"] += audit.check_count
        self.report(audit.problems, "the auditor")
        return audit

    def report(self, problems, where):
        for problem in problems[:PROBLEMS_SHOWN]:
            print(f"VIOLATION lane {self.number}, {where}: {problem}", flush=True)
        self.total["violations"] += len(problems)
        self.total["found by the auditor"] += len(problems) if where == "the auditor" else 0
        self.is_wrong = self.is_wrong or bool(problems)


def run_lanes(options, scratch, failpoints, shares):
    """Each lane in a process of its own; returns their counts together."""
    context = multiprocessing.get_context("fork")
    results = context.Queue()

    def work(number, share):
        end_on_signals()
        total = collections.Counter()
        try:
            Lane(number, options, scratch, failpoints, total).run(share)
        except Exception as error:
            total["violations"] += 1
            print(f"VIOLATION lane {number} ended: {error!r}", flush=True)
        results.put(total)
    lanes = [context.Process(target=work, args=pair) for pair in enumerate(shares)]
    for lane in lanes:
        lane.start()
    total = collections.Counter()
    try:
        for _ in lanes:
            total.update(results.get())
    finally:
        for lane in lanes:
            lane.terminate()
            lane.join()
    return total


def summary(total, failpoints, options, seconds):
    print(f"seed {options.seed}: {total['kills']} kills in {seconds:.0f} s, {total['acknowledged']} operations acknowledged, "
          f"{total['in doubt']} in doubt, {total['checks']} checks, {total['searches meanwhile']} searches meanwhile, "
          f"{total['power cuts']} power cuts that changed {total['changed by power cuts']} names and files")
    print("kills by mode:", ", ".join(f"{name[6:]} {count}" for name, count in sorted(total.items())
                                      if name.startswith("mode: ")))
    print("kills by failpoint:", ", ".join(f"{name} {total['failpoint: ' + name]}" for name in failpoints))
    print("refused:", {name[14:]: count for name, count in total.items() if name.startswith("verb refused: ")})
    print(f"{total['violations']} violations, {total['found by the auditor']} of them found by the auditor")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("carrel")
    parser.add_argument("shim", type=pathlib.Path)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--lanes", type=int, default=2)
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--fault", choices=[name for name in FAULTS if name])
    parser.add_argument("--expect", action="store_true")
    options = parser.parse_args()
    options.shim = options.shim.resolve()
    options.seed = options.seed if options.seed is not None else random.SystemRandom().randrange(1 << 31)
    end_on_signals()
    print(f"seed {options.seed}", flush=True)
    failpoints = subprocess.run(
        [options.carrel, "admin", "failpoints"], capture_output=True, text=True, check=True).stdout.split()
    started = time.monotonic()
    total = collections.Counter()
    scratch = pathlib.Path(tempfile.mkdtemp(prefix="carrel-crash-")).resolve()
    # A build meanwhile does not change what is tested.
    options.carrel = shutil.copy2(options.carrel, scratch / "carrel")
    try:
        shares = [options.kills // options.lanes + (number < options.kills % options.lanes)
                  for number in range(options.lanes)]
        total.update(run_lanes(options, scratch, failpoints, shares))
        summary(total, failpoints, options, time.monotonic() - started)
    finally:
        if options.keep and total["violations"]:
            print("kept:", scratch)
        else:
            shutil.rmtree(scratch, ignore_errors=True)
    if options.expect:
        sys.exit(0 if total["found by the auditor"] else 1)
    sys.exit(1 if total["violations"] else 0)


if __name__ == "__main__":
    main()
