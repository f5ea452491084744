"""A running 'carrel serve', its clients, and made-up pages: what the scripts that need a server share.

Every wait has a deadline, and a server is ended, by its own process id, when its 'with' block is left.
"""

import collections
import contextlib
import http.client
import json
import os
import re
import selectors
import signal
import subprocess
import time
import urllib.parse

COMMAND_SECONDS = 120  # an admin command on a workspace of some thousand chunks takes a second
START_SECONDS = 60  # loading the model takes less than one second; a loaded machine is slower
STOP_SECONDS = 30  # what a supervisor grants before it kills
REQUEST_SECONDS = 60  # an upload behind others waits for their embedding
PAGE_SIZE = 100  # documents a page of a listing

WORDS = (
    "anchor basin cable delta ember ferry gravel harbour island jetty keel lantern mooring needle oar pilot quay rope "
    "sail tide upland vessel winch yard zenith boiler copper dynamo engine funnel gauge hammer iron joint barley "
    "cellar dairy elder fence granary hedge ivy kettle ladder meadow nettle orchard plough quarry reed stable thatch"
).split()
SYLLABLES = "ba dor fen gil hax jum kev lor mip nuz pod quin rav sib tov ulm vex wog yar zet".split()


def sentence(generator, shortest=6, longest=16):
    return " ".join(generator.choice(WORDS) for _ in range(generator.randint(shortest, longest))).capitalize() + "."


def invented_words(generator, count):
    return " ".join("".join(generator.choice(SYLLABLES) for _ in range(3)) for _ in range(count))


def api_path(workspace, *parts, **query):
    """'/v1/workspaces/W/documents/a/b.md?limit=1'; the slashes of a document's path stand as they are."""
    path = "/".join(["/v1/workspaces", *(urllib.parse.quote(part) for part in (workspace, *parts))])
    given = {name: value for name, value in query.items() if value is not None}
    return path + ("?" + urllib.parse.urlencode(given) if given else "")


def end_on_signals():
    """Makes SIGTERM and SIGHUP leave the program as Ctrl-C does: through every 'with' and 'finally'."""
    def leave(number, _):
        raise SystemExit(128 + number)
    signal.signal(signal.SIGTERM, leave)
    signal.signal(signal.SIGHUP, leave)


class Failure(Exception):
    """The program did what makes going on pointless; the message says what."""


class Carrel:
    """The executable with one data directory."""

    def __init__(self, binary, data):
        self.binary, self.data = str(binary), str(data)

    def command(self, *arguments):
        return [self.binary, *arguments, "--data", self.data]

    def attempt(self, *arguments, seconds=COMMAND_SECONDS):
        try:
            return subprocess.run(self.command(*arguments), capture_output=True, text=True, timeout=seconds)
        except subprocess.TimeoutExpired:
            raise Failure(f"no end after {seconds} s: carrel {' '.join(arguments)}") from None

    def run(self, *arguments, seconds=COMMAND_SECONDS):
        result = self.attempt(*arguments, seconds=seconds)
        if result.returncode != 0:
            raise Failure(f"failed ({result.returncode}): carrel {' '.join(arguments)}\n{result.stderr}{result.stdout}")
        return result.stdout

    def version(self):
        return subprocess.run(
            [self.binary, "--version"], capture_output=True, text=True, timeout=COMMAND_SECONDS).stdout.strip()

    def lines(self, *arguments):
        return [json.loads(line) for line in self.run(*arguments).splitlines()]

    def key(self, workspace, permission):
        """A new key; {"key", "id"}."""
        made = self.run("admin", "key", "create", "--workspace", workspace, "--permission", permission, "--json")
        return json.loads(made)


