import Documents
package import Kernels

/// A source whose documents all get some attributes. What a document of it brings beside its bytes wins over them, and
/// both over what the document says itself.
package struct AttributedSource: IngestSource {
    private let source: any IngestSource
    private let attributes: [String: AttributeValue]

    package init(_ source: any IngestSource, giving given: GivenAttributes) {
        self.source = source
        attributes = given.attributes
    }

    package func next(on pool: ComputePool) async throws -> SourceStep? {
        let step = try await source.next(on: pool)
        guard case .item(var item)? = step else { return step }
        item.given.attributes = item.given.attributes.filled(from: attributes)
        return .item(item)
    }
}
