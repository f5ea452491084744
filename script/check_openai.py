"""Checks '/v1/embeddings' with OpenAI's own client, and a second server as an embeddings API.

usage: check_openai.py CARREL [--corpus FOLDER]

Needs the packages of script/openai-requirements.txt ('make check-openai' installs them). Starts 'carrel serve' and asks
it through the 'openai' package: its defaults, lists, tokens, both formats, the models, and every class of error. Then
the documents of FOLDER (the sample handbook unless told) are ingested twice, with the local model and with the server
as '--embedder-url', and the vectors of both are compared text by text in the two databases. Exit code 1 if anything is
not as it must be.
"""

import argparse
import array
import base64
import concurrent.futures
import contextlib
import json
import os
import pathlib
import sqlite3
import struct
import sys
import tempfile

import openai

from serving import Carrel, Failure, Server, end_on_signals

ROOT = pathlib.Path(__file__).resolve().parent.parent
MODEL, DIMENSION, WINDOW = "all-minilm-l6-v2", 384, 256
INGEST_SECONDS = 3600  # a thousand documents take minutes on two cores
DIFFERENCE_MAX = 1e-5
CALLERS, CALLS = 8, 64  # at once, of a server that takes two
WORDS = "the water of this island was never far from its old house".split()


class Checks:
    """Counts what was checked, and says what failed."""

    def __init__(self):
        self.count, self.failures = 0, 0

    def that(self, claim, holds, found=""):
        self.count += 1
        if not holds:
            self.failures += 1
        print(f"{'ok  ' if holds else 'FAIL'} {claim}{f': {found}' if found != '' else ''}")

    def refused(self, claim, kind, code, call):
        try:
            call()
        except openai.APIStatusError as error:
            is_right = type(error) is kind and error.code == code and bool(error.request_id)
            self.that(f"{claim} raises {kind.__name__} ({code})", is_right,
                      "" if is_right else f"{type(error).__name__} {error.code}: {error}")
        else:
            self.that(f"{claim} raises {kind.__name__} ({code})", False, "it was answered")


def difference(left, right):
    return max(abs(a - b) for a, b in zip(left, right, strict=True))


def length(row):
    return sum(value * value for value in row) ** 0.5


def vocabulary():
    file = ROOT / "Models" / MODEL / "tokenizer.json"
    return json.loads(file.read_text())["model"]["vocab"]


def check_answers(checks, client):
    texts = ["The water of this island was never far from its old house.", "Ein Satz über Möwen.", "鳥 🐦"]
    one = client.embeddings.create(model=MODEL, input=texts[0])
    checks.that("one text with the client's defaults has one row of length 1",
                len(one.data) == 1 and len(one.data[0].embedding) == DIMENSION
                and abs(length(one.data[0].embedding) - 1) < 1e-5)
    checks.that("the answer is a list of the model that was asked for",
                (one.object, one.data[0].object, one.model) == ("list", "embedding", MODEL))
    many = client.embeddings.create(model=MODEL, input=texts)
    checks.that("texts have a row each, in order", [row.index for row in many.data] == [0, 1, 2])
    checks.that("a text has the same vector alone and among others",
                difference(one.data[0].embedding, many.data[0].embedding) < 1e-6)
    numbers = client.embeddings.create(model=MODEL, input=texts, encoding_format="float")
    checks.that("numbers are those of base64, to the bit",
                all(array.array("f", a.embedding) == array.array("f", b.embedding)
                    for a, b in zip(numbers.data, many.data)))
    raw = client.embeddings.with_raw_response.create(model=MODEL, input=texts[0], encoding_format="base64")
    text = json.loads(raw.content)["data"][0]["embedding"]
    checks.that("base64 is what was asked for and sent",
                array.array("f", base64.b64decode(text)).tolist() == one.data[0].embedding)
    full = client.embeddings.create(model=MODEL, input=["a"] * 2048, dimensions=DIMENSION, user="somebody")
    checks.that("2,048 inputs are taken, with the model's own dimension named", len(full.data) == 2048)


