"""What is done to Carrel while it is killed, and what of it was acknowledged.

Over HTTP: a Writer has pages of its own and does one Operation after the other. At the command line: a Verb is one
command. To add an operation, write its class and name it in OPERATIONS or VERBS.
"""

import collections
import json
import random
import time

from crash_uploads import Content, Page, is_version_right, made_up
from serving import NO_ANSWER, Answer, Client, api_path

WORKSPACE = "w"
PAGES_PER_WRITER = 8
MODELS = ("test", "test-96")


# Over HTTP


class Operation:
    """One request. `effect` is what its pages hold once it is done: [(page, content or None), ...]."""
    name = None

    def __init__(self, generator, page, pages):
        self.generator, self.page, self.pages = generator, page, pages
        self.effect = []

    def is_possible(self):
        return True

    def send(self, client):
        raise NotImplementedError

    def check(self, answer):
        """What is wrong with a 2xx answer; a list."""
        return []


class Put(Operation):
    name = "put"

    def content(self):
        before = self.page.acknowledged
        return before.edited(self.generator) if before else made_up(self.page.path, self.generator)

    def send(self, client):
        content = self.content()
        self.effect = [(self.page, content)]
        return client.put(WORKSPACE, self.page.path, content.text)

    def check(self, answer):
        content = self.effect[0][1]
        if answer.body is None:
            return []
        document = json.loads(answer.body)["document"]
        expected = (content.sha256, len(content.text), self.page.path)
        found = (document["sha256"], document["byte_count"], document["path"])
        problems = [] if found == expected else [f"{self.page.path}: the answer says {found}, expected {expected}"]
        if not is_version_right(document["version"], self.page.version, content != self.page.acknowledged):
            problems.append(f"{self.page.path}: version {document['version']} after {self.page.version}")
        self.version = document["version"]
        return problems


class Create(Put):
    name = "create"

    def is_possible(self):
        return self.page.acknowledged is None

    def content(self):
        return made_up(self.page.path, self.generator)


class Repeat(Put):
    name = "repeat"

    def is_possible(self):
        return self.page.acknowledged is not None

    def content(self):
        return self.page.acknowledged


class Restore(Put):
    """What was there before: its passages are embedded already, and it must not be collected meanwhile."""
    name = "restore"

    def is_possible(self):
        return bool(self.page.former)

    def content(self):
        return self.generator.choice(self.page.former)


class Delete(Operation):
    name = "delete"

    def is_possible(self):
        return self.page.acknowledged is not None

    def send(self, client):
        self.effect = [(self.page, None)]
        return client.send("DELETE", api_path(WORKSPACE, "documents", self.page.path))


class Move(Operation):
    """To a page that is free: the old path is gone and the new one there, in one step."""
    name = "move"

    def free(self):
        return [page for page in self.pages if not page.acknowledged and not page.unknown]

    def is_possible(self):
        return self.page.acknowledged is not None and bool(self.free())

    def send(self, client):
        target = self.generator.choice(self.free())
        self.effect = [(self.page, None), (target, self.page.acknowledged)]
        body = json.dumps({"path": target.path})
        return client.send("PATCH", api_path(WORKSPACE, "documents", self.page.path), body, "application/json")


class Upload(Put):
    """A form: what is answered is a promise, which whoever serves next has to keep."""
    name = "upload"
    job = None

    def send(self, client):
        content = self.content()
        self.effect = [(self.page, content)]
        form = (f'--bound\r\nContent-Disposition: form-data; name="files"; filename="{self.page.path}"\r\n\r\n'
                .encode() + content.text + b"\r\n--bound--\r\n")
        answer = client.send("POST", api_path(WORKSPACE, "documents"), form, "multipart/form-data; boundary=bound")
        if answer.status != 202 or answer.body is None:
            return answer
        self.job = json.loads(answer.body)["id"]
        try:
            state = wait_for_job(client, self.job)
        except NO_ANSWER:
            return Answer(202, {}, None)
        # A disk that fails makes a job fail, which is told; nothing was promised beyond that.
        return answer if state == "succeeded" else Answer(507, {}, state.encode())

    def check(self, answer):
        self.version = 0
        return []


