import Embedding
import Foundation
import Store

/// The models of this machine: what stands in `Models` folders, one folder a model.
struct ModelLibrary {
    static let defaultID = "all-minilm-l6-v2"

    /// Where models are looked for, the first before the others.
    let folders: [URL]

    /// Folders above the executable that are looked at, at most.
    private static let levelsMax = 16

    /// `Models` in the working directory, and beside and above the executable.
    static func here() -> ModelLibrary {
        let executable = URL(filePath: CommandLine.arguments.first ?? "").resolvingSymlinksInPath()
        let running = Bundle.main.executableURL?.resolvingSymlinksInPath() ?? executable
        var folders = [URL(filePath: FileManager.default.currentDirectoryPath)]
        var folder = running.deletingLastPathComponent()
        while folder.path != "/", folders.count < levelsMax {
            folders.append(folder)
            folder.deleteLastPathComponent()
        }
        return ModelLibrary(folders: folders.map { $0.appending(path: "Models") })
    }

    /// The models, by id. Of two folders with one name the installed one counts, or the first.
    func models() -> [InstalledModel] {
        var found: [String: InstalledModel] = [:]
        for folder in folders {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
            for name in names where !name.hasPrefix(".") {
                guard let model = InstalledModel(directory: folder.appending(path: name)) else { continue }
                if found[name] == nil || (!found[name, default: model].isInstalled && model.isInstalled) {
                    found[name] = model
                }
            }
        }
        return found.sorted { $0.key < $1.key }.map(\.value)
    }

    /// - Throws: `ModelError.unknown`.
    func model(named id: String) throws -> InstalledModel {
        let places = folders.map { $0.appending(path: id) }
        let models = id.contains("/") || id.hasPrefix(".") ? [] : places.compactMap(InstalledModel.init)
        guard let model = models.first(where: \.isInstalled) ?? models.first else {
            throw ModelError.unknown(id: id, known: self.models().map(\.name))
        }
        return model
    }
}

/// A folder that holds a model, or the manifest of one that can be fetched.
struct InstalledModel {
    let directory: URL

    /// What `model.json` says; nil for a folder without one, whose files have to say it.
    let manifest: Result<ModelManifest, any Error>?

    /// Nil if the folder holds neither a manifest nor anything that one could be made from.
    init?(directory: URL) {
        let path = directory.appending(path: ModelManifest.name).path
        if FileManager.default.fileExists(atPath: path) {
            manifest = Result { try ModelManifest.read(from: directory) }
        } else if ModelManifest.isDerivable(from: directory) {
            manifest = nil
        } else {
            return nil
        }
        self.directory = directory
    }

    /// The folder's name, which is what `--model` takes.
    var name: String { directory.lastPathComponent }

    var isInstalled: Bool {
        switch manifest {
        case .success(let manifest): manifest.isInstalled(in: directory)
        case .failure: false
        case nil: true
        }
    }

    /// What is there, checksums apart.
    ///
    /// - Parameter hashing: whether a manifest that is derived states checksums, for which the files are read.
    func description(hashing: Bool) throws -> ModelManifest {
        try manifest?.get()
            ?? ModelManifest.derived(from: directory) { file in
                hashing ? try ContentDigest(ofFile: file).hex : ""
            }
    }
}
