/// The tensors of a BERT by their published names, in a file that may put a prefix before them.
///
/// `transformers` writes `bert.embeddings…` for a model that was saved with a head, wrappers write `model.…` and the
/// like. Files made from TensorFlow's call a normalisation's weights `gamma` and `beta`.
struct BertTensors: TensorSource {
    private static let anchor = "embeddings.word_embeddings.weight"

    private let file: SafetensorsFile
    private let prefix: String

    /// - Throws: `tensorMissing`; `unsupportedModel` if the file holds two encoders.
    init(_ file: SafetensorsFile) throws(EmbeddingError) {
        let prefixes = file.names.filter { $0.hasSuffix(Self.anchor) }
            .map { String($0.dropLast(Self.anchor.count)) }
            .filter { $0.isEmpty || $0.hasSuffix(".") }.sorted()
        guard let prefix = prefixes.first else { throw .tensorMissing(name: Self.anchor) }
        guard prefixes.count == 1 else {
            throw .unsupportedModel(
                file: ModelFile.weights, field: Self.anchor, found: "one each under \(prefixes)",
                expected: "one")
        }
        (self.file, self.prefix) = (file, prefix)
    }

    func hasTensor(_ name: String) -> Bool { file.hasTensor(place(of: name)) }

    func tensor(_ name: String, shape: [Int]) throws(EmbeddingError) -> StoredTensor {
        try file.tensor(place(of: name), shape: shape)
    }

    private func place(of name: String) -> String {
        let place = prefix + name
        guard !file.hasTensor(place) else { return place }
        for (now, once) in [("LayerNorm.weight", "LayerNorm.gamma"), ("LayerNorm.bias", "LayerNorm.beta")]
        where place.hasSuffix(now) {
            let older = String(place.dropLast(now.count)) + once
            if file.hasTensor(older) { return older }
        }
        return place
    }
}