def wait_for_job(client, job, seconds=30):
    """How a job has ended."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        answer = client.send("GET", api_path(WORKSPACE, "jobs", job))
        if answer.body is None:
            raise ConnectionResetError("the answer was cut off")
        if answer.status != 200:
            return f"answered {answer.status}"
        state = json.loads(answer.body)["state"]
        if state not in ("queued", "running"):
            return state
        time.sleep(0.005)
    return f"still {state} after {seconds} s"


def wait_for_jobs(client, seconds=60):
    """Waits until no upload is being taken in: one whose answer was lost may come to be long after. What does not end."""
    deadline = time.monotonic() + seconds
    while True:
        jobs = client.json("GET", api_path(WORKSPACE, "jobs", limit=500))["data"]
        open_ones = [job for job in jobs if job["kind"] == "upload" and job["state"] in ("queued", "running")]
        if not open_ones:
            return []
        if time.monotonic() > deadline:
            return [f"the job {job['id']} is {job['state']} after {seconds} s" for job in open_ones]
        time.sleep(0.01)


# How often each is done, where it can be.
OPERATIONS = {Create: 4, Put: 5, Repeat: 1, Restore: 2, Delete: 2, Move: 2, Upload: 3}


def operations_of(port, key):
    """Those that this server knows."""
    with Client(port, key) as client:
        paths = json.loads(client.send("GET", "/openapi.json").body)["paths"]
    moves = any("patch" in methods and "document" in path for path, methods in paths.items())
    uploads = any("post" in methods and path.endswith("/documents") for path, methods in paths.items())
    known = {Move: moves, Upload: uploads}
    return {kind: weight for kind, weight in OPERATIONS.items() if known.get(kind, True)}


class Writer:
    """One connection's operations, one after the other, until the server dies."""

    def __init__(self, number, seed):
        self.generator = random.Random(f"{seed}/writer {number}")
        self.pages = [Page(f"shelf-{number}/page-{page:02}.md") for page in range(PAGES_PER_WRITER)]
        self.forget()

    def forget(self):
        self.counts = collections.Counter()
        self.touched, self.problems, self.moves, self.promises = [], [], [], []
        self.acknowledged = 0
        self.is_cut_off = False

    def run(self, port, key, operations, stop, is_ill):
        """`is_ill` tells whether errors of the server's own are allowed at this moment."""
        try:
            with Client(port, key) as client:
                while not stop.is_set() and self.step(client, operations, is_ill):
                    pass
        except Exception as error:  # a thread's exception would end on standard error, and the run would pass
            self.problems.append(f"writer: {error!r}")

    def step(self, client, operations, is_ill):
        """False once there is no server."""
        sure = [page for page in self.pages if not page.unknown]
        if not sure:
            return False
        page = self.generator.choice(sure)
        candidates = [kind(self.generator, page, self.pages) for kind in operations]
        weights = [weight if some.is_possible() else 0 for some, weight in zip(candidates, operations.values())]
        operation = self.generator.choices(candidates, weights)[0]
        was_ill = is_ill()
        try:
            answer = operation.send(client)
        except NO_ANSWER:
            self.doubt(operation)
            self.is_cut_off = True
            return False
        if 200 <= answer.status < 300:
            self.problems += operation.check(answer)
            self.counts[operation.name] += 1
            self.acknowledged += 1
            for page, content in operation.effect:
                if answer.body is None and getattr(operation, "job", None):
                    self.promises.append((operation.job, page, page.acknowledged, content))
                page.acknowledge(content, getattr(operation, "version", 0))
                self.touched.append(page)
            return answer.body is not None
        self.refused(operation, answer, was_ill or is_ill())
        return True

    def doubt(self, operation):
        self.counts["in doubt"] += 1
        for page, content in operation.effect:
            page.unknown = [content]
            self.touched.append(page)
        if len(operation.effect) > 1:
            self.moves.append(operation.effect)

    def refused(self, operation, answer, is_ill):
        self.counts[f"refused {answer.status}"] += 1
        if answer.status in (429, 503) and answer.retry_after is not None and not is_ill:
            time.sleep(min(0.2, answer.retry_after))
            return
        if answer.status >= 500 and is_ill:
            self.doubt(operation)  # it may have come before the commit or after
            return
        self.problems.append(f"{operation.name} {operation.page.path}: {answer.status} {answer.body!r}")


# At the command line


class Verb:
    """One command of the operator's, beside the server. Acknowledged if it ends with 0."""
    name = None

    def __init__(self, lane):
        self.lane = lane

    def prepare(self):
        """Commands that have to go well before."""

    def arguments(self):
        raise NotImplementedError

    def ended(self, is_acknowledged):
        pass


