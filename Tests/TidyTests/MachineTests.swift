import Testing

struct MachineTests {
    /// The first folders of paths that exist on one machine only; put together here, so that this file names
    /// none.
    private static let homes = ["root", "home", "work", "Users", "tmp/bash_jobs", "opt/swift"].map {
        "/\($0)/"
    }

    @Test func `no file names a path of somebody's machine`() throws {
        for file in try SourceTree.everyFile() {
            for (number, line) in zip(1..., file.lines) where Self.namesMachine(line) {
                Issue.record(
                    """
                    \(file.path):\(number): this path is on one machine only. Write it relative to the \
                    repository, under a folder that the user names, or as `~`.
                    """)
            }
        }
    }

    @Test(arguments: homes)
    func `a path of a machine is known, a path within something else is not`(home: String) {
        #expect(Self.namesMachine("data is in \(home)notes"))
        #expect(Self.namesMachine("\"\(home)notes\""))
        #expect(!Self.namesMachine("https://example.com\(home)notes"))
        #expect(!Self.namesMachine("Tests\(home)notes and ~\(home)notes"))
    }

    private static func namesMachine(_ line: some StringProtocol) -> Bool {
        let line = String(line)
        return homes.contains { home in
            line.ranges(of: home).contains { range in
                // Inside a longer path or an address it is somebody else's name.
                guard let before = line[..<range.lowerBound].last else { return true }
                return !before.isLetter && !before.isNumber && !"~._-}/)".contains(before)
            }
        }
    }
}
