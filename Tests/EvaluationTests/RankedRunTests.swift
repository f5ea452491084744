import Evaluation
import Foundation
import TestSupport
import Testing

struct RankedRunTests {
    private func read(_ text: String) throws -> RankedRun {
        let folder = try TemporaryFolder()
        return try RankedRun(file: folder.write(text, to: "a.run"))
    }

    @Test func `a run comes back from its file`() throws {
        let run = RankedRun(rankings: [
            "q2": [.init(document: "d1", score: 0.5)],
            "q1": [.init(document: "d2", score: 0.1 + 0.2), .init(document: "d1", score: -1)],
        ])
        let text = try run.text(tag: "vector")
        #expect(text.hasPrefix("q1 Q0 d2 1 0.30000000000000004 vector\n"))
        #expect(try read(text) == run)
    }

    @Test func `the rank decides the order, in whatever order the lines stand`() throws {
        let run = try read("q\tQ0\tb\t2\t9\tx\nq Q0 a 1 0.5 x\r\n\n")
        #expect(run.documents == ["q": ["a", "b"]])
    }

    @Test(arguments: [
        "q Q0 a 1 0.5", "q Q0 a one 0.5 x", "q Q0 a 1 nan x", "q Q0 a -1 1 x", "q Q0 a 1 1 x more",
    ])
    func `a line that is no line of a run is named by its number`(line: String) throws {
        #expect {
            try read("q Q0 z 7 1 x\n" + line + "\n")
        } throws: { error in
            guard case .malformedLine("a.run", 2, _) = error as? DatasetError else { return false }
            return true
        }
    }

    @Test func `a document or a rank twice, an empty file and no file are refused`() throws {
        #expect(throws: DatasetError.duplicateID(name: "a.run", line: 2, id: "a")) {
            try read("q Q0 a 1 1 x\nq Q0 a 2 1 x\n")
        }
        #expect(throws: DatasetError.duplicateRank(name: "a.run", line: 2, rank: 1)) {
            try read("q Q0 a 1 1 x\nq Q0 b 1 1 x\n")
        }
        #expect(throws: DatasetError.emptyRun(name: "a.run")) { try read("\n") }
        let folder = try TemporaryFolder()
        #expect(throws: DatasetError.fileMissing(name: "a.run", folder: folder.url.path)) {
            try RankedRun(file: folder.url.appending(path: "a.run"))
        }
    }

    @Test(arguments: ["", "two words", "a\tb"])
    func `an id that a file cannot hold is refused before it is written`(id: String) {
        #expect(throws: DatasetError.idNotWritable(id: id)) {
            try RankedRun(rankings: ["q": [.init(document: id, score: 1)]]).text(tag: "x")
        }
    }
}
