import Testing

struct CommentTests {
    @Test func `no code is commented out`() throws {
        for file in try SourceTree.everyFile() {
            for (number, comment) in zip(1..., file.commentLines) where CommentedCode.isCode(comment) {
                Issue.record(
                    """
                    \(file.path):\(number): "\(comment.trimmingPrefix(/\s*/))" is code: delete it, git remembers. \
                    If it explains, make it a sentence, with the code in backquotes.
                    """)
            }
        }
    }

    @Test func `no file has a licence banner`() throws {
        let banner = #/\bcopyright\b|\(c\) (?:19|20)\d\d|SPDX-|licen[sc]ed under|all rights reserved/#
            .ignoresCase()
        for file in try SourceTree.everyFile() {
            for (number, comment) in zip(1..., file.commentLines) where comment.contains(banner) {
                Issue.record("\(file.path):\(number): take the banner out: LICENSE speaks for all files")
            }
        }
    }

    @Test(arguments: [
        "// let index = VectorIndex(dimension: 384)",
        "//let x: Int",
        "    // private var rows: [IndexRow] = []",
        "// func search(_ query: [Float], k: Int) -> [Neighbor] {",
        "// @Test func `a deleted row is never returned`() throws {",
        "// package struct Segment: Sendable {",
        "// import Foundation",
        "// try store.commit(version, expectedRevision: 0)",
        "// let rows = try await store.rows(in: space)",
        "// print(rows)",
        "// await pool.run { scan(block) }",
        "// rows.sort { $0.row < $1.row }",
        "// .map { $0.id }",
        "// if rows.isEmpty {",
        "// for row in rows {",
        "// } else {",
        "// }",
        "// return nil",
        "// return rows.count",
        "// return try search(query)",
        "// guard let row else { return }",
        "// case .sealed(let number):",
        "// default:",
        "// throw StoreError.closed",
        "// count += 1",
        "// self.rows = rows",
        "// rows[3] = row",
        "// total = rows.reduce(0) { $0 + $1.count }",
        "// #expect(rows.count == 3)",
        "// for (int i = 0; i < n; i++) {",
        "// float sum = 0;",
        "// sum += a[i] * b[i];",
        "// _mm256_storeu_ps(out, sum);",
        "// #include <stdio.h>",
        "# print(rows)",
        "# import os",
        "# def rows(file):",
        "# count = len(rows)",
        "x += 1  // y += 1",
    ])
    func `code behind a comment mark is known as code`(line: String) {
        let comment = SourceFile(path: line.hasPrefix("# ") ? "a.py" : "a.swift", text: line).commentLines[0]
        #expect(CommentedCode.isCode(comment), "a shape that CommentedCode does not know: add it there")
    }

    @Test(arguments: [
        "// Readers first: SQLite folds the log in when the last connection closes.",
        "// `rows.sort { $0.row < $1.row }` would not be stable.",
        "// SAFETY: the string is NUL-terminated for the length of the call.",
        "// MARK: Following",
        "// Log",
        "// Spaces and embeddings",
        "// let the caller decide",
        "// for each row in the tail, oldest first",
        "// if the writer has died, its lock is free",
        "// return early where nothing was found",
        "// case by case, since the two differ",
        "// try again, from the start of the document",
        "// import what the manifest lists",
        "// default is what the reference does",
        "// While this waits, others search: (see Workspace)",
        "// gelu(√2 · x) = x/√2 · (1 + erf x), so the error of erf is that of gelu times √2/|x|.",
        "// By hand: (1/log2(2) + 3/log2(4)) / (3/log2(2) + 1/log2(3)) = (1 + 1.5) / (3 + 0.6309297535714575)",
        "// n = number of rows",
        "// expired = not renewed in time",
        "//    4  vector        float32  n × d             finite, squared lengths at most 2¹²⁶",
        "//     8     4   format version: 1",
        "//   1  (2026) first.",
        "// ======================================",
        "// SQLite's low byte 8 is READONLY, 14 CANTOPEN: https://www.sqlite.org/rescode.html",
        "// The order is that of `man 2 setpriority`;",
        "// exclusively (that is, O_EXCL)",
        "// commits(after:in:limit:)",
        "#endif  // os(Linux)",
        "/// let index = VectorIndex(dimension: 384)",
        "#!/usr/bin/env bash",
        "#   script/bootstrap --check    says what is missing and changes nothing; exit 1 if anything is",
        #"let url = "https://example.com/rows.sort()""#,
        #"let text = "// print(rows)""#,
    ])
    func `words about code are not taken for code`(line: String) {
        let comment = SourceFile(path: line.hasPrefix("#") ? "script/a" : "a.swift", text: line).commentLines[
            0]
        #expect(
            !CommentedCode.isCode(comment),
            "CommentedCode takes prose for code: narrow the shape that matched")
    }
}
