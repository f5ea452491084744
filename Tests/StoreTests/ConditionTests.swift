import Documents
import Store
import TestSupport
import Testing

/// Whether a document matches, told without a database: the specification of conditions.
private func matches(_ condition: DocumentCondition, _ document: DocumentRecord) -> Bool {
    switch condition {
    case .compare(let field, let comparison, let value):
        guard let found = document.value(of: field) else { return false }
        return compare(found, comparison, value)
    case .isAny(let field, let values):
        return values.contains { matches(.compare(field, .equal, $0), document) }
    case .contains(let field, let text):
        switch document.value(of: field) {
        case .string(let found): return found.utf8.firstRange(of: text.utf8) != nil
        case .strings(let found): return found.contains { $0.utf8.elementsEqual(text.utf8) }
        default: return false
        }
    case .exists(let field): return document.value(of: field) != nil
    case .folder(let folder, let isRecursive):
        let isInside = folder.isEmpty || document.folder.hasPrefix(folder + "/")
        return document.folder == folder || isRecursive && isInside
    case .documents(let ids): return ids.contains(document.id)
    }
}

private func compare(
    _ found: AttributeValue, _ comparison: Comparison, _ value: AttributeValue
) -> Bool {
    switch (found, value) {
    case (.string(let left), .string(let right)):
        if comparison == .prefix { return left.utf8.starts(with: right.utf8) }
        return holds(comparison, Array(left.utf8), Array(right.utf8)) { $0.lexicographicallyPrecedes($1) }
    case (.number(let left), .number(let right)): return holds(comparison, left, right, by: <)
    case (.bool(let left), .bool(let right)): return comparison == .equal && left == right
    case (.date(let left), .date(let right)): return holds(comparison, left, right, by: <)
    case (.date(let left), .string(let right)):
        return AttributeDate.milliseconds(of: right).map { holds(comparison, left, $0, by: <) } ?? false
    default: return false
    }
}

private func holds<Value: Equatable>(
    _ comparison: Comparison, _ left: Value, _ right: Value, by isLess: (Value, Value) -> Bool
) -> Bool {
    switch comparison {
    case .equal: left == right
    case .greater: isLess(right, left)
    case .greaterOrEqual: !isLess(left, right)
    case .less: isLess(left, right)
    case .lessOrEqual: !isLess(right, left)
    case .prefix: false
    }
}

extension DocumentRecord {
    fileprivate func value(of field: DocumentField) -> AttributeValue? {
        switch field {
        case .attribute(let name): attributes[name]
        case .path: .string(externalID)
        case .title: title.map { .string($0) }
        case .mediaType: .string(mediaType)
        case .created: .date(milliseconds: createdAt.milliseconds)
        case .updated: .date(milliseconds: updatedAt.milliseconds)
        }
    }
}

/// A workspace that is changed at random, and the conditions asked of it.
private struct ConditionWalk {
    let workspace: TestWorkspace
    private var generator: SplitMix64

    private static let names = ["a", "b", "carrel:origin"]
    private static let paths = ["x", "f/x", "f/y", "f/g/x", "f2/x", "f!/x", "fü/x"]
    private static let folders = ["", "f", "f/g", "f2", "fü", "nowhere"]
    private static let texts = [
        "", "a", "ab", "abc", "b", "e\u{301}", "é", "z\u{10FFFF}", "z", "\u{D7FF}", "\u{D7FF}x", "\u{E000}",
        "2026-01-31", "2026-01-31T00:00:00Z", "%", "A",
    ]
    private static let numbers = [-1.5, -0.0, 0, 0.1, 0.1.nextUp, 1, 2, 1e300]
    private static let moments = ["2026-01-31", "2026-01-31T00:00:00.001Z", "1969-12-31", "2027-01-01"]

    init(seed: UInt64) throws {
        workspace = try TestWorkspace()
        generator = SplitMix64(seed: seed)
    }

    private mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[Int.random(in: 0..<elements.count, using: &generator)]
    }

    private mutating func value() -> AttributeValue {
        switch Int.random(in: 0..<5, using: &generator) {
        case 0: .string(pick(Self.texts))
        case 1: .number(pick(Self.numbers))
        case 2: .bool(Bool.random(using: &generator))
        case 3: .date(milliseconds: AttributeDate.milliseconds(of: pick(Self.moments)) ?? 0)
        default: .strings((0..<Int.random(in: 0...3, using: &generator)).map { _ in pick(Self.texts) })
        }
    }

    private mutating func attributes() -> [String: AttributeValue] {
        var attributes: [String: AttributeValue] = [:]
        for name in Self.names where Bool.random(using: &generator) { attributes[name] = value() }
        return attributes
    }

    mutating func step() throws {
        workspace.clock.advance(milliseconds: Int64.random(in: 0...2, using: &generator))
        let documents = try workspace.store.documents(limit: 100)
        guard let document = documents.randomElement(using: &generator) else { return try put() }
        switch Int.random(in: 0..<6, using: &generator) {
        case 0: _ = try workspace.store.deleteDocument(document.id)
        case 1:
            let path = pick(Self.paths)
            guard try workspace.store.document(externalID: path) == nil else { return }
            try workspace.store.moveDocument(document.id, to: path, folder: Self.folder(of: path))
        case 2, 3:
            try workspace.store.changeDocument(
                document.id, attributes: attributes(), expectedRevision: document.revision)
        default: try put()
        }
    }

    private mutating func put() throws {
        let path = pick(Self.paths)
        try workspace.put(
            path, pick(["one", "two\nthree"]), folder: Self.folder(of: path), attributes: attributes())
    }

    private static func folder(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
    }

    private mutating func field() -> DocumentField {
        switch Int.random(in: 0..<8, using: &generator) {
        case 0: .path
        case 1: .title
        case 2: .mediaType
        case 3: pick([.created, .updated])
        default: .attribute(pick(["a", "b", "none"]))
        }
    }

    mutating func condition() throws -> DocumentCondition {
        let known = try workspace.store.documents(limit: 100)
        let operands: [AttributeValue] =
            [value(), value()] + known.prefix(2).map { .string($0.externalID) }
            + known.prefix(1).map { .date(milliseconds: $0.updatedAt.milliseconds) }
        switch Int.random(in: 0..<8, using: &generator) {
        case 0: return .exists(field())
        case 1: return .contains(field(), pick(Self.texts.filter { !$0.isEmpty } + ["/", "Title"]))
        case 2: return .folder(pick(Self.folders), isRecursive: Bool.random(using: &generator))
        case 3:
            return .documents(
                known.filter { _ in Bool.random(using: &generator) }.map(\.id)
                    + [DocumentID(externalID: "none")])
        case 4: return .isAny(field(), of: operands)
        default: return .compare(field(), pick(Comparison.allCases), pick(operands))
        }
    }
}

