"""Checks '/mcp' with the official Python client of the Model Context Protocol, in every era it speaks.

usage: check_mcp.py CARREL [--corpus FOLDER]

Needs the packages of script/mcp-requirements.txt ('make check-mcp' installs them). Ingests the documents of FOLDER (the
sample handbook unless told) into one workspace and a secret into another, starts 'carrel serve', and drives the tools
through the 'mcp' package: discovered and pinned to 2026-07-28, and after a handshake as clients up to 2025-11-25 do. What
the client never sends is sent by hand. Exit code 1 if anything is not as it must be.
"""

import argparse
import asyncio
import contextlib
import hashlib
import importlib.metadata
import json
import os
import pathlib
import sys
import tempfile

import jsonschema
import mcp
from mcp.client.streamable_http import streamable_http_client
from mcp.shared._httpx_utils import create_mcp_http_client

from serving import Carrel, Client, Server, end_on_signals

ROOT = pathlib.Path(__file__).resolve().parent.parent
INGEST_SECONDS = 3600  # a thousand documents take minutes on two cores
QUESTION = "How do I start the generator by hand?"
MODERN = "2026-07-28"
SECRET = "The spare key of the lamp room hangs behind the barometer.\n"
TOOLS = ["search", "context", "get_document"]


class Checks:
    """Counts what was checked, and says what failed."""

    def __init__(self):
        self.count, self.failures = 0, 0

    def that(self, claim, holds, found=""):
        self.count += 1
        if not holds:
            self.failures += 1
        print(f"{'ok  ' if holds else 'FAIL'} {claim}{f': {found}' if found != '' else ''}")


@contextlib.asynccontextmanager
async def connected(url, key, mode):
    async with create_mcp_http_client(headers={"Authorization": f"Bearer {key}"}) as http:
        async with mcp.Client(streamable_http_client(url, http_client=http), mode=mode) as client:
            yield client


def text(result):
    return "\n".join(part.text for part in result.content)


async def check_tools(checks, client, mode):
    tools = (await client.list_tools()).tools
    checks.that(f"{mode}: the tools are listed in their order", [tool.name for tool in tools] == TOOLS)
    for tool in tools:
        for schema in [tool.input_schema, tool.output_schema]:
            jsonschema.Draft202012Validator.check_schema(schema)
        hints = tool.annotations
        checks.that(f"{mode}: {tool.name} says that it changes nothing",
                    (hints.read_only_hint, hints.destructive_hint, hints.idempotent_hint, hints.open_world_hint)
                    == (True, False, True, False))
    return {tool.name: tool for tool in tools}


async def call(checks, client, tools, mode, name, **arguments):
    """A call that must go well, its result checked against the tool's schemas, by us and by the client."""
    result = await client.call_tool(name, arguments)
    checks.that(f"{mode}: {name} answers {json.dumps(arguments)}", not result.is_error,
                text(result).replace("\n", " ")[:90])
    jsonschema.validate(arguments, tools[name].input_schema)
    jsonschema.validate(result.structured_content, tools[name].output_schema)
    return result.structured_content


async def check_answers(checks, client, tools, mode, carrel):
    found = await call(checks, client, tools, mode, "search", query=QUESTION, limit=3)
    passages = found["passages"]
    checks.that(f"{mode}: the best passage is of the generator", "power.md" in passages[0]["citation"]["path"])
    checks.that(f"{mode}: there are as many as were asked for", len(passages) == 3 and found["complete"])
    more = await call(checks, client, tools, mode, "search", query=QUESTION, limit=3, cursor=found["next_cursor"])
    checks.that(f"{mode}: the cursor goes on behind them", [hit["number"] for hit in more["passages"]] == [4, 5, 6])
    citation = passages[0]["citation"]
    part = await call(checks, client, tools, mode, "get_document", document=citation["path"],
                      byte_start=citation["byte_start"], byte_end=citation["byte_end"])
    checks.that(f"{mode}: the cited bytes have the cited sha256",
                hashlib.sha256(part["text"].encode()).hexdigest() == citation["sha256"])
    lines = await call(checks, client, tools, mode, "get_document", document=citation["document"],
                       line_start=citation["line_start"], line_end=citation["line_end"])
    checks.that(f"{mode}: the cited lines hold the cited bytes", part["text"].strip() in lines["text"])
    whole = await call(checks, client, tools, mode, "get_document", document=citation["path"])
    checks.that(f"{mode}: a whole document is its original's bytes",
                whole["truncated"] or hashlib.sha256(whole["text"].encode()).hexdigest() == whole["sha256"])
    context = await call(checks, client, tools, mode, "context", query=QUESTION, token_budget=500)
    checks.that(f"{mode}: a context is within its budget and says its sources",
                context["tokens"] <= 500 and context["sources"] and "[1]" in context["context"], context["tokens"])


