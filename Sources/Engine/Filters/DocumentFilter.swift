package import Store

/// Which documents a search may find passages of.
///
/// Conditions are true or false of a document, never unknown: of one that has no such attribute, or a value of another
/// type, a comparison is false and its negation true.
package indirect enum DocumentFilter: Sendable, Hashable {
    case condition(DocumentCondition)
    case not(DocumentFilter)
    case and([DocumentFilter])
    case or([DocumentFilter])

    /// Conditions in one filter; each is a range of an index that is read.
    package static let conditionsMax = 64

    /// Filters in one another.
    package static let depthMax = 8

    /// Values of one `in` or `nin`, and documents of one list.
    package static let valuesMax = 1_024

    /// In the order in which they are written.
    var conditions: [DocumentCondition] {
        switch self {
        case .condition(let condition): [condition]
        case .not(let filter): filter.conditions
        case .and(let filters), .or(let filters): filters.flatMap(\.conditions)
        }
    }

    private var depth: Int {
        switch self {
        case .condition: 1
        case .not(let filter): 1 + filter.depth
        case .and(let filters), .or(let filters): 1 + (filters.map(\.depth).max() ?? 0)
        }
    }

    private var hasComplement: Bool {
        switch self {
        case .condition: false
        case .not: true
        case .and(let filters), .or(let filters): filters.contains(where: \.hasComplement)
        }
    }

    /// - Throws: `EngineError.filterInvalid`.
    func validate() throws(EngineError) {
        let count = conditions.count
        guard (1...Self.conditionsMax).contains(count) else {
            throw .filterInvalid(
                FilterFault(at: "", found: "\(count) conditions", expected: "1 to \(Self.conditionsMax)"))
        }
        guard depth <= Self.depthMax else {
            throw .filterInvalid(
                FilterFault(
                    at: "", found: "\(depth) filters in one another",
                    expected: "up to \(Self.depthMax)"))
        }
    }

    /// Reads the documents that match, all as of one moment.
    ///
    /// - Throws: `StoreError.filterTooBroad`.
    func documents(in store: WorkspaceStore) throws(StoreError) -> (moment: FilterMoment, OrdinalSet) {
        let found = try store.documents(matching: conditions, wantsAll: hasComplement)
        var matches = found.matches[...]
        return (found.moment, combined(&matches, found.all ?? OrdinalSet()))
    }

    /// - Parameter matches: of the conditions, in their order; those used are taken away.
    private func combined(_ matches: inout ArraySlice<OrdinalSet>, _ all: OrdinalSet) -> OrdinalSet {
        switch self {
        case .condition: return matches.popFirst() ?? OrdinalSet()
        case .not(let filter):
            var rest = all
            rest.subtract(filter.combined(&matches, all))
            return rest
        case .and(let filters):
            var both: OrdinalSet?
            for filter in filters {
                let next = filter.combined(&matches, all)
                both?.formIntersection(next)
                both = both ?? next
            }
            return both ?? OrdinalSet()
        case .or(let filters):
            var either = OrdinalSet()
            for filter in filters { either.formUnion(filter.combined(&matches, all)) }
            return either
        }
    }
}

/// What is wrong with a filter, and where.
package struct FilterFault: Error, Sendable, Hashable {
    /// Within the filter, as `filters[1].value`; empty for the whole.
    package let place: String
    package let found: String
    package let expected: String

    package init(at place: String, found: String, expected: String) {
        self.place = place
        self.found = found
        self.expected = expected
    }
}
