/// Blocks to chunks. Pure, and linear in the source.
///
/// Three steps: `Units` takes blocks apart into counted units, `ChunkPlan` groups them, and here each group
/// becomes text that is counted once more, exactly as it will be embedded.
package struct Chunker: Sendable {
    package let options: ChunkingOptions
    private let counter: any TokenCounter

    package init(options: ChunkingOptions, counter: any TokenCounter) {
        self.options = options
        self.counter = counter
    }

    /// The chunks of `document`, in source order. `bytes` are the ones it was parsed from.
    package func chunks(of document: ParsedDocument, in bytes: [UInt8]) -> [Chunk] {
        precondition(
            bytes.count == document.byteCount,
            "the document was parsed from \(document.byteCount) bytes, these are \(bytes.count)")
        guard !document.blocks.isEmpty else { return [] }
        let units = Units(document.blocks, bytes, TokenMeter(options, counter))
        let plan = ChunkPlan(units, options)
        let lines = LineTable(bytes)
        var chunks: [Chunk] = []
        var previous: ChunkPlan.Span?
        while var span = plan.span(after: previous) {
            let (text, tokenCount) = fit(&span, units, bytes)
            let range = units.byteRange(span)
            chunks.append(
                Chunk(
                    ordinal: chunks.count, byteRange: range, lineRange: lines.lines(of: range),
                    headingPath: units.headingPath(span), text: text, tokenCount: tokenCount))
            previous = span
        }
        return chunks
    }

    /// The text of a span, the span having been shortened until the text is within the cap.
    ///
    /// Units are counted apart, so their sum can fall short of the whole under a tokenizer that merges across
    /// spaces, or splits what a repeated header leaves. A single unit without context was counted as it is.
    private func fit(_ span: inout ChunkPlan.Span, _ units: Units, _ bytes: [UInt8]) -> (String, Int) {
        var hasContext = true
        while true {
            let text = units.text(span, bytes, hasContext: hasContext)
            let count = counter.tokenCount(of: text)
            if count <= options.tokensMax { return (text, count) }
            if span.start < span.freshStart {
                span.start = span.freshStart
            } else if span.end - span.start > 1 {
                let unitCount = span.end - span.start
                span.end = span.start + max(1, min(unitCount - 1, unitCount * options.tokensMax / count))
            } else if hasContext {
                hasContext = false
            } else {
                return (text, count)
            }
        }
    }
}

extension Units {
    fileprivate func byteRange(_ span: ChunkPlan.Span) -> Range<Int> {
        units[span.start].byteRange.lowerBound..<units[span.end - 1].byteRange.upperBound
    }

    fileprivate func text(_ span: ChunkPlan.Span, _ bytes: [UInt8], hasContext: Bool) -> String {
        let text = SourceText.text(bytes, byteRange(span))
        let context = units[span.start].context
        guard hasContext, context >= 0 else { return text }
        return SourceText.text(bytes, contexts[context].byteRange) + "\n" + text
    }

    /// What the paths of the text have in common; headings alone speak for themselves.
    fileprivate func headingPath(_ span: ChunkPlan.Span) -> [String] {
        let members = units[span.start..<span.end]
        let texts = members.filter { !$0.isLead }
        let spoken = texts.isEmpty ? Array(members.suffix(1)) : texts
        var path = sections[spoken[0].section].path
        var last = spoken[0].section
        for unit in spoken where unit.section != last {
            last = unit.section
            let other = sections[last].path
            path = zip(path, other).prefix { $0 == $1 }.map(\.0)
        }
        return path
    }
}