struct ConditionTests {
    @Test(arguments: 1...8 as ClosedRange<UInt64>)
    func `what the indexes find is what the documents say, whatever was put, changed, moved and deleted`(
        seed: UInt64
    ) throws {
        var walk = try ConditionWalk(seed: seed)
        for round in 1...80 {
            try walk.step()
            let documents = try walk.workspace.store.documents(limit: 100)
            var conditions: [DocumentCondition] = []
            for _ in 0..<12 { conditions.append(try walk.condition()) }
            let found = try walk.workspace.store.documents(matching: conditions, wantsAll: true)
            #expect(found.all?.ordinals == documents.map(\.ordinal))
            for (condition, found) in zip(conditions, found.matches) {
                let expected = documents.filter { matches(condition, $0) }.map(\.ordinal)
                #expect(found.ordinals == expected, "\(condition)")
            }
            if round.isMultiple(of: 20) { #expect(try walk.workspace.store.verify() == []) }
        }
    }

    @Test func `attributes that are set touch neither log nor versions, and are known by a new revision`()
        throws
    {
        let workspace = try TestWorkspace()
        try workspace.put("a", "one")
        let before = try #require(try workspace.store.document(externalID: "a"))
        let moment = try workspace.store.statistics().filterMoment
        try workspace.store.changeDocument(
            before.id, attributes: ["year": 2_026], expectedRevision: before.revision)
        let after = try #require(try workspace.store.document(externalID: "a"))
        #expect(after.revision == before.revision + 1 && after.version == before.version)
        #expect(after.attributes == ["year": 2_026])
        #expect(try workspace.store.passages(of: after.version).map(\.attributes) == [["year": 2_026]])
        let changed = try workspace.store.statistics().filterMoment
        #expect(changed.sequence == moment.sequence && changed.revision == moment.revision + 1)
        #expect(throws: StoreError.versionConflict(document: before.id, expected: 1, found: 2)) {
            try workspace.store.changeDocument(before.id, attributes: [:], expectedRevision: 1)
        }
    }

    @Test func `a change of path and attributes happens whole or not at all`() throws {
        let workspace = try TestWorkspace()
        try workspace.put("a", "one")
        try workspace.put("b", "two")
        let document = try #require(try workspace.store.document(externalID: "a"))
        #expect(throws: StoreError.documentExists(externalID: "b")) {
            try workspace.store.changeDocument(
                document.id, to: ("b", ""), attributes: ["x": 1], expectedRevision: document.revision)
        }
        #expect(try workspace.store.document(document.id) == document)
        try workspace.store.changeDocument(
            document.id, to: ("f/c", "f"), attributes: ["x": 1], expectedRevision: document.revision)
        let changed = try #require(try workspace.store.document(externalID: "f/c"))
        #expect(changed.id == document.id && changed.attributes == ["x": 1] && changed.folder == "f")
    }

    @Test func `a filter that would read too much is refused with the bound`() throws {
        let workspace = try TestWorkspace()
        for name in ["a", "b", "c"] { try workspace.put(name, name) }
        let conditions: [DocumentCondition] = [
            .exists(.attribute("lines")), .compare(.path, .greater, ""), .contains(.path, "a"),
            .folder("", isRecursive: true), .documents(["a", "b", "c"].map { DocumentID(externalID: $0) }),
        ]
        for condition in conditions {
            let enough = try workspace.store.documents(
                matching: [condition], wantsAll: false, rowsMax: 3)
            #expect(enough.matches.count == 1)
            #expect(throws: StoreError.filterTooBroad(rowsMax: 2), "\(condition)") {
                try workspace.store.documents(matching: [condition], wantsAll: false, rowsMax: 2)
            }
        }
        #expect(throws: StoreError.filterTooBroad(rowsMax: 5)) {
            try workspace.store.documents(matching: [conditions[0]], wantsAll: true, rowsMax: 5)
        }
    }

    @Test func `a set of ordinals is what was put into it, whatever is joined, cut and taken away`() {
        var set = OrdinalSet([3, 64, 200])
        #expect(set.ordinals == [3, 64, 200] && set.count == 3 && set.contains(64) && !set.contains(65))
        #expect(!set.contains(10_000) && !set.contains(-1))
        set.formUnion(OrdinalSet([1_000, 3]))
        #expect(set.ordinals == [3, 64, 200, 1_000])
        set.subtract(OrdinalSet([64, 5_000]))
        #expect(set.ordinals == [3, 200, 1_000])
        set.formIntersection(OrdinalSet([3, 200]))
        #expect(set.ordinals == [3, 200])
        set.formIntersection(OrdinalSet())
        #expect(set.ordinals.isEmpty)
    }
}
