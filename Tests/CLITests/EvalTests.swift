import Foundation
import TestSupport
import Testing

/// `carrel eval` on small collections. What the measures are is tested in EvaluationTests; here is that pipeline,
/// measures and files fit together.
struct EvalTests {
    private let folder: TemporaryFolder
    private let carrel: Command

    init() throws {
        folder = try TemporaryFolder()
        carrel = Command(dataDirectory: folder.url.appending(path: "data"))
        try folder.write(
            """
            {"id":"d1","title":"Boats","text":"A dinghy is a small open boat with a sail or oars."}
            {"id":"d2","title":"Bread","text":"Dough of flour, water and yeast is baked in an oven."}
            {"id":"d3","title":"Rain","text":"Clouds of cold air let fall water as rain or snow."}

            """, to: "set/corpus.jsonl")
        try folder.write(
            """
            {"id":"q1","text":"How is bread baked?"}
            {"id":"q2","text":"What is a small boat with a sail?"}

            """, to: "set/queries.jsonl")
        try folder.write("query-id\tcorpus-id\tscore\nq1\td2\t1\nq2\td1\t1\n", to: "set/qrels.tsv")
    }

    private func path(_ name: String) -> String { folder.url.appending(path: name).path }

    private func text(_ name: String) throws -> String {
        try String(contentsOf: folder.url.appending(path: name), encoding: .utf8)
    }

    private func object(_ result: Command.Result) throws -> [String: Any] {
        #expect(result.exitCode == 0, "\(result.errors)")
        let json = try JSONSerialization.jsonObject(with: Data(result.output.utf8))
        return try #require(json as? [String: Any])
    }

    /// Passages of which each says one thing, and a question for one of them.
    private func writeChunkingSet(start: Int, end: Int, text: String) throws {
        let corpus = (0..<40).map { "Sentence \($0) says that lamp number \($0) is \($0 * 7) metres high." }
            .joined(separator: "\n\n")
        try folder.write(corpus, to: "chunks/corpora/lamps.txt")
        let reference = #"{"start":\#(start),"end":\#(end),"text":"\#(text)"}"#
        try folder.write(
            #"{"id":"a","corpus":"lamps","text":"How high is lamp 0?","references":[\#(reference)]}"#,
            to: "chunks/questions.jsonl")
    }

    @Test(arguments: ["vector", "dense"])
    func `a run is measured, drawn, kept by query and saved`(mode: String) throws {
        let report = try object(
            carrel.run(
                "eval", path("set"), "--mode", mode, "--json", "--svg", path("a.svg"), "--per-query",
                path("a.tsv"), "--save-run", path("a.run")))
        let runs = try #require(report["runs"] as? [[String: Any]])
        #expect(runs.count == 1 && runs[0]["mode"] as? String == "vector")
        let gain = (runs[0]["measures"] as? [String: [String: Double]])?["ndcg@10"]
        #expect(gain == ["mean": 1, "low_95": 1, "high_95": 1])
        let origin = try #require(report["origin"] as? [String: Any])
        #expect((origin["command"] as? String)?.hasPrefix("carrel eval ") == true)
        #expect((origin["model"] as? [String: Any])?["precision"] as? String == "float32")
        let files = (origin["dataset"] as? [String: Any])?["files"] as? [String: String]
        #expect(files?.keys.sorted() == ["corpus.jsonl", "qrels.tsv", "queries.jsonl"])
        #expect(try text("a.svg").hasPrefix("<svg "))
        let lines = try text("a.tsv").split(separator: "\n")
        #expect(lines[0] == "run\tquery\tndcg@10\trecall@10\trecall@100\tmrr@10")
        #expect(lines.dropFirst().map { $0.prefix(9) } == ["vector\tq1", "vector\tq2"])
        #expect(try text("a.run").hasPrefix("q1 Q0 d2 1 "))
    }