class Server:
    """One process of 'carrel serve' on a port of the system's choice."""

    def __init__(self, carrel, log, settings=None):
        """`settings` are variables of its environment, beside those of this process."""
        self.started = time.monotonic()
        self.port = None
        self.process = subprocess.Popen(
            carrel.command("serve", "--port", "0"), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log,
            env={**os.environ, **(settings or {})})

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def wait_until_listening(self):
        """Reads the URL it prints; returns the seconds since the process was started."""
        line = self._first_line()
        match = re.fullmatch(r"http://127\.0\.0\.1:(\d+)", line)
        if not match:
            raise Failure(f"the first line of 'carrel serve' is no URL on 127.0.0.1: {line!r}")
        self.port = int(match[1])
        return time.monotonic() - self.started

    def _first_line(self):
        read = b""
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            while b"\n" not in read:
                left = self.started + START_SECONDS - time.monotonic()
                if left <= 0 or not selector.select(left):
                    raise Failure(f"'carrel serve' printed no URL in {START_SECONDS} s; so far {read!r}")
                some = self.process.stdout.read1()
                if not some:
                    raise Failure(f"'carrel serve' ended before it listened, exit code {self.process.wait()}")
                read += some
        return read.split(b"\n")[0].decode()

    def kill(self):
        """kill -9; returns the moment it was sent."""
        if self.process.poll() is not None:
            raise Failure(f"'carrel serve' ended by itself, exit code {self.process.returncode}")
        sent = time.monotonic()
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        return sent

    def stop(self):
        """SIGTERM; returns the exit code, or None if it had not ended when the time was up."""
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            return None

    def cpu_seconds(self):
        """Processor time, user's and system's, of /proc/PID/stat."""
        with open(f"/proc/{self.process.pid}/stat") as stat:
            # The second field is the name in brackets and may hold anything; user and system are the 14th and 15th.
            fields = stat.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory(self, field="VmRSS"):
        """MiB, of /proc/PID/status; None once the process has ended."""
        with contextlib.suppress(OSError), open(f"/proc/{self.process.pid}/status") as status:
            for line in status:
                if line.startswith(field + ":"):
                    return round(int(line.split()[1]) / 1024, 1)
        return None


class Answer(collections.namedtuple("Answer", "status headers body")):
    """`body` is None if the connection broke after the head of the answer."""

    @property
    def retry_after(self):
        """Seconds, of an answer that asks for another try; None of any other."""
        value = self.headers.get("Retry-After", "1" if self.status in (429, 503) else None)
        return None if value is None else float(value)


# What http.client and the socket raise when there was no answer. A timeout is one of them.
NO_ANSWER = (http.client.HTTPException, OSError)


class Client:
    """One kept-alive connection that carries a key. Not for two threads."""

    def __init__(self, port, key, seconds=REQUEST_SECONDS):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=seconds)
        self.headers = {"Authorization": f"Bearer {key}"}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.connection.close()

    def send(self, method, path, body=None, media_type=None):
        """The answer, whatever its status; raises one of NO_ANSWER if its head did not come."""
        headers = dict(self.headers, **({"Content-Type": media_type} if media_type else {}))
        try:
            self.connection.request(method, path, body=body, headers=headers)
            response = self.connection.getresponse()
        except NO_ANSWER:
            self.connection.close()
            raise
        try:
            return Answer(response.status, response.headers, response.read())
        except NO_ANSWER:
            self.connection.close()
            return Answer(response.status, response.headers, None)

    def put(self, workspace, document, text):
        return self.send("PUT", api_path(workspace, "documents", document), text, "text/markdown")

    def json(self, method, path, value=None):
        """The body of an answer that must be 200."""
        body = None if value is None else json.dumps(value)
        answer = self.send(method, path, body, "application/json" if body else None)
        if answer.status != 200 or answer.body is None:
            raise Failure(f"{method} {path}: {answer.status} {answer.body!r}")
        return json.loads(answer.body)

    def documents(self, workspace):
        """Every document by its path, page after page. Nothing may be written meanwhile."""
        found, cursor = {}, None
        while True:
            page = self.json("GET", api_path(workspace, "documents", limit=PAGE_SIZE, cursor=cursor))
            for document in page["data"]:
                if document["path"] in found:
                    raise Failure(f"the listing names {document['path']} twice")
                found[document["path"]] = document
            if page["has_more"] and (not page["data"] or not page["next_cursor"]):
                raise Failure(f"the listing has more and does not go on: {page}")
            if not page["has_more"]:
                return found
            cursor = page["next_cursor"]
