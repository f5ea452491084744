public import Foundation

/// Questions whose answers are marked in long texts: what a way of cutting texts into passages is measured on.
///
/// A folder with `questions.jsonl` and `corpora/NAME.md` (or `.txt`). A question is `{"id", "corpus", "text",
/// "references": [{"start", "end", "text"}]}`; offsets count Unicode scalars of the corpus from 0, `end` exclusive. It
/// is the content of Smith and Troynikov 2024 (github.com/brandonstarxel/chunking_evaluation) in one file.
public struct ChunkingDataset: Sendable {
    /// A text that is cut.
    public struct Corpus: Sendable {
        public let name: String

        /// Its path in the folder.
        public let fileName: String
        public let bytes: [UInt8]
        private let offsets: CharacterOffsets

        init(name: String, fileName: String, bytes: [UInt8], offsets: CharacterOffsets) {
            (self.name, self.fileName, self.bytes, self.offsets) = (name, fileName, bytes, offsets)
        }

        /// Unicode scalars.
        public var characterCount: Int { offsets.characterCount }

        /// The characters that begin within a range of its bytes, which is cut at the end of the text.
        public func characterRange(ofBytes range: Range<Int>) -> Range<Int> {
            let within = range.clamped(to: 0..<bytes.count)
            let lower = offsets.characterOffset(ofByte: within.lowerBound)
            return lower..<offsets.characterOffset(ofByte: within.upperBound)
        }
    }

    /// A question and where its answer stands.
    public struct Question: Sendable, Equatable {
        public var id: String
        public var text: String
        public var corpus: String

        /// Characters of the corpus: at least one range, none empty.
        public var references: [Range<Int>]
    }

    /// In the order of their names; only those that are asked about.
    public var corpora: [Corpus]

    /// In the file's order.
    public var questions: [Question]

    /// The files it was read from, by their paths in the folder.
    public var fileNames: [String] { corpora.map(\.fileName) + [Self.questionsName] }

    /// What a document of Carrel and of most others may have; all corpora are held in memory.
    public static let corpusBytesMax = 64 << 20

    private static let questionsName = "questions.jsonl"

    /// Characters of a text that an error quotes.
    private static let quotedMax = 60

    private struct Record: Decodable {
        struct Reference: Decodable {
            var start: Int
            var end: Int
            var text: String
        }
        var id: String
        var corpus: String
        var text: String
        var references: [Reference]
    }

    /// Reads a folder whole, and compares every reference with its corpus.
    public init(folder: URL) throws(DatasetError) {
        let decoder = JSONDecoder()
        var corpora: [String: Corpus] = [:]
        var ids = Set<String>()
        questions = []
        for (line, data) in try DatasetLines.read(Self.questionsName, in: folder) {
            guard let record = try? decoder.decode(Record.self, from: data) else {
                throw .malformedLine(
                    name: Self.questionsName, line: line,
                    expected: #"{"id", "corpus", "text", "references": [{"start", "end", "text"}]}"#)
            }
            guard ids.insert(record.id).inserted else {
                throw .duplicateID(name: Self.questionsName, line: line, id: record.id)
            }
            let corpus: Corpus
            if let read = corpora[record.corpus] {
                corpus = read
            } else {
                corpus = try Self.readCorpus(named: record.corpus, line: line, in: folder)
                corpora[record.corpus] = corpus
            }
            questions.append(try Self.question(record, of: corpus, line: line))
        }
        guard !questions.isEmpty else { throw .noQuestions(name: Self.questionsName) }
        self.corpora = corpora.values.sorted { $0.name < $1.name }
    }

    private static func readCorpus(
        named name: String, line: Int, in folder: URL
    ) throws(DatasetError) -> Corpus {
        // The name becomes part of a path.
        guard !name.isEmpty, !name.contains("/"), !name.contains("\0"), !name.hasPrefix(".") else {
            throw .malformedLine(
                name: questionsName, line: line, expected: "a corpus named like a file of corpora")
        }
        let names = ["md", "txt"].map { "corpora/\(name).\($0)" }
        let fileName =
            names.first { FileManager.default.fileExists(atPath: folder.appending(path: $0).path) }
            ?? names[0]
        let bytes = Array(try DatasetLines.bytes(of: fileName, in: folder, max: corpusBytesMax))
        guard String(validating: bytes, as: UTF8.self) != nil else { throw .notUTF8(name: fileName) }
        return Corpus(name: name, fileName: fileName, bytes: bytes, offsets: CharacterOffsets(bytes))
    }

    private static func question(
        _ record: Record, of corpus: Corpus, line: Int
    ) throws(DatasetError) -> Question {
        guard !record.references.isEmpty else {
            throw .noReferences(name: questionsName, line: line, id: record.id)
        }
        for reference in record.references {
            let (start, end) = (reference.start, reference.end)
            guard start >= 0, start < end, end <= corpus.characterCount else {
                throw .referenceOutOfRange(
                    name: questionsName, line: line, start: start, end: end,
                    characterCount: corpus.characterCount)
            }
            let found = corpus.text(ofCharacters: start..<end)
            // Scalar by scalar: as strings, texts are equal that are written differently.
            guard found.unicodeScalars.elementsEqual(reference.text.unicodeScalars) else {
                throw .referenceMismatch(
                    name: questionsName, line: line, start: start,
                    expected: String(reference.text.prefix(quotedMax)),
                    found: String(found.prefix(quotedMax)))
            }
        }
        return Question(
            id: record.id, text: record.text, corpus: record.corpus,
            references: record.references.map { $0.start..<$0.end })
    }
}

extension ChunkingDataset.Corpus {
    /// - Parameter range: within `characterCount`.
    fileprivate func text(ofCharacters range: Range<Int>) -> String {
        let lower = offsets.byteOffset(ofCharacter: range.lowerBound)
        return String(
            decoding: bytes[lower..<offsets.byteOffset(ofCharacter: range.upperBound)], as: UTF8.self)
    }
}