    @Test func `a run compared with itself differs in nothing, and a worse one is told by its losses`() throws
    {
        let run = "q1 Q0 d2 1 0.9 x\nq1 Q0 d1 2 0.5 x\nq2 Q0 d1 1 0.8 x\n"
        try folder.write(run, to: "a.run")
        try folder.write("q1 Q0 d1 1 0.9 x\nq1 Q0 d2 2 0.8 x\n", to: "b.run")
        let qrels = path("set/qrels.tsv")
        let same = try object(
            carrel.run("eval", "compare", path("a.run"), path("a.run"), "--qrels", qrels, "--json"))
        let measures = try #require(same["measures"] as? [String: [String: Any]])
        #expect(measures.count == 4 && measures.values.allSatisfy { $0["p"] as? Double == 1 })

        let worse = try carrel.run("eval", "compare", path("a.run"), path("b.run"), "--qrels", qrels)
        #expect(worse.exitCode == 0, "\(worse.errors)")
        // By hand: 1 and 1, against 1/2 and an answer that is missing.
        let row = worse.output.split(separator: "\n").first { $0.hasPrefix("MRR@10 ") }
        let cells = row?.split(separator: " ").map(String.init)
        #expect(cells?[1] == "-0.7500" && cells?.suffix(2) == ["0", "2"], "\(worse.output)")
    }

    @Test func `passages of every size are compared with the marked answers`() throws {
        let answer = "Sentence 0 says that lamp number 0 is 0 metres high."
        try writeChunkingSet(start: 0, end: answer.count, text: answer)
        let report = try object(
            carrel.run(
                "eval", "chunking", path("chunks"), "--k", "1", "--chunk-tokens", "16,64", "--overlap", "0",
                "--mode", "vector", "--json", "--per-query", path("c.tsv"), "--svg", path("c.svg")))
        let points = try #require(report["points"] as? [[String: Any]])
        #expect(points.map { $0["chunk_tokens"] as? Int } == [16, 64])
        let precisions = points.map { point in
            ["precision", "precision_omega"].map { key in
                let estimate =
                    key == "precision"
                    ? (point["measures"] as? [String: [String: Double]])?[key]
                    : point[key] as? [String: Double]
                return estimate?["mean"] ?? 0
            }
        }
        // The larger the passage that holds the answer, the more else is in it.
        #expect(precisions[0][1] > precisions[1][1] && precisions[1][1] > 0)
        #expect(precisions.allSatisfy { $0[0] <= $0[1] + 1e-9 }, "\(precisions)")
        #expect(try text("c.tsv").split(separator: "\n").count == 3)
        #expect(try text("c.svg").contains("tokens a chunk aims at"))
    }

    @Test func `what is wrong is said before anything is embedded`() throws {
        try writeChunkingSet(start: 1, end: 5, text: "Sent")
        try folder.write("q9 Q0 d1 1 0.9 x\n", to: "foreign.run")
        let run = path("foreign.run")
        let cases: [([String], Int32, String)] = [
            (["chunking", path("chunks")], 2, "at character 1 the corpus says 'ente', expected 'Sent'"),
            (["chunking", path("set")], 2, "has no questions.jsonl"),
            (["chunking", "x", "--chunk-tokens", "8"], 64, "16 to 32768, found 8"),
            (["chunking", "x", "--chunk-tokens", "200,many"], 64, "chunk-tokens"),
            (["chunking", "x", "--overlap", "0.9"], 64, "0.0 to 0.5, found 0.9"),
            (["chunking", "x", "--k", "0"], 64, "1 to 1000, found 0"),
            (["run", path("set"), "--mode", "smell"], 64, "smell"),
            (["run", path("set"), "--resamples", "10"], 64, "1000 to 1000000, found 10"),
            (["run", path("set"), "--svg", path("nowhere/a.svg")], 2, "cannot be written"),
            (["compare", run, run, "--qrels", path("set/qrels.tsv")], 2, "none of the 1 queries"),
            (["compare", path("no.run"), run, "--qrels", path("set/qrels.tsv")], 2, "has no no.run"),
        ]
        for (arguments, exitCode, words) in cases {
            let result = try carrel.run(["eval"] + arguments)
            #expect(result.exitCode == exitCode, "\(arguments)")
            #expect(result.errors.contains(words), "\(arguments): \(result.errors)")
        }
    }

    @Test func `passages longer than the model reads are refused`() throws {
        try writeChunkingSet(start: 0, end: 4, text: "Sent")
        let result = try carrel.run("eval", "chunking", path("chunks"), "--chunk-tokens", "400")
        #expect(
            result.exitCode == 2 && result.errors.contains("the model reads up to 254"), "\(result.errors)")
    }
}
