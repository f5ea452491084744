import Configuration
import Foundation
import SystemPackage
import Yams

/// What is wrong with a configuration; each says what was found, where, and what is allowed.
enum SettingFault: Error, Equatable {
    case invalid(Setting, found: String, source: String, expected: String)

    /// A name that is no setting's, with the nearest that is.
    case unknown(name: String, source: String, nearest: String)
    case fileUnreadable(path: String, reason: String)
}

/// Reads settings: flags before the environment before the file before what holds otherwise.
struct SettingsReader {
    /// A configuration is a page of text; this is a thousand pages.
    private static let fileBytesMax = 1 << 20

    private static let variablePrefix = "CARREL_"

    /// Variables that are no settings: which file to read, and those of `make` and the tests.
    private static let otherVariables: Set = ["CARREL_CONFIG", "CARREL_SHARED", "CARREL_SHARED_DATA"]

    private let providers: [(name: String?, provider: any ConfigProvider)]
    private let environment: [String: String]

    /// The file that is read, if any.
    let filePath: String?
    private let fileKeys: [String]

    /// - Parameters:
    ///   - flags: what the command line says, with the flag's name.
    ///   - file: `--config`; else `CARREL_CONFIG`; else none.
    /// - Throws: `SettingFault.fileUnreadable`.
    init(
        flags: [Setting: (flag: String, value: String)], file: String?,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) async throws {
        // A variable that is set and empty says nothing.
        self.environment = environment.filter { !$0.value.isEmpty }
        let named = file ?? self.environment["CARREL_CONFIG"]
        filePath = named.map { NSString(string: $0).expandingTildeInPath }
        var chain: [(name: String?, provider: any ConfigProvider)] = flags.map { setting, flag in
            let value = ConfigValue(.string(flag.value), isSecret: false)
            return (flag.flag, InMemoryProvider(name: flag.flag, values: [Self.key(setting): value]))
        }
        let variables = EnvironmentVariablesProvider(environmentVariables: self.environment)
        chain.append((nil, variables.prefixKeys(with: "carrel")))
        if let filePath {
            fileKeys = try Self.keys(inFile: filePath)
            let name = URL(filePath: filePath).lastPathComponent
            // The library takes a file of nothing but comments for broken.
            if !fileKeys.isEmpty { chain.append((name, try await Self.fileProvider(filePath))) }
        } else {
            fileKeys = []
        }
        providers = chain
    }

    /// The value that holds, and where it was found, as people call it: `--port`, `CARREL_HTTP_PORT`,
    /// `carrel.yaml`, `default`; nil if there is none.
    ///
    /// - Throws: `SettingFault.invalid`.
    func value(of setting: Setting) throws -> (text: String, source: String)? {
        for (name, provider) in providers {
            guard let (found, key) = try lookUp(setting, in: provider, name) else { continue }
            let source = name ?? key
            let text = found.trimmingCharacters(in: .whitespacesAndNewlines)
            if let expected = setting.expectation(brokenBy: text) {
                throw SettingFault.invalid(setting, found: text, source: source, expected: expected)
            }
            return (text, source)
        }
        return setting.fallback.map { ($0, "default") }
    }

    private func lookUp(
        _ setting: Setting, in provider: any ConfigProvider, _ name: String?
    ) throws -> (text: String, key: String)? {
        do {
            let result = try provider.value(forKey: Self.key(setting), type: .string)
            guard case .string(let text)? = result.value?.content else { return nil }
            return (text, result.encodedKey)
        } catch {
            throw SettingFault.invalid(
                setting, found: "a list or a group", source: name ?? "environment", expected: "one value")
        }
    }

    /// Names in the file that are no setting's: most likely misspelt.
    func unknownKeys() -> [SettingFault] {
        let keys = Setting.allCases.map(\.rawValue)
        return fileKeys.filter { !keys.contains($0) }.map { key in
            SettingFault.unknown(name: key, source: filePath ?? "", nearest: Self.nearest(to: key, in: keys))
        }
    }

    /// Names in the environment that look like ours and are no setting's. They may be somebody else's.
    func unknownVariables() -> [SettingFault] {
        let variables = Setting.allCases.map(Self.variable)
        return environment.keys.sorted()
            .filter {
                $0.hasPrefix(Self.variablePrefix) && !variables.contains($0)
                    && !Self.otherVariables.contains($0)
            }
            .map { name in
                SettingFault.unknown(
                    name: name, source: "environment", nearest: Self.nearest(to: name, in: variables))
            }
    }

    /// The setting's variable in the environment.
    static func variable(_ setting: Setting) -> String {
        variablePrefix
            + setting.rawValue.uppercased().replacing(".", with: "_").replacing("-", with: "_")
    }

    private static func key(_ setting: Setting) -> AbsoluteConfigKey {
        AbsoluteConfigKey(setting.rawValue.split(separator: ".").map(String.init))
    }

    // MARK: The file

    private static func fileProvider(_ path: String) async throws -> any ConfigProvider {
        do {
            return try await FileProvider<YAMLSnapshot>(filePath: FilePath(path))
        } catch {
            throw SettingFault.fileUnreadable(path: path, reason: "\(error)")
        }
    }

    /// Every key that the file gives a value, groups written with dots.
    private static func keys(inFile path: String) throws -> [String] {
        do {
            let file = try FileHandle(forReadingFrom: URL(filePath: path))
            defer { try? file.close() }
            let data = try file.read(upToCount: fileBytesMax + 1) ?? Data()
            guard data.count <= fileBytesMax else {
                throw SettingFault.fileUnreadable(
                    path: path, reason: "it has more than \(fileBytesMax) bytes")
            }
            guard let node = try Yams.compose(yaml: String(decoding: data, as: UTF8.self)) else { return [] }
            return keys(in: node, below: [])
        } catch let fault as SettingFault {
            throw fault
        } catch let error as CocoaError {
            throw SettingFault.fileUnreadable(path: path, reason: error.localizedDescription)
        } catch {
            throw SettingFault.fileUnreadable(path: path, reason: "\(error)")
        }
    }

    private static func keys(in node: Node, below path: [String]) -> [String] {
        guard case .mapping(let mapping) = node else { return [path.joined(separator: ".")] }
        return mapping.flatMap { key, value in keys(in: value, below: path + [key.string ?? "?"]) }
    }

    // MARK: Misspelt names

    static func nearest(to name: String, in names: [String]) -> String {
        names.min { distance(name, $0) < distance(name, $1) } ?? ""
    }

    /// Levenshtein's distance (1966): letters added, left out or changed.
    private static func distance(_ left: String, _ right: String) -> Int {
        let (left, right) = (Array(left.lowercased()), Array(right.lowercased()))
        var row = Array(0...right.count)
        for (i, character) in left.enumerated() {
            var corner = row[0]
            row[0] = i + 1
            for (j, other) in right.enumerated() {
                let change = corner + (character == other ? 0 : 1)
                corner = row[j + 1]
                row[j + 1] = min(change, row[j] + 1, row[j + 1] + 1)
            }
        }
        return row[right.count]
    }
}