def check_tokens(checks, client):
    known = vocabulary()
    sentence = " ".join(WORDS)
    ids = [known[word] for word in WORDS]
    framed = [known["[CLS]"], *ids, known["[SEP]"]]
    text = client.embeddings.create(model=MODEL, input=sentence)
    checks.that("usage counts words and special tokens",
                text.usage.prompt_tokens == text.usage.total_tokens == len(framed), text.usage.prompt_tokens)
    for name, given in [("tokens", ids), ("a list of tokens", [ids]), ("tokens with their special ones", [framed])]:
        found = client.embeddings.create(model=MODEL, input=given)
        checks.that(f"{name} have the text's vector and count",
                    difference(found.data[0].embedding, text.data[0].embedding) < 1e-6
                    and found.usage == text.usage)
    lists = client.embeddings.create(model=MODEL, input=[ids[:5], ids[5:], ids])
    checks.that("lists of tokens have a row each", len(lists.data) == 3
                and difference(lists.data[2].embedding, text.data[0].embedding) < 1e-6)
    for purpose in ["query", "document"]:
        found = client.embeddings.create(model=MODEL, input=sentence, extra_body={"input_type": purpose})
        # This model has no prefixes.
        checks.that(f"input_type {purpose} is taken",
                    difference(found.data[0].embedding, text.data[0].embedding) < 1e-6)


def check_models(checks, client):
    models = list(client.models.list())
    checks.that("the models are listed", [model.id for model in models] == [MODEL])
    model = client.models.retrieve(MODEL)
    checks.that("a model says its dimension and window",
                (model.dimensions, model.max_input_tokens) == (DIMENSION, WINDOW))
    checks.refused("a model that is not served", openai.NotFoundError, "model_not_found",
                   lambda: client.models.retrieve("gpt-4"))


def check_refusals(checks, client, url, reader):
    def create(**request):
        return lambda: client.embeddings.create(**{"model": MODEL, "input": "a", **request})

    bad = openai.BadRequestError
    long = "water " * WINDOW
    for claim, code, request in [
        ("an empty text", "input_empty", {"input": ""}),
        ("an empty text among others", "input_empty", {"input": ["a", ""]}),
        ("an empty list", "input_count_out_of_range", {"input": []}),
        ("2,049 inputs", "input_count_out_of_range", {"input": ["a"] * 2049}),
        ("a text beyond the window", "context_length_exceeded", {"input": long}),
        ("tokens beyond the window", "context_length_exceeded", {"input": [5] * (WINDOW + 1)}),
        ("more than 300,000 tokens", "max_tokens_per_request", {"input": ["water " * 250] * 1200}),
        ("a token out of range", "token_unknown", {"input": [30_522]}),
        ("a negative token", "token_unknown", {"input": [[5], [-1]]}),
        ("another dimension", "dimension_unsupported", {"dimensions": 256}),
        ("another format", "field_invalid", {"encoding_format": "int8"}),
        ("another kind of input", "field_invalid", {"input": ["a", 1]}),
        ("a number that is no token", "field_invalid", {"input": [1.5]}),
        ("an unknown field", "field_unknown", {"extra_body": {"stream": True}}),
    ]:
        checks.refused(claim, bad, code, create(**request))
    checks.refused("another model", openai.NotFoundError, "model_not_found", create(model="text-embedding-3-small"))
    for name, key in [("no key of ours", "sk-nobody"), ("a key with another secret", "crl_" + "a" * 69)]:
        other = openai.OpenAI(api_key=key, base_url=url, max_retries=0)
        checks.refused(name, openai.AuthenticationError, "invalid_api_key",
                       lambda: other.embeddings.create(model=MODEL, input="a"))
    other = openai.OpenAI(api_key=reader, base_url=url, max_retries=0)
    checks.refused("a key that may only read", openai.PermissionDeniedError, "permission_too_low",
                   lambda: other.embeddings.create(model=MODEL, input="a"))
    checks.that("a key that may only read lists the models", len(list(other.models.list())) == 1)


