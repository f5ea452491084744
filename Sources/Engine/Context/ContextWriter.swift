/// Puts hits into a text of so many tokens. A pure value.
///
/// The best come first, and of one document what stands together in it: passages of a document that follow each other
/// are joined, and what two of them share is said once.
struct ContextWriter {
    let tokenBudget: Int
    let tokenCount: (String) -> Int

    /// A part of the text that has a number.
    private struct Entry {
        var hits: [SearchHit]
        var text: String
        var tokenCount = 0
    }

    /// What overlapping passages share is looked for in so many characters.
    private static let overlapMax = 4_096

    /// Hits are put in from the best on; one that does not fit is left out, and a smaller one behind it may be put in.
    func block(of hits: [SearchHit]) -> (text: String, sources: [ContextBlock.Source], omittedCount: Int) {
        var entries: [Entry] = []
        var omittedCount = 0
        for hit in hits {
            let grown = adding(hit, to: entries)
            if grown.reduce(0, { $0 + $1.tokenCount }) <= tokenBudget {
                entries = grown
            } else {
                omittedCount += 1
            }
        }
        let sources = zip(1..., entries).map { number, entry in
            ContextBlock.Source(
                number: number, citations: entry.hits.map(\.citation),
                rank: entry.hits.map(\.rank).min() ?? 0,
                relevance: entry.hits.map(\.relevance).max() ?? 0)
        }
        return (Self.text(of: entries), sources, omittedCount)
    }

    /// Joins a hit to what it follows or goes before in its document, or adds an entry.
    private func adding(_ hit: SearchHit, to entries: [Entry]) -> [Entry] {
        var entries = entries
        if entries.contains(where: { $0.text.contains(hit.text) }) { return entries }
        guard let place = entries.firstIndex(where: { Self.isNeighbor($0.hits, hit) }) else {
            return entries + [counted(Entry(hits: [hit], text: hit.text), number: entries.count + 1)]
        }
        let ordered = (entries[place].hits + [hit]).sorted {
            $0.citation.byteRange.lowerBound < $1.citation.byteRange.lowerBound
        }
        let text = ordered.dropFirst().reduce(ordered[0].text) { Self.joined($0, $1.text) }
        entries[place] = counted(Entry(hits: ordered, text: text), number: place + 1)
        return entries
    }

    /// Tokens are counted by the entry: between two of them is a blank line, over which none reaches.
    private func counted(_ entry: Entry, number: Int) -> Entry {
        var entry = entry
        entry.tokenCount = tokenCount(Self.text(of: entry, number: number))
        return entry
    }

    /// Whether nothing but blank bytes can stand between them: passages end and begin at lines.
    private static func isNeighbor(_ hits: [SearchHit], _ other: SearchHit) -> Bool {
        let citation = other.citation
        return hits.contains { hit in
            let own = hit.citation
            guard own.documentID == citation.documentID, own.version == citation.version else { return false }
            let gap =
                max(own.lineRange.lowerBound, citation.lineRange.lowerBound)
                - min(own.lineRange.upperBound, citation.lineRange.upperBound)
            return gap <= 2
        }
    }

    /// The second behind the first, without the beginning that is the first's end.
    static func joined(_ first: String, _ second: String) -> String {
        let (end, start) = (Array(first.suffix(overlapMax)), Array(second.prefix(overlapMax)))
        for length in stride(from: min(end.count, start.count), to: 0, by: -1)
        where end[end.count - length] == start[0] && end.suffix(length).elementsEqual(start.prefix(length)) {
            return first + String(second.dropFirst(length))
        }
        return first + "\n\n" + second
    }

    private static func text(of entries: [Entry]) -> String {
        zip(1..., entries).map { text(of: $1, number: $0) }.joined(separator: "\n\n")
    }

    private static func text(of entry: Entry, number: Int) -> String {
        "[\(number)] \(heading(of: entry))\n\(entry.text)"
    }

    /// Where it stands, in one line.
    private static func heading(of entry: Entry) -> String {
        let citations = entry.hits.map(\.citation)
        guard let first = citations.first else { return "" }
        let low = citations.map(\.lineRange.lowerBound).min() ?? 0
        let high = citations.map(\.lineRange.upperBound).max() ?? 0
        let page = first.page.map { ", page \($0)" } ?? ""
        let headings = first.headingPath.isEmpty ? "" : " – " + first.headingPath.joined(separator: " › ")
        return "\(first.path), lines \(low)–\(high)\(page)\(headings)"
    }
}
