import Embedding
import Evaluation
import Foundation

/// Tokens a second of a model in its precisions, in rounds that take turns.
struct EmbeddingBenchmark {
    let embedders: [(precision: Precision, embedder: LocalEmbedder)]
    let rounds: Int
    let seconds: Double

    /// Texts of one call.
    static let callTexts = 64

    /// Texts of one kind.
    struct Workload {
        var name: String
        var texts: [String]
        var tokenCount: Int

        init(name: String, texts: [String], by embedder: LocalEmbedder) {
            (self.name, self.texts) = (name, texts)
            tokenCount = texts.reduce(0) {
                $0 + min(embedder.tokenCount(of: $1) + embedder.specialTokenCount, embedder.windowTokens)
            }
        }

        /// As many equal texts as a call has, or `limit`, of `tokens` tokens each, special ones included.
        static func uniform(tokens: Int, limit: Int, by embedder: LocalEmbedder) -> Workload {
            let words = [
                "the", "water", "of", "this", "island", "was", "never", "far", "from", "its", "old", "house",
            ]
            var text = words[0]
            for word in 1..<max(2, embedder.windowTokens)
            where embedder.tokenCount(of: text) + embedder.specialTokenCount < tokens {
                text += " " + words[word % words.count]
            }
            return Workload(
                name: "\(tokens) tokens", texts: Array(repeating: text, count: min(callTexts, limit)),
                by: embedder)
        }
    }

    struct Figure: Encodable {
        var precision: String
        var workload: String
        var tokensPerSecond: Double
        var tokensPerSecondLeast: Double
        var tokensPerSecondMost: Double

        enum CodingKeys: String, CodingKey {
            case precision, workload
            case tokensPerSecond = "tokens_per_s"
            case tokensPerSecondLeast = "tokens_per_s_min"
            case tokensPerSecondMost = "tokens_per_s_max"
        }
    }

    /// One figure for each precision and workload.
    func measured(_ workloads: [Workload]) async throws -> [Figure] {
        var rates = [String: [Double]]()
        for round in 0...rounds {
            for workload in workloads {
                for (precision, embedder) in embedders {
                    let rate = try await tokensPerSecond(of: embedder, workload)
                    // The first round warms up.
                    if round > 0 { rates["\(precision)/\(workload.name)", default: []].append(rate) }
                }
            }
        }
        return workloads.flatMap { workload in
            embedders.compactMap { precision, _ in
                Spread(of: rates["\(precision)/\(workload.name)"] ?? []).map { spread in
                    Figure(
                        precision: precision.rawValue, workload: workload.name,
                        tokensPerSecond: spread.median,
                        tokensPerSecondLeast: spread.min, tokensPerSecondMost: spread.max)
                }
            }
        }
    }

    private func tokensPerSecond(of embedder: LocalEmbedder, _ workload: Workload) async throws -> Double {
        let start = ProcessFigures.nanoseconds
        var (tokens, elapsed) = (0, 0.0)
        repeat {
            for first in stride(from: 0, to: workload.texts.count, by: Self.callTexts) {
                let call = workload.texts[first..<min(first + Self.callTexts, workload.texts.count)]
                _ = try await embedder.embed(Array(call), as: .passage)
            }
            tokens += workload.tokenCount
            elapsed = Double(ProcessFigures.nanoseconds - start) / 1e9
        } while elapsed < seconds
        return Double(tokens) / elapsed
    }

    /// Megabytes of UTF-8 a second that one thread makes tokens of: the median of the rounds.
    func tokenizerRate(_ texts: [String]) -> Double? {
        let byteCount = texts.reduce(0) { $0 + $1.utf8.count }
        var rates: [Double] = []
        for round in 0...rounds {
            let start = ProcessFigures.nanoseconds
            var (bytes, elapsed, tokens) = (0, 0.0, 0)
            repeat {
                for text in texts { tokens += embedders[0].embedder.tokenCount(of: text) }
                bytes += byteCount
                elapsed = Double(ProcessFigures.nanoseconds - start) / 1e9
            } while elapsed < seconds && tokens > 0
            if round > 0 { rates.append(Double(bytes) / elapsed / 1e6) }
        }
        return Spread(of: rates)?.median
    }

    /// Milliseconds of one short question, asked one after the other.
    func query(_ text: String) async throws -> [(precision: Precision, percentiles: Percentiles)] {
        var histograms = embedders.map { _ in LatencyHistogram() }
        for round in 0...rounds {
            for (index, (_, embedder)) in embedders.enumerated() {
                let start = ProcessFigures.nanoseconds
                while Double(ProcessFigures.nanoseconds - start) / 1e9 < seconds {
                    let begin = ProcessFigures.nanoseconds
                    _ = try await embedder.embed([text], as: .query)
                    if round > 0 { histograms[index].record(nanoseconds: ProcessFigures.nanoseconds - begin) }
                }
            }
        }
        return zip(embedders, histograms).map { ($0.precision, Percentiles($1)) }
    }
}
