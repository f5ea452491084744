"""What must be there after a restart, by the driver's own books, against what Carrel gives."""

import json

from crash_uploads import Inspection
from serving import api_path

from .workload import WORKSPACE, wait_for_job, wait_for_jobs

SEARCH_LIMIT = 10


class Audit(Inspection):
    """Lost, resurrected, mixed and wrongly cited documents, and what `carrel admin verify` finds."""

    def __init__(self, carrel, client, pages, spoiled):
        unfinished = wait_for_jobs(client)
        super().__init__(carrel, client, pages, spoiled)
        self.problems += unfinished
        self.check_count = 0

    def run(self, touched, generator, moves=(), others=None, verifies=True, promises=()):
        for promise in promises:
            self.promise(*promise)
        before = {page.path: page.acknowledged for page in self.pages.values()}
        super().run(touched, generator)
        for effect in moves:
            self.move(effect, before)
        if others is not None:
            self.workspaces(others)
        if verifies:
            self.verify()
        self.check_count += len(self.documents) * 4 + self.chunk_count + self.search_count

    def promise(self, job, page, before, content):
        """An upload that was taken over is done by whoever serves next, or told to have failed."""
        state = wait_for_job(self.client, job)
        self.check_count += 1
        if state == "failed":
            page.acknowledge(before, 0)
            page.unknown = [content]
        elif state != "succeeded":
            self.problems.append(f"{page.path}: the job {job} of an upload that was taken over is {state}")

    def move(self, effect, before):
        """Done or not, but never half."""
        done = [(page.acknowledged and page.acknowledged.sha256) == (content and content.sha256)
                for page, content in effect]
        if len(set(done)) != 1:
            names = ", ".join(page.path for page, _ in effect)
            self.problems.append(f"half a move: {names}: done {done}")

    def workspaces(self, others):
        names = {line["name"] for line in self.carrel.lines("admin", "list", "--json")}
        for name in sorted(names - others.keys() - {WORKSPACE}):
            self.problems.append(f"workspace {name} was never made, and is there")
        for name, state in others.items():
            self.check_count += 1
            if state != "in doubt" and (state == "there") != (name in names):
                self.problems.append(f"workspace {name} should be {state}")
            others[name] = "there" if name in names else "gone"

    def verify(self):
        result = self.carrel.attempt("admin", "verify", "--workspace", WORKSPACE)
        self.check_count += 1
        if result.returncode != 0:
            self.problems.append(f"'carrel admin verify' exits {result.returncode}: {result.stdout}{result.stderr}")

    def search(self, query, mode="vector"):
        self.search_count += 1
        value = {"query": query, "limit": SEARCH_LIMIT, "recall_target": 1, "mode": mode}
        answer = self.client.json("POST", api_path(WORKSPACE, "search"), value)
        searched = answer["searched"]
        words = searched.get("words")
        if not searched["complete"] or words and words["sealed"] + words["tail"] != searched["committed"]:
            self.problems.append(f"a search was not complete: {searched}")
        for hit in answer["hits"]:
            self.citation(hit["citation"], "hit")
        self.problems += mixed_versions(answer["hits"])
        return answer["hits"]


def mixed_versions(hits):
    """Documents of which two versions are in one answer."""
    versions = {}
    for hit in hits:
        versions.setdefault(hit["citation"]["path"], set()).add(hit["citation"]["version"])
    return [f"{path}: versions {sorted(found)} in one answer" for path, found in versions.items() if len(found) > 1]


class Searcher:
    """Asks while documents are changed: an answer holds one version of a document, and is complete."""

    def __init__(self, generator):
        self.generator = generator
        self.problems = []
        self.count = 0

    def run(self, client, pages, stop):
        while not stop.is_set():
            contents = [page.acknowledged for page in pages if page.acknowledged]
            query = self.generator.choice(contents).mark if contents else "anchor"
            answer = client.send(
                "POST", api_path(WORKSPACE, "search"),
                json.dumps({
                    "query": query, "limit": SEARCH_LIMIT, "recall_target": 1,
                    "mode": self.generator.choice(["vector", "keyword", "hybrid"])}), "application/json")
            if answer.status == 200 and answer.body is not None:
                self.count += 1
                self.problems += mixed_versions(json.loads(answer.body)["hits"])
            stop.wait(0.005)
