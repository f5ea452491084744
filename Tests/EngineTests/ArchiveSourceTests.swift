import Documents
import Engine
import Foundation
import TestSupport
import Testing

struct ArchiveSourceTests {
    private static let entries = [
        (path: "b/a.md", text: "# A"), (path: "./c.txt", text: "c"), (path: "d.png", text: "x"),
        (path: ".git/config.md", text: "x"),
    ]

    private func contents(
        _ bytes: [UInt8], limits: ArchiveLimits = ArchiveLimits(), filter: PathFilter = PathFilter()
    ) async throws -> SourceContents {
        let folder = try TemporaryFolder()
        let file = try FileHandle(forReadingFrom: folder.write(bytes, to: "archive"))
        let source = try ArchiveSource(
            file, named: "/tmp/x.tar", prefix: "box/", filter: filter, limits: limits)
        return try await SourceContents(of: source)
    }

    private func fault(_ contents: SourceContents) -> ArchiveFault? {
        guard case .source(.archive(let fault))? = contents.interruption as? EngineError else { return nil }
        return fault
    }

    @Test(arguments: [
        TestArchives.tar(entries), TestArchives.gzip(TestArchives.tar(entries)), TestArchives.zip(entries),
    ])
    func `tar, tar.gz and zip are read as a folder is`(bytes: [UInt8]) async throws {
        let found = try await contents(bytes)
        #expect(found.texts == ["box/b/a.md": "# A", "box/c.txt": "c"])
        #expect(found.skipped == ["box/d.png"])
        #expect(found.items.first?.origin == "/tmp/x.tar!/b/a.md")
        #expect(found.interruption == nil)
    }

    @Test func `a path that leads out of the archive fails alone`() async throws {
        let bytes = TestArchives.tar([
            ("../evil.md", "x"), ("/etc/evil.md", "x"), ("a/../../evil.md", "x"), ("good.md", "x"),
        ])
        let found = try await contents(bytes)
        #expect(found.paths == ["box/good.md"])
        #expect(found.failures.count == 3)
        #expect(found.failures.allSatisfy { $0.error is EngineError })
    }

    @Test func `links and devices are skipped and reported`() async throws {
        let bytes =
            TestArchives.tarEntry("link.md", [], kind: .link)
            + TestArchives.tarEntry("dev.md", [], kind: .device)
            + TestArchives.tar([("a.md", "a")])
        let found = try await contents(bytes)
        #expect(found.paths == ["box/a.md"] && found.skipped == ["box/link.md", "box/dev.md"])
    }

    @Test func `a truncated archive says so, and what stands before is read`() async throws {
        let whole = TestArchives.tar([("a.md", "first"), ("b.md", String(repeating: "x", count: 200_000))])
        for bytes in [Array(whole[..<100_000]), TestArchives.gzip(whole).dropLast(100_000)] {
            let found = try await contents(Array(bytes))
            #expect(found.texts["box/a.md"] == "first" && found.paths.count == 1)
            guard case .damaged(let reason)? = fault(found), reason.lowercased().contains("truncated") else {
                Issue.record("\(String(describing: found.interruption))")
                continue
            }
        }
    }

    @Test func `an encrypted archive says so`() async throws {
        let found = try await contents(
            TestArchives.zip([("a.md", "secret secret secret")], isEncrypted: true))
        #expect(fault(found) == .encrypted(path: "a.md") && found.paths.isEmpty)
    }

    @Test(arguments: ["", "text that is no archive", "%PDF-1.7 and more"])
    func `what is no archive is refused as such`(text: String) async throws {
        do {
            let found = try await contents(Array(text.utf8))
            #expect(found.paths.isEmpty)
            #expect(
                text.isEmpty || fault(found) == .notAnArchive, "\(String(describing: found.interruption))")
        } catch EngineError.source(.archive(.notAnArchive)) {
            // Told at once where the first bytes say it.
        }
    }

    @Test func `a file that is too large fails alone`() async throws {
        let most = DocumentLimits.byteCountMax
        let bytes =
            TestArchives.tarEntry("big.md", [UInt8](repeating: 0x61, count: most + 1))
            + TestArchives.tar([("a.md", "a")])
        let found = try await contents(bytes)
        #expect(found.paths == ["box/a.md"] && found.failures.map(\.path) == ["box/big.md"])
        #expect(
            found.failures.first?.error as? DocumentError
                == .tooLarge(byteCount: most + 1, byteCountMax: most))
    }

    @Test func `too many entries, too many bytes and a bomb end the reading with what was found`()
        async throws
    {
        var limits = ArchiveLimits()
        limits.entryCountMax = 2
        let three = TestArchives.tar([("a.md", "a"), ("b.md", "b"), ("c.md", "c")])
        let many = try await contents(three, limits: limits)
        #expect(many.paths == ["box/a.md", "box/b.md"] && fault(many) == .tooManyEntries(max: 2))

        limits = ArchiveLimits()
        limits.expandedBytesMax = 1_000
        #expect(try await fault(contents(three, limits: limits)) == .expandsTooFar(byteCountMax: 1_000))

        limits = ArchiveLimits()
        limits.ratioMax = 100
        let zeros = 48 * 1_048_576
        let bomb = TestArchives.gzip(
            TestArchives.tarEntry("a.md", Array("a".utf8))
                + TestArchives.tarEntry("big.md", [], byteCount: zeros),
            zeros: zeros + 1_024)
        #expect(bomb.count < 400_000)
        let found = try await contents(bomb, limits: limits)
        #expect(found.texts["box/a.md"] == "a")
        guard case .ratioTooHigh(101..., 100)? = fault(found) else {
            Issue.record("\(String(describing: found.interruption))")
            return
        }
    }

    @Test func `patterns say what is wanted of an archive`() async throws {
        let filter = PathFilter(included: [try PathPattern("*.md")], excluded: [try PathPattern("old/")])
        let bytes = TestArchives.tar([("a.md", "a"), ("b.txt", "b"), ("old/c.md", "c")])
        #expect(try await contents(bytes, filter: filter).paths == ["box/a.md"])
    }

    @Test(arguments: [
        ("a.tar.gz", "a"), ("b.TGZ", "b"), ("c.d.zip", "c.d"), ("e.tar", "e"), (".tar", nil), ("f.gz", nil),
    ])
    func `an archive is known by its name`(name: String, stem: String?) {
        #expect(ArchiveSource.stem(of: name) == stem)
    }
}
