import Foundation

/// How large the inputs of a model's linear maps become, component by component, measured on sample texts:
/// what rounding them to bytes is fitted to. `calibration.json` beside the weights; EmbedTexts writes it.
package struct Calibration: Sendable, Codable, Equatable {
    package static let name = "calibration.json"

    /// Counted up whenever the numbers change, for the vectors change with them.
    package let version: Int
    package let layers: [Layer]

    package struct Layer: Sendable, Codable, Equatable {
        /// Of the input of query, key and value, and of the feed-forward expansion's.
        package var attention: [Float]
        package var expansion: [Float]

        package init(attention: [Float], expansion: [Float]) {
            (self.attention, self.expansion) = (attention, expansion)
        }
    }

    package init(version: Int, layers: [Layer]) {
        (self.version, self.layers) = (version, layers)
    }

    /// Nil if the model has none.
    ///
    /// - Throws: `fileUnreadable`, `malformedJSON`, `unsupportedModel`.
    static func load(
        from directory: URL, for configuration: BertConfiguration
    ) throws(EmbeddingError) -> Calibration? {
        guard FileManager.default.fileExists(atPath: directory.appending(path: name).path) else { return nil }
        let bytes = try ModelFile.load(name, from: directory)
        let calibration: Calibration
        do {
            calibration = try JSONDecoder().decode(Calibration.self, from: bytes)
        } catch {
            throw .malformedJSON(file: name, cause: error)
        }
        let expected =
            "\(configuration.layerCount) layers of \(configuration.hiddenSize) maxima of 0 and more"
        guard calibration.layers.count == configuration.layerCount,
            calibration.layers.allSatisfy({
                [$0.attention, $0.expansion].allSatisfy { maxima in
                    maxima.count == configuration.hiddenSize && maxima.allSatisfy { $0 >= 0 && $0.isFinite }
                }
            })
        else {
            throw .unsupportedModel(
                file: name, field: "layers", found: "\(calibration.layers.count) layers", expected: expected)
        }
        return calibration
    }
}
