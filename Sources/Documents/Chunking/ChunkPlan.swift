/// Where a document is cut, decided on counts alone.
///
/// From its first unit a chunk grows to the target; it is then cut at the most willing joint of what it has
/// passed, the latest among equals, but not before a quarter of the target. If a joint of a better kind lies
/// within another quarter beyond the target, the chunk grows to it instead: a paragraph or list item is
/// finished, and no section leaves a scrap behind. One rule is absolute: `Joint.mandatory` is always a cut.
struct ChunkPlan {
    /// The units of one chunk: those repeated from the chunk before, then its own.
    struct Span: Equatable {
        var start: Int
        let freshStart: Int
        var end: Int
    }

    private let units: [Unit]
    private let sections: [Units.Section]
    private let contexts: [Units.Context]
    private let tokensTarget: Int
    private let tokensStretched: Int
    private let tokensFreshMin: Int
    private let overlapTokens: Int

    init(_ source: Units, _ options: ChunkingOptions) {
        units = source.units
        sections = source.sections
        contexts = source.contexts
        tokensTarget = options.tokensTarget
        tokensStretched = min(options.tokensMax, options.tokensTarget * 5 / 4)
        tokensFreshMin = options.tokensTarget / 4
        overlapTokens = options.overlapTokens
    }

    /// The next chunk after `previous` (the first after nil); nil at the end of the document.
    func span(after previous: Span?) -> Span? {
        let freshStart = previous?.end ?? 0
        guard freshStart < units.count else { return nil }
        let start = previous.map { overlapStart(after: $0) } ?? 0
        return Span(start: start, freshStart: freshStart, end: cut(start: start, freshStart: freshStart))
    }

    /// The unit before which the chunk ends.
    private func cut(start: Int, freshStart: Int) -> Int {
        var fresh = 0
        var best: (joint: Joint, end: Int)?
        var early: (joint: Joint, end: Int)?
        for end in (freshStart + 1)...units.count {
            fresh += units[end - 1].tokenCount
            let joint = end == units.count ? Joint.mandatory : units[end].joint
            let size = size(start, freshStart, end, fresh)
            if size > tokensStretched { break }
            if joint == .mandatory { return end }
            if size <= tokensTarget, fresh < tokensFreshMin {
                if joint >= early?.joint ?? .glue { early = (joint, end) }
            } else if size <= tokensTarget {
                if leavesSection(of: start, before: end) { return end }
                if joint >= best?.joint ?? .glue { best = (joint, end) }
            } else if joint.tier > (best?.joint ?? .glue).tier {
                best = (joint, end)
            }
        }
        if let best, best.joint > .glue { return best.end }
        if let early, early.joint > .glue { return early.end }
        return best?.end ?? early?.end ?? freshStart + 1
    }

    /// The chunk's tokens, or its bytes taken for tokens where those are more. Both only grow with `end`.
    private func size(_ start: Int, _ freshStart: Int, _ end: Int, _ fresh: Int) -> Int {
        let repeated = units[start..<freshStart].reduce(0) { $0 + $1.tokenCount }
        let byteCount = units[end - 1].byteRange.upperBound - units[start].byteRange.lowerBound
        return max(contextTokens(start) + repeated + fresh, byteCount / TokenMeter.bytesPerTokenMax)
    }

    private func contextTokens(_ unit: Int) -> Int {
        units[unit].context < 0 ? 0 : contexts[units[unit].context].tokenCount
    }

    /// Whether a chunk that began inside a section would run into another of its level or above.
    private func leavesSection(of start: Int, before end: Int) -> Bool {
        guard end < units.count, units[end].joint.tier == .section else { return false }
        let section = sections[units[start].section]
        return start > section.firstUnit && sections[units[end].section].level <= section.level
    }

    /// Whole units from the end of the chunk before, within the overlap; one that is half as long again may
    /// stand alone. Nothing is repeated across a heading.
    private func overlapStart(after previous: Span) -> Int {
        let freshStart = previous.end
        let section = units[freshStart].section
        var start = freshStart
        var repeated = 0
        while start - 1 > previous.start {
            let unit = units[start - 1]
            let limit = start == freshStart ? overlapTokens * 3 / 2 : overlapTokens
            guard unit.section == section, !unit.isLead, repeated + unit.tokenCount <= limit,
                size(start - 1, freshStart, freshStart + 1, units[freshStart].tokenCount) <= tokensTarget
            else { break }
            repeated += unit.tokenCount
            start -= 1
        }
        return start
    }
}