def check_rate_limit(checks, carrel, key, log):
    """A server that answers two requests at once, one of a workspace: whoever asks more is slowed down."""
    with Server(carrel, log, {"CARREL_HTTP_REQUESTS": "2"}) as server:
        server.wait_until_listening()
        url = f"http://127.0.0.1:{server.port}/v1"
        impatient = openai.OpenAI(api_key=key, base_url=url, max_retries=0)
        patient = openai.OpenAI(api_key=key, base_url=url, max_retries=30)

        def call(client):
            try:
                return type(client.embeddings.create(model=MODEL, input=["water " * 200] * 8))
            except openai.OpenAIError as error:
                return type(error)

        with concurrent.futures.ThreadPoolExecutor(CALLERS) as pool:
            kinds = list(pool.map(call, [impatient] * CALLS))
            allowed = {openai.RateLimitError, openai.types.CreateEmbeddingResponse}
            checks.that("too much at once raises RateLimitError and nothing else", set(kinds) == allowed,
                        f"{kinds.count(openai.RateLimitError)} of {CALLS}")
            kinds = list(pool.map(call, [patient] * CALLERS))
            checks.that("the client's own retries get every answer in the end",
                        set(kinds) == {openai.types.CreateEmbeddingResponse})


def vectors(data, workspace):
    """Every vector by the digest of its text."""
    found = {}
    for file in pathlib.Path(data).glob("workspaces/*/workspace.sqlite"):
        with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
            for model, digest, blob in database.execute(
                    "SELECT s.model || ' ' || s.revision, text_digest, vector FROM embedding "
                    "JOIN space s ON s.id = embedding.space"):
                found[digest] = struct.unpack(f"<{len(blob) // 4}f", blob)
    if not found:
        raise Failure(f"no vectors in {data} after an ingest of {workspace}")
    return found


def check_ingest(checks, binary, corpus, folder, url, key):
    """The same documents, embedded here and by the server."""
    ways = {"here": [], "there": [
        "--embedder-url", f"{url}/embeddings", "--embedder-model", MODEL, "--embedder-dimension", str(DIMENSION)]}
    found, chunks = {}, {}
    for name, flags in ways.items():
        carrel = Carrel(binary, folder / name)
        os.environ["CARREL_EMBEDDER_KEY"] = key if flags else ""
        summary = json.loads(carrel.run(
            "ingest", str(corpus), "--workspace", name, "--create", "--json", *flags, seconds=INGEST_SECONDS))
        print(f"     {name}: {summary['ingested']} documents, {summary['chunks']} chunks, {summary['embedded']} texts "
              f"embedded, {summary['tokens']} tokens, {summary['seconds']} s")
        checks.that(f"no document fails {name}", not summary["failed"], len(summary["failed"]))
        found[name], chunks[name] = vectors(folder / name, name), summary["chunks"]
    checks.that("both ways make the same passages",
                found["here"].keys() == found["there"].keys() and chunks["here"] == chunks["there"],
                len(found["here"]))
    both = found["here"].keys() & found["there"].keys()
    most = max(difference(found["here"][digest], found["there"][digest]) for digest in both)
    checks.that(f"their vectors differ by less than {DIFFERENCE_MAX}", most < DIFFERENCE_MAX, f"{most:.1e}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("carrel")
    parser.add_argument("--corpus", type=pathlib.Path, default=ROOT / "Datasets" / "skerry")
    options = parser.parse_args()
    end_on_signals()
    checks = Checks()
    print(f"openai {openai.__version__}")
    with tempfile.TemporaryDirectory(prefix="carrel-openai-") as folder, open(os.devnull, "w") as log:
        folder = pathlib.Path(folder)
        carrel = Carrel(options.carrel, folder / "server")
        carrel.run("admin", "create", "keys")
        key, reader = carrel.key("keys", "write")["key"], carrel.key("keys", "read")["key"]
        with Server(carrel, log) as server:
            server.wait_until_listening()
            url = f"http://127.0.0.1:{server.port}/v1"
            client = openai.OpenAI(api_key=key, base_url=url, max_retries=0)
            check_answers(checks, client)
            check_tokens(checks, client)
            check_models(checks, client)
            check_refusals(checks, client, url, reader)
            check_ingest(checks, options.carrel, options.corpus, folder, url, key)
            checks.that("the server ends well", server.stop() == 0)
        check_rate_limit(checks, carrel, key, log)
    print(f"{checks.count} checks, {checks.failures} failed")
    sys.exit(1 if checks.failures else 0)


if __name__ == "__main__":
    main()