async def check_refusals(checks, client, mode):
    for name, arguments, told in [
        ("search", {}, "query: expected"), ("search", {"query": " "}, "query"), ("search", {"query": "a", "limit": 51}, "1 to 50"),
        ("search", {"query": "a", "colour": "red"}, "allowed: query"),
        ("search", {"query": "a", "mode": "fuzzy"}, "hybrid"), ("context", {"query": "a", "token_budget": 1}, "64"),
        ("get_document", {"document": "none.md"}, "citation of search"),
        ("get_document", {"document": "a", "max_bytes": 1}, "256"),
    ]:
        result = await client.call_tool(name, arguments)
        checks.that(f"{mode}: {name} refuses {json.dumps(arguments)}, and says what it takes",
                    result.is_error and told in text(result), text(result))
    try:
        await client.call_tool("delete_everything", {})
    except mcp.MCPError as error:
        checks.that(f"{mode}: an unknown tool is the protocol's error", error.code == -32602, error.message)
    else:
        checks.that(f"{mode}: an unknown tool is the protocol's error", False, "it was answered")
    result = await client.call_tool("search", {"question": QUESTION, "top_k": 1})
    checks.that(f"{mode}: names that models make up are understood", not result.is_error)


async def check_scope(checks, url, keys, mode):
    async with connected(url, keys["other"], mode) as client:
        await client.list_tools()
        found = (await client.call_tool("search", {"query": "spare key of the lamp room"})).structured_content
        secret = found["passages"][0]["citation"]
        checks.that(f"{mode}: the other workspace's own key finds its document", secret["path"].endswith("secret.md"))
    async with connected(url, keys["mine"], mode) as client:
        await client.list_tools()
        found = await client.call_tool("search", {"query": "spare key of the lamp room", "limit": 50})
        checks.that(f"{mode}: a key finds nothing of another workspace", "barometer" not in text(found))
        for document in [secret["path"], secret["document"]]:
            read = await client.call_tool("get_document", {"document": document})
            checks.that(f"{mode}: nor reads its document {document}", read.is_error and "barometer" not in text(read))
        named = await client.call_tool("search", {"query": "lamp", "workspace": "other"})
        checks.that(f"{mode}: nor by the workspace's name", named.is_error, text(named))
    async with connected(url, keys["operator"], mode) as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        checks.that(f"{mode}: the operator's tools want a workspace",
                    all("workspace" in tool.input_schema["required"] for tool in tools.values()))
        unnamed = await client.call_tool("search", {"query": "lamp"})
        checks.that(f"{mode}: without it they say which there are", unnamed.is_error and "mine, other" in text(unnamed))
        await call(checks, client, tools, mode, "search", query="lamp", workspace="other")
    found = []
    try:
        async with connected(url, "crl_nobody", mode) as client:
            await client.list_tools()
    except* mcp.MCPError as group:  # the client's transport wraps what ends it
        found = [error.code for error in flat(group)]
    checks.that(f"{mode}: a wrong key opens nothing", found == [401], found)


def flat(group):
    for error in group.exceptions:
        yield from flat(error) if isinstance(error, BaseExceptionGroup) else [error]


async def check_mode(checks, url, keys, mode, carrel):
    async with connected(url, keys["mine"], mode) as client:
        expected = "2025-11-25" if mode == "legacy" else MODERN
        checks.that(f"{mode}: the version is {expected}", client.protocol_version == expected, client.protocol_version)
        if mode != MODERN:  # pinned, it asks nothing
            checks.that(f"{mode}: the server says who it is",
                        client.server_info.name == "carrel" and client.server_info.version == carrel.version(),
                        f"{client.server_info.name} {client.server_info.version}")
            checks.that(f"{mode}: its instructions name the workspace", "'mine'" in client.instructions)
            checks.that(f"{mode}: it has tools and nothing else",
                        client.server_capabilities.model_dump(exclude_none=True).keys() == {"tools"})
        tools = await check_tools(checks, client, mode)
        await check_answers(checks, client, tools, mode, carrel)
        await check_refusals(checks, client, mode)
    await check_scope(checks, url, keys, mode)


