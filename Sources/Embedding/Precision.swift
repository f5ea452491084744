package import Foundation
package import Kernels

/// How a local model's linear maps are computed. Vectors of different precisions are never compared.
package enum Precision: String, Sendable, Codable, CaseIterable {
    case float32

    /// Weights and activations in whole numbers of a byte: about three times as fast where the processor
    /// multiplies bytes (AVX-512 VNNI), and many times slower where it does not, with the same products.
    case int8
}

extension Precision {
    /// What is best for vectors that are not there yet: bytes, where the processor multiplies them fast and the model's
    /// rounding is fitted to it; else the most exact that the model has. Vectors that are there have their own.
    ///
    /// Without a `calibration.json` nobody measured what rounding does to the model.
    package static func automatic(
        for manifest: ModelManifest, in directory: URL, set: InstructionSet = .best
    ) -> Precision {
        let isFitted = ModelFile.exists(Calibration.name, in: directory)
        if manifest.precisions.contains(.int8), isFitted, ByteMap.isFast(set: set) { return .int8 }
        return manifest.precisions.first ?? .float32
    }
}
