import Engine

/// A response as JSON. The names are the command's promise to scripts.
struct SearchOutput: Encodable {
    struct Part: Encodable {
        var side: String
        var rank: Int?
        var value: Double
        var share: Double
        var weight: Double
        var contribution: Double

        init(_ part: ScoreReceipt.Part) {
            side = part.side.rawValue
            (rank, value) = (part.rank, part.value)
            (share, weight, contribution) = (part.share, part.weight, part.contribution)
        }
    }

    struct Word: Encodable {
        var word: String
        var frequency: Double
        var documentFrequency: Int
        var idf: Double
        var score: Double

        enum CodingKeys: String, CodingKey {
            case word, frequency, idf, score
            case documentFrequency = "document_frequency"
        }

        init(_ word: WordScore) {
            (self.word, frequency, score) = (word.word, word.frequency, word.score)
            (documentFrequency, idf) = (word.documentFrequency, word.inverseDocumentFrequency)
        }
    }

    struct Around: Encodable {
        var text: String
        var citation: CitationOutput
    }

    struct Hit: Encodable {
        var rank: Int
        var score: Double
        var relevance: Double
        var parts: [Part]
        var words: [Word]
        var rerankScore: Double?
        var text: String
        var highlights: [[Int]]
        var citation: CitationOutput
        var surroundings: [Around]?
        var duplicates: Int?

        enum CodingKeys: String, CodingKey {
            case rank, score, relevance, parts, words, text, highlights, citation, surroundings, duplicates
            case rerankScore = "rerank_score"
        }

        init(_ hit: SearchHit) {
            (rank, score, relevance, rerankScore) = (hit.rank, hit.score, hit.relevance, hit.rerankScore)
            parts = hit.receipt.parts.map { Part($0) }
            words = hit.receipt.words.map { Word($0) }
            text = hit.text
            highlights = hit.highlights.map { [$0.lowerBound, $0.upperBound] }
            citation = CitationOutput(hit.citation)
            let around = hit.surroundings.map { Around(text: $0.text, citation: CitationOutput($0.citation)) }
            surroundings = around.isEmpty ? nil : around
            duplicates = hit.duplicateCount > 0 ? hit.duplicateCount : nil
        }
    }

    struct Searched: Encodable {
        var committed: Int
        var sealed: Int
        var tail: Int
        var complete: Bool
    }

    struct Matched: Encodable {
        var documents: Int
        var rows: Int?
    }

    struct Probed: Encodable {
        var lists: Int
        var rows: Int
        var reranked: Int
    }

    struct Guard: Encodable {
        var language: String
        var confidence: Double
        var active: Bool
    }

    /// What the reranker did, where it was asked for.
    struct Reranking: Encodable {
        var done: Bool
        var model: String?
        var read: Int?
        var reason: String?

        init(_ outcome: RerankOutcome) {
            switch outcome {
            case .done(let model, let count): (done, self.model, read) = (true, model, count)
            case .failed(let reason): (done, self.reason) = (false, reason)
            }
        }
    }

    var hits: [Hit]
    var mode: String
    var languageGuard: Guard?
    var model: ModelOutput?
    var searched: Searched
    var matched: Matched?
    var expectedRecall: Double
    var probed: Probed
    var snapshot: Int64
    var reranking: Reranking?
    var timings: [String: Double]

    enum CodingKeys: String, CodingKey {
        case hits, mode, model, searched, matched, probed, snapshot, reranking, timings
        case languageGuard = "language_guard"
        case expectedRecall = "expected_recall"
    }

    init(_ response: SearchResponse) {
        hits = response.hits.map { Hit($0) }
        mode = response.mode.rawValue
        languageGuard = response.languageGuard.map {
            Guard(language: $0.languageTag, confidence: $0.confidence, active: $0.isActive)
        }
        model = response.model.map { ModelOutput($0) }
        let searched = response.searched
        self.searched = Searched(
            committed: searched.committed, sealed: searched.sealed, tail: searched.tail,
            complete: searched.isComplete)
        matched = response.matched.map { Matched(documents: $0.documentCount, rows: $0.rowCount) }
        expectedRecall = response.expectedRecall
        probed = Probed(
            lists: response.probed.listCount, rows: response.probed.rowCount,
            reranked: response.probed.rerankedRowCount)
        snapshot = response.snapshotSequence
        reranking = response.reranking.map { Reranking($0) }
        timings = [
            "embedding_ms": Figure.milliseconds(response.timings.embedding),
            "index_ms": Figure.milliseconds(response.timings.index),
            "passages_ms": Figure.milliseconds(response.timings.passages),
            "rerank_ms": Figure.milliseconds(response.timings.reranking),
        ]
    }
}

/// What made vectors, as JSON.
struct ModelOutput: Encodable {
    var id: String
    var revision: String
    var precision: String
    var dimension: Int

    init(_ model: ModelDescription) {
        id = model.id
        revision = model.revision
        precision = model.precision
        dimension = model.dimension
    }
}

/// A citation as JSON.
struct CitationOutput: Encodable {
    var document: String
    var path: String
    var origin: String?
    var title: String?
    var version: Int
    var chunk: String
    var byteStart: Int
    var byteEnd: Int
    var lineStart: Int
    var lineEnd: Int
    var headings: [String]
    var sha256: String
    var page: Int?
    var rendition: String?

    enum CodingKeys: String, CodingKey {
        case document, path, origin, title, version, chunk, headings, sha256, page, rendition
        case byteStart = "byte_start"
        case byteEnd = "byte_end"
        case lineStart = "line_start"
        case lineEnd = "line_end"
    }

    init(_ citation: Citation) {
        document = citation.documentID
        path = citation.path
        origin = citation.origin
        title = citation.title
        version = citation.version
        chunk = citation.chunkID
        byteStart = citation.byteRange.lowerBound
        byteEnd = citation.byteRange.upperBound
        lineStart = citation.lineRange.lowerBound
        lineEnd = citation.lineRange.upperBound
        headings = citation.headingPath
        sha256 = citation.sha256
        page = citation.page
        rendition = citation.rendition
    }
}
