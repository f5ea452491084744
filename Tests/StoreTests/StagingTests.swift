import Documents
import Store
import Testing

@Suite struct Staging {
    @Test func `staging again changes nothing`() throws {
        let workspace = try TestWorkspace()
        let text = "one\ntwo\nthree"
        let chunks = TestWorkspace.chunks(of: text)
        let staged = try workspace.stage("a", text)
        try workspace.store.stage(chunks, of: staged.version, source: Array(text.utf8))
        try workspace.store.stage([chunks[1]], of: staged.version, source: Array(text.utf8))
        _ = try workspace.store.commit(staged.version, expectedRevision: 0)
        #expect(try workspace.visible() == ["a": text])
    }

    @Test func `more chunks than a transaction takes are staged in several`() throws {
        let workspace = try TestWorkspace()
        let count = WorkspaceStore.batchRowsMax * 2 + 1
        let text = (0..<count).map { "line \($0)" }.joined(separator: "\n")
        try workspace.put("a", text)
        #expect(try workspace.visible() == ["a": text])
        #expect(try workspace.store.statistics().tokenCount == 2 * count)
    }

    @Test func `a text without a vector is named, and its batch does nothing`() throws {
        let workspace = try TestWorkspace()
        let text = "one\ntwo"
        let chunks = TestWorkspace.chunks(of: text)
        _ = try workspace.store.putBlob(Array(text.utf8))
        try workspace.embed([chunks[0]])
        let staged = try workspace.store.begin(workspace.draft("a", text))
        #expect(throws: StoreError.embeddingsMissing([ContentDigest(of: "two")])) {
            try workspace.store.stage(chunks, of: staged.version, source: Array(text.utf8))
        }
        #expect(throws: StoreError.stagingIncomplete(staged.version, expected: 2, found: 0)) {
            try workspace.store.commit(staged.version, expectedRevision: 0)
        }
    }

    @Test func `an interrupted ingest that begins again gives its chunks the same ids`() throws {
        let text = "one\ntwo\nthree"
        let calm = try TestWorkspace()
        try calm.put("a", text)
        let killed = try TestWorkspace()
        _ = try killed.stage("a", text)
        try killed.reopen()
        try killed.put("a", text)
        let ids = try [calm, killed].map { workspace in
            let document = try #require(try workspace.store.document(externalID: "a"))
            return try workspace.store.passages(of: document.version).map(\.chunk)
        }
        #expect(ids[0] == ids[1] && Set(ids[0]).count == 3)
    }

    @Test func `a version cannot begin before its blob is there`() throws {
        let workspace = try TestWorkspace()
        #expect(throws: StoreError.blobNotFound(ContentDigest(of: "one"))) {
            try workspace.store.begin(workspace.draft("a", "one"))
        }
    }

    @Test(arguments: ["", String(repeating: "x", count: 4097)])
    func `an external id is neither empty nor longer than a path`(externalID: String) throws {
        let workspace = try TestWorkspace()
        let expected = StoreError.externalIDInvalid(byteCount: externalID.utf8.count, byteCountMax: 4096)
        #expect(throws: expected) { try workspace.put(externalID, "one") }
    }

    @Test func `text with a NUL is refused, not cut`() throws {
        let workspace = try TestWorkspace()
        #expect(throws: StoreError.textHoldsNUL(found: "a")) { try workspace.put("a\0b", "one") }
        #expect(throws: StoreError.textHoldsNUL(found: "on")) { try workspace.put("a", "on\0e") }
    }

    @Test func `a chunk outside its source or its version is refused`() throws {
        let workspace = try TestWorkspace()
        let staged = try workspace.stage("a", "one")
        func chunk(_ ordinal: Int, _ byteRange: Range<Int>) -> Chunk {
            Chunk(
                ordinal: ordinal, byteRange: byteRange, lineRange: 1...1, headingPath: [], text: "one",
                tokenCount: 1)
        }
        let source = Array("one".utf8)
        #expect(throws: StoreError.chunkOutsideSource(byteCount: 3, found: 1..<4)) {
            try workspace.store.stage([chunk(0, 1..<4)], of: staged.version, source: source)
        }
        #expect(throws: StoreError.chunkOrdinalOutside(expected: 0..<1, found: 1)) {
            try workspace.store.stage([chunk(1, 0..<3)], of: staged.version, source: source)
        }
        #expect(throws: StoreError.sourceLengthMismatch(expected: 3, found: 4)) {
            try workspace.store.stage([chunk(0, 0..<3)], of: staged.version, source: source + [0])
        }
    }

    @Test func `a passage carries all that its citation needs`() throws {
        let workspace = try TestWorkspace()
        let text = "one\ntwo words"
        let record = try workspace.put("guide/a.txt", text)
        let document = try #require(try workspace.store.document(externalID: "guide/a.txt"))
        let passage = try #require(try workspace.store.passages(of: document.version, ordinals: 1..<9).first)
        let source = try workspace.store.readBlob(passage.content)
        #expect(ContentDigest(of: source[passage.byteRange]) == passage.sourceDigest)
        #expect(passage.document == document.id && passage.documentOrdinal == document.ordinal)
        #expect(passage.externalID == "guide/a.txt" && passage.title == "Title of guide/a.txt")
        #expect(passage.version == record.version && passage.versionNumber == 1 && passage.ordinal == 1)
        #expect(passage.lineRange == 2...2 && passage.headingPath == ["Top", "Line 1"])
        #expect(passage.text == "two words" && passage.tokenCount == 2 && passage.born == record.sequence)
        #expect(try workspace.store.passage(passage.chunk) == passage)
        let unknown = RowNumber(rawValue: 999)
        #expect(try workspace.store.passages([unknown, passage.row]) == [passage])
    }
}

@Suite struct `Documents in a workspace` {
    @Test func `listing pages through documents, of one folder or of all`() throws {
        let workspace = try TestWorkspace()
        for index in 0..<5 {
            try workspace.put("\(index)", "text \(index)", folder: index.isMultiple(of: 2) ? "even" : "odd")
        }
        let first = try workspace.store.documents(limit: 3)
        let rest = try workspace.store.documents(after: try #require(first.last).ordinal, limit: 3)
        #expect((first + rest).map(\.externalID) == ["0", "1", "2", "3", "4"])
        #expect(try workspace.store.documents(limit: 9, folder: "even").map(\.externalID) == ["0", "2", "4"])
        #expect(try workspace.store.documents(limit: 9, folder: "none").isEmpty)
    }

    @Test func `a document's title and attributes are those of its current version`() throws {
        let workspace = try TestWorkspace()
        try workspace.put("a", "one")
        _ = try workspace.stage("a", "one\ntwo")
        #expect(try workspace.store.document(externalID: "a")?.attributes == ["lines": "1"])
        try workspace.put("a", "one\ntwo")
        #expect(try workspace.store.document(externalID: "a")?.attributes == ["lines": "2"])
    }

    @Test func `expired documents are found earliest first`() throws {
        let workspace = try TestWorkspace()
        try workspace.put("late", "a", expiresAt: Timestamp(milliseconds: 300))
        try workspace.put("early", "b", expiresAt: Timestamp(milliseconds: 100))
        try workspace.put("never", "c")
        try workspace.put("later", "d", expiresAt: Timestamp(milliseconds: 400))
        let found = try workspace.store.expired(before: Timestamp(milliseconds: 300), limit: 9)
        #expect(found.map(\.externalID) == ["early", "late"])
    }
}
