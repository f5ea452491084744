/// Gathers what happens in a folder until it is quiet, so that a file that is saved ten times is read once. Pure:
/// events and moments in, changes out. A moment is the time since the watch began.
package struct ChangeGathering: Sendable {
    /// It is quiet when nothing has happened for so long.
    let quiet: Duration

    /// Where it is never quiet, changes are handed out so long after the first.
    let patience: Duration

    /// More single paths than this are as well looked at together.
    package static let pathsMax = 10_000

    private var paths: Set<String> = []
    private var isAll = false
    private var first: Duration?
    private var last: Duration?

    package init(quiet: Duration, patience: Duration) {
        self.quiet = quiet
        self.patience = patience
    }

    package mutating func add(_ event: FolderEvent, at now: Duration) {
        switch event {
        case .overflow: isAll = true
        case .changed(let path, _, _):
            guard let subject = Self.subject(of: path) else { return }
            paths.insert(subject)
        }
        first = first ?? now
        last = now
        if paths.count > Self.pathsMax { isAll = true }
        if isAll { paths = [] }
    }

    /// When there will be changes to hand out; nil if nothing has happened.
    package var due: Duration? {
        guard let first, let last else { return nil }
        return min(last + quiet, first + patience)
    }

    /// The changes, if they are due.
    package mutating func take(at now: Duration) -> FolderWatch.Changes? {
        guard let due, due <= now else { return nil }
        defer { self = ChangeGathering(quiet: quiet, patience: patience) }
        return isAll ? .all : .paths(Self.withoutInner(paths))
    }

    /// What is to be looked at when something happened at a path: an ignore file concerns all that is in its folder,
    /// and what is hidden nobody.
    private static func subject(of path: String) -> String? {
        let names = path.split(separator: "/")
        if let last = names.last, IgnoreFile.fileNames.contains(String(last)) {
            return subject(of: names.dropLast().joined(separator: "/"))
        }
        return names.contains { $0.hasPrefix(".") } ? nil : path
    }

    /// In order, without those that are below another one.
    private static func withoutInner(_ paths: Set<String>) -> [String] {
        paths.filter { path in
            var outer = path[...]
            while let slash = outer.lastIndex(of: "/") {
                outer = outer[..<slash]
                if paths.contains(String(outer)) { return false }
            }
            return path.isEmpty || !paths.contains("")
        }
        .sorted()
    }
}