def check_by_hand(checks, port, key):
    """What the client gets right by itself, done wrong."""
    meta = {"io.modelcontextprotocol/protocolVersion": MODERN, "io.modelcontextprotocol/clientCapabilities": {}}
    good = {"MCP-Protocol-Version": MODERN, "Mcp-Method": "tools/call", "Mcp-Name": "search"}
    request = {"jsonrpc": "2.0", "id": 1, "method": "tools/call",
               "params": {"name": "search", "arguments": {"query": "lamp"}, "_meta": meta}}
    with Client(port, key) as client:
        def post(body, headers, status, code=None):
            client.headers = {"Authorization": f"Bearer {key}", **headers}
            answer = client.send("POST", "/mcp", json.dumps(body), "application/json")
            told = json.loads(answer.body) if answer.body else {}
            found = (answer.status, told.get("error", {}).get("code"))
            return found == (status, code), found

        for claim, body, headers, status, code in [
            ("all as it must be", request, good, 200, None),
            ("another method in the header", request, {**good, "Mcp-Method": "tools/list"}, 400, -32020),
            ("another tool in the header", request, {**good, "Mcp-Name": "context"}, 400, -32020),
            ("no version in the header", request, {**good, "MCP-Protocol-Version": ""}, 400, -32020),
            ("another version", {**request, "params": {**request["params"], "_meta": {
                **meta, "io.modelcontextprotocol/protocolVersion": "2031-01-01"}}},
             {**good, "MCP-Protocol-Version": "2031-01-01"}, 400, -32022),
            ("no metadata", {**request, "params": {"name": "search"}}, good, 400, -32602),
            ("an unknown method", {**request, "method": "tools/destroy"}, {**good, "Mcp-Method": "tools/destroy"},
             404, -32601),
            ("a list of messages", [request], good, 400, -32600),
            ("a notification", {"jsonrpc": "2.0", "method": "notifications/initialized"}, {}, 202, None),
            ("a page of another origin", request, {**good, "Origin": "https://evil.example.com"}, 403, 403),
            ("a page of this machine", request, {**good, "Origin": "http://localhost:3000"}, 200, None),
        ]:
            holds, found = post(body, headers, status, code)
            checks.that(f"by hand: {claim} is {status} {code or ''}", holds, "" if holds else found)
        for method in ["GET", "DELETE"]:
            checks.that(f"by hand: {method} is 405", client.send(method, "/mcp").status == 405)


def prepare(binary, folder, corpus):
    carrel = Carrel(binary, folder / "data")
    secret = folder / "other"
    secret.mkdir()
    (secret / "secret.md").write_text("# Lamp room\n\n" + SECRET)
    for workspace, source in [("mine", corpus), ("other", secret)]:
        carrel.run("ingest", str(source), "--workspace", workspace, "--create", "--json", seconds=INGEST_SECONDS)
    operator = carrel.run("admin", "key", "create", "--operator", "--json")
    keys = {workspace: carrel.key(workspace, "read")["key"] for workspace in ["mine", "other"]}
    return carrel, {**keys, "operator": json.loads(operator)["key"]}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("carrel")
    parser.add_argument("--corpus", type=pathlib.Path, default=ROOT / "Datasets" / "skerry")
    options = parser.parse_args()
    end_on_signals()
    checks = Checks()
    print(f"mcp {importlib.metadata.version('mcp')}")
    with tempfile.TemporaryDirectory(prefix="carrel-mcp-") as folder, open(os.devnull, "w") as log:
        carrel, keys = prepare(options.carrel, pathlib.Path(folder), options.corpus)
        with Server(carrel, log) as server:
            server.wait_until_listening()
            url = f"http://127.0.0.1:{server.port}/mcp"
            for mode in ["auto", MODERN, "legacy"]:
                asyncio.run(check_mode(checks, url, keys, mode, carrel))
            check_by_hand(checks, server.port, keys["mine"])
            checks.that("the server ends well", server.stop() == 0)
    print(f"{checks.count} checks, {checks.failures} failed")
    sys.exit(1 if checks.failures else 0)


if __name__ == "__main__":
    main()
