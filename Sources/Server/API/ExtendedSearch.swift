/// The keys of a search and one more field beside them, in one flat object.
struct SearchKeys<Own: CodingKey & CaseIterable & Sendable>: CodingKey, CaseIterable, Sendable {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }

    static var allCases: [SearchKeys] {
        (SearchObject.CodingKeys.allCases.map(\.stringValue) + Own.allCases.map(\.stringValue))
            .map { SearchKeys(stringValue: $0) }
    }
}
