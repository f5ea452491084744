/// How a local model's linear maps are computed. Vectors of different precisions are never compared.
package enum Precision: String, Sendable, Codable, CaseIterable {
    case float32

    /// Weights and activations in whole numbers of a byte: about three times as fast where the processor
    /// multiplies bytes (AVX-512 VNNI), and many times slower where it does not, with the same products.
    case int8
}