class Ingest(Verb):
    """A folder: a document is in doubt until the command has ended."""
    name = "ingest"

    def prepare(self):
        generator, folder = self.lane.generator, self.lane.folder / "shelf"
        folder.mkdir(exist_ok=True)
        self.contents = {}
        for page in self.lane.folder_pages:
            if page.unknown or generator.random() < 0.3:
                continue
            content = page.acknowledged.edited(generator) if page.acknowledged else made_up(page.path, generator)
            self.contents[page.path] = (page, content)
        for page in self.lane.folder_pages:
            path = folder / page.path.split("/")[-1]
            if page.path in self.contents:
                path.write_bytes(self.contents[page.path][1].text)
                page.unknown = [self.contents[page.path][1]]
            elif path.exists():
                path.unlink()

    def arguments(self):
        return ("ingest", str(self.lane.folder / "shelf"), "--workspace", WORKSPACE, "--source", "folder")

    def ended(self, is_acknowledged):
        if is_acknowledged:
            for page, content in self.contents.values():
                page.acknowledge(content, 0)


class Collect(Verb):
    name = "collect"

    def arguments(self):
        return ("admin", "collect", "--workspace", WORKSPACE, "--older-than", "0")


class Rebuild(Verb):
    name = "rebuild"

    def arguments(self):
        return ("admin", "rebuild", "--workspace", WORKSPACE)


class Migrate(Verb):
    name = "migrate"

    def prepare(self):
        for way in ("--drop", "--cancel"):
            self.lane.carrel.attempt("admin", "migrate", "--workspace", WORKSPACE, way)

    def arguments(self):
        target = MODELS[1 - MODELS.index(self.lane.model())]
        return ("admin", "migrate", "--workspace", WORKSPACE, "--to", target)


class Drop(Verb):
    """Of the vectors before a migration, which is made first."""
    name = "drop"

    def prepare(self):
        migration = Migrate(self.lane)
        migration.prepare()
        self.lane.carrel.attempt(*migration.arguments())

    def arguments(self):
        return ("admin", "migrate", "--workspace", WORKSPACE, "--drop")


class RollBack(Drop):
    name = "roll back"

    def arguments(self):
        return ("admin", "migrate", "--workspace", WORKSPACE, "--rollback")


class CreateWorkspace(Verb):
    name = "create workspace"

    def prepare(self):
        self.lane.workspace_count += 1
        self.other = f"other-{self.lane.workspace_count}"
        self.lane.others[self.other] = "in doubt"

    def arguments(self):
        return ("admin", "create", self.other)

    def ended(self, is_acknowledged):
        if is_acknowledged:
            self.lane.others[self.other] = "there"


class DeleteWorkspace(CreateWorkspace):
    name = "delete workspace"

    def prepare(self):
        super().prepare()
        self.lane.carrel.run("admin", "create", self.other)

    def arguments(self):
        return ("admin", "delete", self.other, "--yes")

    def ended(self, is_acknowledged):
        if is_acknowledged:
            self.lane.others[self.other] = "gone"


class CreateKey(Verb):
    name = "create key"

    def arguments(self):
        return ("admin", "key", "create", "--workspace", WORKSPACE, "--permission", "read", "--json")


VERBS = [Ingest, Ingest, Collect, Collect, Rebuild, Migrate, Drop, RollBack, CreateWorkspace, DeleteWorkspace, CreateKey]

# Which verbs pass a failpoint; any other is passed by a server that is written to.
VERBS_OF_FAILPOINT = {
    "item-state": [Ingest], "garbage": [Collect], "sweep": [Collect], "space": [Migrate], "cut": [Migrate, RollBack], "drop": [Drop],
    "workspace-made": [CreateWorkspace], "workspace-recorded": [CreateWorkspace], "workspace": [DeleteWorkspace],
    "key": [CreateKey], "quantizer": [Rebuild], "segments-unlinked": [Rebuild, None]}


def verbs_of(failpoint):
    """None stands for the server."""
    names = [name for name in VERBS_OF_FAILPOINT if failpoint.startswith(name)]
    return VERBS_OF_FAILPOINT[max(names, key=len)] if names else [None]


__all__ = ["Content", "Writer", "VERBS", "verbs_of", "operations_of", "WORKSPACE", "MODELS"]
