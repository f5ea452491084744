/// A pattern of paths, with the meaning that a line of `.gitignore` has (git 2.45, gitignore(5)).
///
/// `*` is any run of characters but `/`, `?` one of them, `[a-z]` and `[!a-z]` one of a set, `\` takes the next
/// character as it is. `**` between slashes is any number of folders. A pattern with a slash before its end is
/// compared from the root on, any other at every depth; one that ends with a slash matches folders only.
///
/// Matching takes at most the product of the lengths of pattern and path, whatever they hold: of several `*` only the
/// last is ever tried again.
package struct PathPattern: Sendable, Hashable {
    /// UTF-8. No path is longer (`DocumentPath.byteCountMax`).
    package static let byteCountMax = 1_024

    /// Whether the pattern takes back what an earlier one matched.
    package let isNegated: Bool
    let matchesFoldersOnly: Bool
    private let parts: [Part]

    private enum Part: Sendable, Hashable {
        /// Any number of names, none included.
        case anyNames
        case name([Element])
    }

    private enum Element: Sendable, Hashable {
        case scalar(Unicode.Scalar)
        case any
        case run
        case set([ClosedRange<UInt32>], isInverted: Bool)

        /// Of one scalar; a run is seen to where it stands.
        func matches(_ found: Unicode.Scalar) -> Bool {
            switch self {
            case .scalar(let scalar): scalar == found
            case .any, .run: true
            case .set(let ranges, let isInverted): ranges.contains { $0.contains(found.value) } != isInverted
            }
        }
    }

    /// - Throws: `EngineError.source`, for a pattern that is empty or too long.
    package init(_ text: String) throws(EngineError) {
        guard text.utf8.count <= Self.byteCountMax else {
            throw .source(.patternTooLong(byteCount: text.utf8.count, byteCountMax: Self.byteCountMax))
        }
        var rest = text[...]
        isNegated = rest.hasPrefix("!")
        if isNegated { rest.removeFirst() }
        matchesFoldersOnly = rest.hasSuffix("/")
        if matchesFoldersOnly { rest.removeLast() }
        let isAnchored = rest.contains("/")
        if rest.hasPrefix("/") { rest.removeFirst() }
        guard !rest.isEmpty else { throw .source(.patternEmpty(text)) }
        var parts: [Part] = isAnchored ? [] : [.anyNames]
        let names = rest.split(separator: "/", omittingEmptySubsequences: false)
        for (index, name) in zip(0..., names) {
            guard name == "**" else {
                parts.append(.name(Self.elements(of: name)))
                continue
            }
            if parts.last != .anyNames { parts.append(.anyNames) }
            // At the end it means what is in the folder, and not the folder itself.
            if index == names.count - 1 { parts.append(.name([.run])) }
        }
        self.parts = parts
    }

    /// - Parameter path: names parted by `/`, none of them empty.
    package func matches(_ path: String, isFolder: Bool) -> Bool {
        matches(path.split(separator: "/").map { Array($0.unicodeScalars) }, isFolder: isFolder)
    }

    /// - Parameter names: of the path, each as its scalars.
    func matches(_ names: [[Unicode.Scalar]], isFolder: Bool) -> Bool {
        guard isFolder || !matchesFoldersOnly else { return false }
        return Self.matches(
            parts, names, isRun: { $0 == .anyNames },
            matchesOne: { part, name in
                guard case .name(let elements) = part else { return true }
                return Self.matches(
                    elements, name, isRun: { $0 == .run }, matchesOne: { $0.matches($1) })
            })
    }

    /// Whether something inside a folder may match, so that it is worth looking into.
    func mayMatch(inside names: [[Unicode.Scalar]]) -> Bool {
        for (index, part) in zip(0..., parts) {
            guard index < names.count, case .name(let elements) = part else { return true }
            let matches = Self.matches(
                elements, names[index], isRun: { $0 == .run }, matchesOne: { $0.matches($1) })
            guard matches else { return false }
        }
        // The folder is longer than the pattern: it, or one around it, is matched whole.
        return true
    }

    /// Patterns with runs: each run is made as short as possible first. If what follows does not match, the last run
    /// takes one more; those before it need never change.
    private static func matches<Wanted, Found>(
        _ pattern: [Wanted], _ text: [Found], isRun: (Wanted) -> Bool, matchesOne: (Wanted, Found) -> Bool
    ) -> Bool {
        var (wanted, found) = (0, 0)
        var lastRun: (wanted: Int, found: Int)?
        while found < text.count {
            if wanted < pattern.count, isRun(pattern[wanted]) {
                lastRun = (wanted, found)
                wanted += 1
            } else if wanted < pattern.count, matchesOne(pattern[wanted], text[found]) {
                wanted += 1
                found += 1
            } else if let run = lastRun {
                lastRun = (run.wanted, run.found + 1)
                wanted = run.wanted + 1
                found = run.found + 1
            } else {
                return false
            }
        }
        return pattern[wanted...].allSatisfy(isRun)
    }

    // MARK: Reading

    private static func elements(of name: Substring) -> [Element] {
        var elements: [Element] = []
        var rest = name.unicodeScalars[...]
        while let scalar = rest.popFirst() {
            switch scalar {
            case "*": if elements.last != .run { elements.append(.run) }
            case "?": elements.append(.any)
            case "\\": elements.append(.scalar(rest.popFirst() ?? "\\"))
            case "[":
                if let (set, after) = set(in: rest) {
                    elements.append(set)
                    rest = after
                } else {
                    elements.append(.scalar(scalar))
                }
            default: elements.append(.scalar(scalar))
            }
        }
        return elements
    }

    /// Nil if no bracket closes the set: then the first is a character like others.
    private static func set(
        in text: Substring.UnicodeScalarView
    ) -> (Element, rest: Substring.UnicodeScalarView)? {
        var rest = text
        let isInverted = rest.first == "!" || rest.first == "^"
        if isInverted { rest.removeFirst() }
        var ranges: [ClosedRange<UInt32>] = []
        var isFirst = true
        while var low = rest.popFirst() {
            // A bracket that comes first is one of the set.
            if low == "]", !isFirst { return (.set(ranges, isInverted: isInverted), rest) }
            isFirst = false
            if low == "\\" {
                guard let escaped = rest.popFirst() else { return nil }
                low = escaped
            }
            var high = low
            var ahead = rest
            if ahead.popFirst() == "-", let end = ahead.popFirst(), end != "]" {
                high = end
                rest = ahead
            }
            // One that is upside down matches nothing.
            if low.value <= high.value { ranges.append(low.value...high.value) }
        }
        return nil
    }
}
