import Evaluation
import Foundation
import TestSupport
import Testing

struct ChunkingDatasetTests {
    /// Characters of one to four bytes, and one of two scalars; long enough for several marks.
    private static let corpus = "Grüße 🪨 an e\u{301}le. " + String(repeating: "äbc漢 ", count: 200) + "Ende"

    private func dataset(
        _ questions: String, corpus: [UInt8] = Array(corpus.utf8), name: String = "c.md"
    ) throws -> ChunkingDataset {
        let folder = try TemporaryFolder()
        try folder.write(corpus, to: "corpora/\(name)")
        try folder.write(questions, to: "questions.jsonl")
        return try ChunkingDataset(folder: folder.url)
    }

    private static func question(_ start: Int, _ end: Int, _ text: String, id: String = "q") -> String {
        let reference = #"{"start":\#(start),"end":\#(end),"text":"\#(text)"}"#
        return #"{"id":"\#(id)","corpus":"c","text":"where?","references":[\#(reference)]}"# + "\n"
    }

    @Test(arguments: ["c.md", "c.txt"])
    func `offsets count Unicode scalars`(name: String) throws {
        let all = Self.corpus.unicodeScalars.count
        let lines =
            Self.question(2, 7, "üße 🪨", id: "a")
            + Self.question(11, 14, "e\u{301}l", id: "b") + Self.question(all - 4, all, "Ende", id: "c")
        let dataset = try dataset(lines, name: name)
        #expect(dataset.questions.map(\.references) == [[2..<7], [11..<14], [(all - 4)..<all]])
        #expect(dataset.corpora.map(\.characterCount) == [all])
        #expect(dataset.fileNames == ["corpora/\(name)", "questions.jsonl"])
    }

    @Test func `a range of bytes is that of the characters which begin in it, at every byte`() throws {
        let corpus = try #require(try dataset(Self.question(0, 2, "Gr")).corpora.first)
        // How many scalars begin before each byte, counted one by one.
        var before = [0]
        for byte in Self.corpus.utf8 {
            before.append(before[before.count - 1] + (byte & 0xC0 == 0x80 ? 0 : 1))
        }
        for end in before.indices {
            let start = end / 3
            #expect(corpus.characterRange(ofBytes: start..<end) == before[start]..<before[end])
        }
        let (bytes, characters) = (Self.corpus.utf8.count, corpus.characterCount)
        #expect(corpus.characterRange(ofBytes: 0..<(bytes + 9)) == 0..<characters)
    }

    @Test func `a reference that says something else than its corpus is refused with both`() throws {
        let mismatch = DatasetError.referenceMismatch(
            name: "questions.jsonl", line: 2, start: 0, expected: "Gruß", found: "Grüß")
        #expect(throws: mismatch) {
            try dataset(Self.question(0, 2, "Gr", id: "a") + Self.question(0, 4, "Gruß"))
        }
        // The same letter in another normal form is another text: its offsets would be others.
        #expect(throws: DatasetError.self) { try dataset(Self.question(11, 13, "é")) }
    }

    @Test(arguments: [(0, 0), (5, 3), (-1, 2), (0, 99_999)])
    func `a reference outside its corpus is refused`(start: Int, end: Int) throws {
        let expected = DatasetError.referenceOutOfRange(
            name: "questions.jsonl", line: 1, start: start, end: end,
            characterCount: Self.corpus.unicodeScalars.count)
        #expect(throws: expected) { try dataset(Self.question(start, end, "Gr")) }
    }

    @Test func `what is missing, doubled, empty or no text is refused`() throws {
        let question = Self.question(0, 2, "Gr")
        #expect(throws: DatasetError.duplicateID(name: "questions.jsonl", line: 2, id: "q")) {
            try dataset(question + question)
        }
        #expect(throws: DatasetError.noQuestions(name: "questions.jsonl")) { try dataset("\n") }
        #expect(throws: DatasetError.noReferences(name: "questions.jsonl", line: 1, id: "q")) {
            try dataset(#"{"id":"q","corpus":"c","text":"where?","references":[]}"#)
        }
        #expect(throws: DatasetError.notUTF8(name: "corpora/c.md")) {
            try dataset(question, corpus: [0x47, 0xFF])
        }
        #expect {
            try dataset(question, name: "other.md")
        } throws: { error in
            guard case .fileMissing("corpora/c.md", _) = error as? DatasetError else { return false }
            return true
        }
    }

    @Test(arguments: [#"{"id":"q"}"#, "no JSON", #"{"id":"q","corpus":"../x","text":"t","references":[]}"#])
    func `a malformed question is named by its line`(line: String) throws {
        #expect {
            try dataset(Self.question(0, 2, "Gr", id: "a") + line)
        } throws: { error in
            guard case .malformedLine("questions.jsonl", 2, _) = error as? DatasetError else { return false }
            return true
        }
    }
}
