"""Ingests generated documents of every format, some of them hostile, and checks what became of each.

usage: ingest_mixed.py CARREL [--count N] [--seed S] [--keep FOLDER]

Makes N documents (2,000 unless told) with the same seed the same ones: Markdown, text, HTML, PDF, Word, EPUB, CSV, JSON and
source code, each with a paragraph of its own, and one of twenty hostile: encrypted, cut off, a bomb, a line of 100 MB, nested
too deep, garbage, called what it is not. Ingests them with the test embedder, and checks that every good one is ready and
found by its own words, that every bad one failed, and that the workspace verifies. Prints the reasons by kind of
document, seconds, and the peak memory of the process and of its parsers. Exit code 1 if anything is not so.
"""

import argparse
import collections
import io
import json
import pathlib
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile

WORDS = """oak beech larch birch maple willow poplar stone slate river valley harbour lantern copper winter orchard
meadow ledger kettle anchor mortar saddle timber quarry ferry mill bridge tower granary weir""".split()
HOSTILE_EVERY = 20
LONG_LINE_BYTES = 100_000_000


def sentence(random_, own):
    return " ".join([own] + [random_.choice(WORDS) for _ in range(8)]).capitalize() + "."


def own_words_of(own):
    """A hundred words that are in this document only: the test embedder knows words, and few of them in 64 dimensions."""
    return [f"{own}w{i}" for i in range(100)]


def body(random_, own):
    """Paragraphs of one to three sentences, and among them the document's own."""
    sentences = [sentence(random_, random_.choice(WORDS)) for _ in range(random_.randint(3, 9))]
    paragraphs, at = [], 0
    while at < len(sentences):
        size = random_.randint(1, 3)
        paragraphs.append(" ".join(sentences[at:at + size]))
        at += size
    words = own_words_of(own)
    lines = [" ".join(words[start:start + 10]).capitalize() + "." for start in range(0, len(words), 10)]
    paragraphs.insert(random_.randint(0, len(paragraphs)), " ".join(lines))
    return paragraphs


def archive(files, first_stored=None):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as zip_:
        for name, data in files:
            method = zipfile.ZIP_STORED if name == first_stored else zipfile.ZIP_DEFLATED
            zip_.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), data, method)
    return out.getvalue()


