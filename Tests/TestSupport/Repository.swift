package import Foundation

/// Where the tests find what stands beside them.
package enum Repository {
    package static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// The local model, which `script/bootstrap` fetches.
    package static let localModel = root.appending(path: "Models/all-minilm-l6-v2")

    /// The sample knowledge base and its questions.
    package static let datasets = root.appending(path: "Datasets")
}
