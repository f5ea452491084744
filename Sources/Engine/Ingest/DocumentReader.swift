import Documents
import Embedding
import Store
import TextIndex

/// A document's bytes, and what they are.
struct DocumentContent: Sendable {
    let bytes: [UInt8]
    let digest: ContentDigest
    let mediaType: MediaType

    /// - Throws: `DocumentError` where the bytes are of a format that is not read.
    init(_ bytes: [UInt8], named: MediaType) throws {
        self.bytes = bytes
        digest = ContentDigest(of: bytes)
        mediaType = try ContentSniffer.mediaType(of: bytes, named: named)
        notices = mediaType == named ? [] : [.readAs(mediaType, named: named)]
    }

    let notices: [ParseNotice]
}

/// What a document says, once it was parsed and cut.
struct DocumentReading: Sendable {
    var content: DocumentContent

    /// What the chunks are ranges of; nil where that is the content itself.
    var rendition: Rendition?
    var title: String?
    var attributes: [String: AttributeValue]
    var chunks: [Chunk]
    var notices: [ParseNotice]

    /// What its words are stemmed by.
    var language: Language

    var tokenCount: Int { chunks.reduce(0) { $0 + $1.tokenCount } }
}

/// Bytes to chunks, the same way for every document of a workspace. Pure; runs on the pool.
struct DocumentReader: Sendable {
    private let chunker: Chunker
    private let policy: ChunkingPolicy

    /// The parser's own revision: raised when the same bytes would give other blocks.
    private static let parserRevision = 1

    /// A document of 10 MiB has about 15,000 passages. Only one made of millions of tiny sections has more than this,
    /// and would fill memory and index with nothing worth finding.
    static let chunksMax = 65_536

    /// No document of the size that is read has as many tokens: it is one chunk.
    private static let wholeTokens = 1 << 40

    init(policy: ChunkingPolicy, embedder: any Embedder) {
        self.policy = policy
        let most = embedder.windowTokens - embedder.specialTokenCount
        let options =
            switch policy {
            case .standard: ChunkingOptions(tokensMax: most)
            case .sized(let target, let overlap):
                ChunkingOptions(tokensTarget: target, overlapFraction: overlap, tokensMax: most)
            case .whole:
                ChunkingOptions(
                    tokensTarget: Self.wholeTokens, overlapFraction: 0, tokensMax: Self.wholeTokens)
            }
        chunker = Chunker(options: options, counter: EmbedderTokenCounter(embedder: embedder))
    }

    /// All that decides chunks and vectors besides the bytes. Where it changes, a document is read again.
    func fingerprint(in space: SpaceKey) -> String {
        "parser-\(Self.parserRevision) \(chunker.options.fingerprint) \(space.description)"
    }

    /// Whether a version with this fingerprint is as this reader would leave it: read by it, in the same
    /// space, or come from another space by a migration, which embeds passages anew and cuts none, and short
    /// enough for this one's window.
    func accepts(_ fingerprint: String, in space: SpaceKey) -> Bool {
        if fingerprint == self.fingerprint(in: space) { return true }
        let parser = "parser-\(Self.parserRevision) "
        guard fingerprint.hasPrefix(parser), !fingerprint.hasSuffix(" \(space.description)") else {
            return false
        }
        return chunker.options.admitsChunks(madeWith: fingerprint.dropFirst(parser.count))
    }

    func read(_ content: DocumentContent, rendition: Rendition?) throws -> DocumentReading {
        let source = rendition?.text ?? content.bytes
        let document = try DocumentParser.parse(source, as: rendition?.textType ?? content.mediaType)
        var chunks = chunker.chunks(of: document, in: source)
        if let rendition, !rendition.pages.isEmpty {
            for index in chunks.indices {
                chunks[index].page = rendition.page(at: chunks[index].byteRange.lowerBound)
            }
        }
        guard chunks.count <= Self.chunksMax else {
            throw EngineError.tooManyChunks(found: chunks.count, max: Self.chunksMax)
        }
        return DocumentReading(
            content: content, rendition: rendition, title: rendition?.title ?? document.title,
            attributes: (rendition?.attributes ?? [:]).filled(from: document.attributes), chunks: chunks,
            notices: content.notices + (rendition?.notices ?? []) + document.notices,
            language: Self.language(of: chunks))
    }

    /// Told from the beginning: as much as the detector looks at.
    private static func language(of chunks: [Chunk]) -> Language {
        var sample = ""
        for chunk in chunks where sample.utf8.count < LanguageDetector.bytesMax {
            sample += chunk.text + "\n"
        }
        return LanguageDetector.detect(sample, prior: nil).language
    }
}

/// The embedder's own tokenizer, in the words of `Documents`.
private struct EmbedderTokenCounter: TokenCounter {
    let embedder: any Embedder

    func tokenCount(of text: String) -> Int {
        embedder.tokenCount(of: text)
    }
}