def pdf(paragraphs, encrypted=False):
    """A few lines a page, under a running header and over a page number."""
    lines = []
    for paragraph in paragraphs:
        words, line = paragraph.split(), ""
        for word in words:
            if len(line) + len(word) > 80:
                lines.append((line, 0))
                line = ""
            line += (" " if line else "") + word
        lines.append((line, 14))
    pages = [lines[start:start + 6] for start in range(0, len(lines), 6)] or [[]]
    objects = ["<< /Type /Catalog /Pages 2 0 R >>",
               f"<< /Type /Pages /Kids [{' '.join(f'{4 + 2 * i} 0 R' for i in range(len(pages)))}] /Count {len(pages)} >>",
               "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"]
    for number, page in enumerate(pages):
        texts, height = [("The Annual Ledger", 770, 9), (f"Page {number + 1} of {len(pages)}", 30, 9)], 720
        for text, gap in page:
            texts.append((text, height, 11))
            height -= 13 + gap
        stream = "\n".join(f"BT /F1 {size} Tf 1 0 0 1 72 {y} Tm ({text}) Tj ET" for text, y, size in texts)
        objects.append(f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {5 + 2 * number} 0 R "
                       "/Resources << /Font << /F1 3 0 R >> >> >>")
        objects.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
    out, places = "%PDF-1.4\n", []
    for number, text in enumerate(objects):
        places.append(len(out))
        out += f"{number + 1} 0 obj\n{text}\nendobj\n"
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n" + "".join(f"{p:010} 00000 n \n" for p in places)
    more = ""
    if encrypted:
        more = (f" /Encrypt << /Filter /Standard /V 1 /R 2 /O <{'00' * 32}> /U <{'00' * 32}> /P -4 >>"
                f" /ID [<{'11' * 16}> <{'11' * 16}>]")
    return (out + f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R{more} >>\nstartxref\n{start}\n%%EOF\n").encode()


def docx(paragraphs):
    word = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    text = "".join(f"<w:p><w:r><w:t>{paragraph}</w:t></w:r></w:p>" for paragraph in paragraphs)
    return archive([("[Content_Types].xml", "<Types/>"),
                    ("word/document.xml", f'<w:document xmlns:w="{word}"><w:body>{text}</w:body></w:document>')])


def epub(paragraphs):
    chapters = [paragraphs[start:start + 3] for start in range(0, len(paragraphs), 3)]
    items = "".join(f'<item id="c{i}" href="c{i}.xhtml" media-type="application/xhtml+xml"/>' for i in range(len(chapters)))
    spine = "".join(f'<itemref idref="c{i}"/>' for i in range(len(chapters)))
    files = [("mimetype", "application/epub+zip"),
             ("META-INF/container.xml", '<container><rootfiles><rootfile full-path="o.opf"/></rootfiles></container>'),
             ("o.opf", f"<package><metadata/><manifest>{items}</manifest><spine>{spine}</spine></package>")]
    for i, chapter in enumerate(chapters):
        text = "".join(f"<p>{paragraph}</p>" for paragraph in chapter)
        files.append((f"c{i}.xhtml", f"<html><body><h1>Chapter {i + 1}</h1>{text}</body></html>"))
    return archive(files, first_stored="mimetype")


def good(kind, paragraphs):
    """The extension and the bytes of a document of that kind."""
    text = "\n\n".join(paragraphs)
    if kind == "markdown": return "md", f"# Notes\n\n{text}\n".encode()
    if kind == "text": return "txt", text.encode()
    if kind == "html":
        return "html", ("<html><body><nav>Home</nav><main><h1>Notes</h1>" + "".join(f"<p>{p}</p>" for p in paragraphs)
                        + "</main></body></html>").encode()
    if kind == "pdf": return "pdf", pdf(paragraphs)
    if kind == "docx": return "docx", docx(paragraphs)
    if kind == "epub": return "epub", epub(paragraphs)
    if kind == "csv": return "csv", ("number,text\n" + "".join(f'{i},"{p}"\n' for i, p in enumerate(paragraphs))).encode()
    if kind == "json": return "json", json.dumps([{"text": paragraph} for paragraph in paragraphs]).encode()
    return "py", "".join(f"def f{i}():\n    # {p}\n    return {i}\n\n\n" for i, p in enumerate(paragraphs)).encode()


KINDS = ["markdown", "text", "html", "pdf", "docx", "epub", "csv", "json", "code"]


def zip_encrypted(data):
    """Sets the bit that says so in every header."""
    out = bytearray(data)
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = out.find(mark)
        while at >= 0:
            out[at + offset] |= 1
            at = out.find(mark, at + 4)
    return bytes(out)


def hostile(kind, random_, paragraphs):
    if kind == "encrypted-pdf": return "pdf", pdf(paragraphs, encrypted=True)
    if kind == "encrypted-docx": return "docx", zip_encrypted(docx(paragraphs))
    if kind == "truncated-pdf": data = pdf(paragraphs); return "pdf", data[:len(data) * 2 // 3]
    if kind == "truncated-epub": data = epub(paragraphs); return "epub", data[:len(data) // 2]
    if kind == "zip-bomb":
        return "docx", archive([("[Content_Types].xml", "<Types/>"), ("word/document.xml", " " * 50_000_000)])
    if kind == "long-line": return "txt", None
    if kind == "deep-html": return "html", b"<div>" * 20_000 + b"x"
    if kind == "deep-json": return "json", b"[" * 100_000
    if kind == "garbage": return "pdf", bytes(random_.getrandbits(8) | 0x80 for _ in range(5_000))
    if kind == "scan": return "pdf", pdf_without_text()
    return "docx", b"\x89PNG\r\n\x1a\n" + bytes(random_.getrandbits(8) for _ in range(500))


def pdf_without_text():
    return (b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
            b"\nendobj\n3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n"
            b"startxref\n0\n%%EOF\n")


HOSTILE = ["encrypted-pdf", "encrypted-docx", "truncated-pdf", "truncated-epub", "zip-bomb", "long-line", "deep-html",
           "deep-json", "garbage", "scan", "png-named-docx"]


def make(folder, count, seed):
    """Writes the documents; returns the own word of each good one and the kind of each bad one, by file name."""
    random_ = random.Random(seed)
    own_words, bad = {}, {}
    for number in range(count):
        own = f"unique{seed}x{number}"
        paragraphs = body(random_, own)
        if number % HOSTILE_EVERY == 7:
            kind = HOSTILE[number // HOSTILE_EVERY % len(HOSTILE)]
            extension, data = hostile(kind, random_, paragraphs)
            name = f"{number:05}-{kind}.{extension}"
            bad[name] = kind
        else:
            kind = KINDS[number % len(KINDS)]
            extension, data = good(kind, paragraphs)
            # One of fifty is called what it is not, and is read as what it is all the same.
            if kind in ("pdf", "docx", "epub") and number % 50 == 3: extension = "md"
            name = f"{number:05}-{kind}.{extension}"
            own_words[name] = own
        with open(folder / name, "wb") as file:
            if data is None:
                file.seek(LONG_LINE_BYTES - 1)
                file.write(b"x")
            else:
                file.write(data)
    return own_words, bad


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("carrel")
    parser.add_argument("--count", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--searches", type=int, help="so many good documents are searched for, chosen at random; all unless told")
    parser.add_argument("--keep", type=pathlib.Path, help="where documents and data are left, for a look")
    options = parser.parse_args()
    root = options.keep or pathlib.Path(tempfile.mkdtemp(prefix="carrel-mixed-"))
    folder = root / "documents"
    folder.mkdir(parents=True)
    own_words, bad = make(folder, options.count, options.seed)

    def run(*arguments):
        command = [options.carrel, *arguments, "--workspace", "w", "--data", str(root / "data")]
        return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace")

    start = time.monotonic()
    result = run("ingest", str(folder), "--create", "--model", "test", "--json")
    seconds = time.monotonic() - start
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    try:
        summary = json.loads(result.stdout)
    except ValueError:
        raise SystemExit(f"the ingest failed ({result.returncode}): {result.stdout[-500:]}{result.stderr[-500:]}")
    failures = {pathlib.Path(failure["path"]).name: failure["error"] for failure in summary["failed"]}
    wrong = [f"{name} failed: {failures[name]}" for name in own_words if name in failures]
    wrong += [f"{name} did not fail" for name in bad if name not in failures]
    reasons = collections.Counter((bad.get(name, "good"), error) for name, error in failures.items())
    for (kind, error), count in sorted(reasons.items()):
        print(f"{count:4}  {kind}: {error}")

    names = sorted(own_words)
    if options.searches is not None: names = random.Random(options.seed).sample(names, min(options.searches, len(names)))
    for name in names:
        query = " ".join(own_words_of(own_words[name])[:40])
        found = run("search", query, "--model", "test", "--limit", "5", "--mode", "keyword", "--json")
        hits = json.loads(found.stdout)["hits"] if found.returncode == 0 else []
        if not any(hit["citation"]["path"].endswith(name) and own_words[name] in hit["text"].lower() for hit in hits):
            wrong.append(f"{name}: '{own_words[name]}' was not found {found.stderr[-200:]}")
    verified = run("admin", "verify")
    if verified.returncode != 0: wrong.append(verified.stdout)
    for text in wrong: print("wrong:", text)
    print(f"{options.count} documents (seed {options.seed}): {summary['ingested']} ready, {len(failures)} failed, "
          f"{len(names)} searched for; {seconds:.1f} s, peak memory of the process or a parser {peak} MiB; {len(wrong)} wrong")
    if not options.keep: shutil.rmtree(root)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
