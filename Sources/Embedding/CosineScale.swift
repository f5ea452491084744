/// Where a model's cosines lie: of some models all are between 0.7 and 0.9, of others unrelated texts have 0.
package struct CosineScale: Sendable, Hashable, Codable {
    /// The mean cosine of a question and a passage about something else.
    package let unrelated: Double

    /// The mean cosine of a question and a passage that answers it.
    package let related: Double

    package init(unrelated: Double, related: Double) {
        (self.unrelated, self.related) = (unrelated, related)
    }

    /// all-MiniLM-L6-v2's, on SciFact's training questions and on headings of technical documents and their sections
    /// (2026-11): what figures that go by cosines were fitted to.
    package static let reference = CosineScale(unrelated: 0, related: 0.51)

    /// A cosine of this model as one of the reference model.
    package func referred(_ cosine: Double) -> Double {
        let reference = CosineScale.reference
        let share = (cosine - unrelated) / (related - unrelated)
        return reference.unrelated + share * (reference.related - reference.unrelated)
    }

    /// Whether it is one at all.
    package var isValid: Bool {
        (-1...1).contains(unrelated) && (-1...1).contains(related) && unrelated < related
    }
}
