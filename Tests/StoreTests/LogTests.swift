import Store
import Testing

@Suite struct Log {
    private let zero = SequenceNumber.zero

    @Test func `the log tells births with their vectors and deaths as ranges`() throws {
        let workspace = try TestWorkspace()
        let first = try workspace.put("a", "one\ntwo")
        let second = try workspace.put("a", "three")
        let third = try workspace.store.deleteDocument(DocumentID(externalID: "a"))
        let commits = try workspace.store.commits(after: zero, in: workspace.space.id, limit: 9)
        #expect(commits.map(\.record) == [first, second, third])
        #expect(commits[0].born.map(\.vector) == ["one", "two"].map(TestWorkspace.vector(of:)))
        #expect(commits[0].born.map(\.died) == [second.sequence, second.sequence])
        #expect(commits[0].died == nil)
        #expect(commits[1].died?.rows == commits[0].born.map(\.row))
        #expect(commits[2].died?.rows == commits[1].born.map(\.row))
        #expect(commits[2].born.isEmpty)
    }

    @Test func `a follower reads on where it stopped, by commits and by rows`() throws {
        let workspace = try TestWorkspace()
        for index in 0..<6 {
            try workspace.put("\(index)", "a \(index)\nb \(index)")
        }
        var after = zero
        var sizes: [Int] = []
        while true {
            let page = try workspace.store.commits(after: after, in: workspace.space.id, limit: 4, rowsMax: 5)
            guard let last = page.last else { break }
            sizes.append(page.count)
            after = last.record.sequence
        }
        #expect(sizes == [3, 3])
        #expect(after == (try workspace.store.currentSequence()))
    }

    @Test func `a row whose text has no vector in the space is left out, and its death is told`() throws {
        let workspace = try TestWorkspace()
        try workspace.put("a", "one")
        try workspace.put("a", "two")
        let other = SpaceID(rawValue: workspace.space.id.rawValue + 1)
        let commits = try workspace.store.commits(after: zero, in: other, limit: 9)
        #expect(commits.map(\.born.count) == [0, 0])
        #expect(commits.map { $0.died?.count } == [nil, 1])
    }

    @Test(arguments: [1, 2, 3, 100])
    func `rows for a segment come in order, committed ones of the range only`(limit: Int) throws {
        let workspace = try TestWorkspace()
        let (store, space) = (workspace.store, workspace.space.id)
        _ = try workspace.stage("never", "x\ny")
        let late = try workspace.stage("late", "l 1\nl 2")
        try workspace.put("a", "a 1\na 2\na 3")
        let second = try workspace.put("b", "b 1")
        let third = try store.commit(late.version, expectedRevision: 0)
        let fourth = try workspace.put("b", "b 2")

        func texts(_ range: ClosedRange<SequenceNumber>) throws -> [String] {
            var rows: [IndexedRow] = []
            var cursor: RowCursor?
            repeat {
                let page = try store.rows(in: space, bornIn: range, from: cursor, limit: limit)
                rows += page.rows
                cursor = page.next
            } while cursor != nil
            #expect(rows.map(\.row) == rows.map(\.row).sorted())
            let passages = try store.passages(rows.map(\.row))
            #expect(rows.map(\.vector) == passages.map(\.text).map(TestWorkspace.vector(of:)))
            #expect(rows.map(\.died) == passages.map(\.died))
            return passages.map(\.text)
        }
        #expect(try texts(zero...fourth.sequence) == ["l 1", "l 2", "a 1", "a 2", "a 3", "b 1", "b 2"])
        #expect(try texts(second.sequence...third.sequence) == ["l 1", "l 2", "b 1"])
        #expect(try texts(fourth.sequence...fourth.sequence) == ["b 2"])
    }

    @Test func `deaths are listed in order and in pages`() throws {
        let workspace = try TestWorkspace()
        let store = workspace.store
        for index in 0..<4 {
            try workspace.put("a", "text \(index)")
        }
        let last = try store.currentSequence()
        let all = try store.deadRows(diedAfter: zero, diedThrough: last, limit: 9)
        #expect(all.map(\.died.rawValue) == [2, 3, 4])
        #expect(all.map(\.born.rawValue) == [1, 2, 3])
        let page = try store.deadRows(diedAfter: all[0].died, diedThrough: last, limit: 1)
        #expect(page == [all[1]])
        #expect(
            try store.deadRows(diedAfter: zero, diedThrough: all[1].died, limit: 9)
                == Array(all[...1]))
    }

    @Test func `a follower that missed forgotten deaths is told to open anew`() throws {
        let workspace = try TestWorkspace()
        let (store, space) = (workspace.store, workspace.space.id)
        let first = try workspace.put("a", "one")
        let second = try workspace.put("a", "two")
        workspace.clock.advance(milliseconds: 10)
        _ = try store.collectGarbage(before: workspace.clock.now)
        let error = StoreError.logTruncated(after: first.sequence, start: second.sequence)
        #expect(throws: error) { try store.commits(after: first.sequence, in: space, limit: 9) }
        #expect(try store.commits(after: second.sequence, in: space, limit: 9).isEmpty)
        let rows = try store.rows(in: space, bornIn: zero...second.sequence, limit: 9).rows
        #expect(try store.passages(rows.map(\.row)).map(\.text) == ["two"])
    }
}

@Suite struct Segments {
    private func description(
        _ segment: SegmentRecord, _ sequences: ClosedRange<Int64> = 1...1, purgedThrough: Int64 = 0
    ) -> SegmentEntry {
        SegmentEntry(
            number: segment.number, rowCount: 1,
            sequences: SequenceNumber(
                rawValue: sequences.lowerBound)...SequenceNumber(
                    rawValue: sequences.upperBound), purgedThrough: SequenceNumber(rawValue: purgedThrough),
            byteCount: 100, digest: [1, 2, 3])
    }

    @Test func `a number is never given twice, whatever became of its segment`() throws {
        let workspace = try TestWorkspace()
        let first = try workspace.store.allocateSegment(in: workspace.space.id, kind: .vectors)
        workspace.clock.advance(milliseconds: 10)
        let dead = try workspace.store.segmentsToUnlink(before: workspace.clock.now, limit: 9)
        #expect(dead.map(\.fileName) == ["\(first.number.rawValue).vectors"])
        try workspace.store.forgetSegments(dead.map(\.number))
        try workspace.reopen()
        let second = try workspace.store.allocateSegment(in: workspace.space.id, kind: .postings)
        #expect(second.number > first.number)
        #expect(second.fileName == "\(second.number.rawValue).postings")
    }

    @Test func `publishing and retiring is one step, refused as a whole`() throws {
        let workspace = try TestWorkspace()
        try workspace.put("a", "one")
        let (store, space) = (workspace.store, workspace.space.id)
        let old = try store.allocateSegment(in: space, kind: .vectors)
        try store.publishSegment(description(old))
        let new = try store.allocateSegment(in: space, kind: .vectors)
        #expect(try store.liveSegments(in: space).segments.map(\.number) == [old.number])

        let absent = SegmentNumber(rawValue: 99)
        #expect(throws: StoreError.segmentNotFound(absent)) {
            try store.publishSegment(description(new), retiring: [old.number, absent])
        }
        #expect(try store.liveSegments(in: space).segments.map(\.number) == [old.number])
        try store.publishSegment(description(new), retiring: [old.number])
        let manifest = try store.liveSegments(in: space)
        #expect(manifest.segments.map(\.entry) == [description(new)])
        #expect(manifest.sequence == SequenceNumber(rawValue: 1))
        #expect(throws: StoreError.segmentStateMismatch(new.number, expected: .allocated, found: .live)) {
            try store.publishSegment(description(new))
        }
    }

    @Test func `quantizers stand beside segments and beside each other, and cover no commits`() throws {
        let workspace = try TestWorkspace()
        try workspace.put("a", "one")
        let (store, space) = (workspace.store, workspace.space.id)
        let vectors = try store.allocateSegment(in: space, kind: .vectors)
        try store.publishSegment(description(vectors))
        #expect(try store.newestLiveSegment(in: space) == vectors.number)
        let quantizers = try (0..<2).map { _ in try store.allocateSegment(in: space, kind: .quantizer) }
        #expect(quantizers[0].fileName == "\(quantizers[0].number.rawValue).quantizer")
        #expect(try store.newestLiveSegment(in: space) == vectors.number, "what is allocated is not live")
        for quantizer in quantizers { try store.publishSegment(description(quantizer, 0...0)) }
        #expect(try store.newestLiveSegment(in: space) == quantizers[1].number)
        #expect(try store.liveSegments(in: space).segments.map(\.kind) == [.vectors, .quantizer, .quantizer])
        #expect(try store.verify() == [])
    }

    @Test func `a segment is not published without the quantizer that it needs`() throws {
        let workspace = try TestWorkspace()
        try workspace.put("a", "one")
        let (store, space) = (workspace.store, workspace.space.id)
        #expect(try store.newestLiveSegment(in: space) == nil)
        let quantizer = try store.allocateSegment(in: space, kind: .quantizer)
        let segment = try store.allocateSegment(in: space, kind: .vectors)
        func publish() throws { try store.publishSegment(description(segment), needing: quantizer.number) }
        #expect(
            throws: StoreError.segmentStateMismatch(quantizer.number, expected: .live, found: .allocated)
        ) { try publish() }
        try store.publishSegment(description(quantizer, 0...0))
        try store.withdrawSegment(quantizer.number)
        #expect(throws: StoreError.segmentStateMismatch(quantizer.number, expected: .live, found: .retired)) {
            try publish()
        }
        #expect(try store.liveSegments(in: space).segments.isEmpty)
        try store.forgetSegments([quantizer.number])
        #expect(throws: StoreError.segmentNotFound(quantizer.number)) { try publish() }
        let another = try store.allocateSegment(in: space, kind: .quantizer)
        try store.publishSegment(description(another, 0...0))
        try store.publishSegment(description(segment), needing: another.number)
        #expect(try store.liveSegments(in: space).segments.map(\.number) == [segment.number, another.number])
    }

    @Test func `a withdrawn segment is live no more, and its file goes after the horizon`() throws {
        let workspace = try TestWorkspace()
        try workspace.put("a", "one")
        let (store, space) = (workspace.store, workspace.space.id)
        let segment = try store.allocateSegment(in: space, kind: .vectors)
        try store.publishSegment(description(segment))
        try store.withdrawSegment(segment.number)
        #expect(try store.liveSegments(in: space).segments.isEmpty)
        #expect(try store.segmentsToUnlink(before: workspace.clock.now, limit: 9).isEmpty)
        #expect(throws: StoreError.segmentStateMismatch(segment.number, expected: .live, found: .retired)) {
            try store.withdrawSegment(segment.number)
        }
        workspace.clock.advance(milliseconds: 1)
        #expect(try store.segmentsToUnlink(before: workspace.clock.now, limit: 9).map(\.state) == [.retired])
    }

    @Test func `a live segment is never forgotten`() throws {
        let workspace = try TestWorkspace()
        try workspace.put("a", "one")
        let segment = try workspace.store.allocateSegment(in: workspace.space.id, kind: .vectors)
        try workspace.store.publishSegment(description(segment))
        try workspace.store.forgetSegments([segment.number])
        #expect(try workspace.store.liveSegments(in: workspace.space.id).segments.count == 1)
    }

    @Test func `deaths stay known while a segment may hold the dead`() throws {
        let workspace = try TestWorkspace()
        let (store, space) = (workspace.store, workspace.space.id)
        try workspace.put("a", "one\ntwo")
        let segment = try store.allocateSegment(in: space, kind: .vectors)
        try workspace.put("a", "three")
        workspace.clock.advance(milliseconds: 10)
        let last = try store.currentSequence()
        func dead() throws -> [Int] {
            try store.deadRows(diedAfter: .zero, diedThrough: last, limit: 9).map(\.rows.count)
        }
        #expect(try store.collectGarbage(before: workspace.clock.now).chunkCount == 2)
        #expect(try dead() == [2], "the segment is being written")
        try store.publishSegment(description(segment))
        _ = try store.collectGarbage(before: workspace.clock.now)
        #expect(try dead() == [2], "the segment covers them")
        try store.withdrawSegment(segment.number)
        _ = try store.collectGarbage(before: workspace.clock.now)
        #expect(try dead() == [])
        #expect(try store.verify() == [])
    }

    @Test func `deaths are forgotten once every segment of their births was written without the dead`() throws
    {
        let workspace = try TestWorkspace()
        let (store, space) = (workspace.store, workspace.space.id)
        try workspace.put("a", "one\ntwo")
        try workspace.put("b", "other")
        _ = try store.deleteDocument(DocumentID(externalID: "a"))
        workspace.clock.advance(milliseconds: 10)
        let last = try store.currentSequence()
        func dead() throws -> [Int] {
            _ = try store.collectGarbage(before: workspace.clock.now)
            return try store.deadRows(diedAfter: .zero, diedThrough: last, limit: 9).map(\.rows.count)
        }
        let vectors = try store.allocateSegment(in: space, kind: .vectors)
        let postings = try store.allocateSegment(in: space, kind: .postings)
        try store.publishSegment(description(vectors, 1...2, purgedThrough: 3))
        try store.publishSegment(description(postings, 1...2, purgedThrough: 2))
        #expect(try dead() == [2], "the postings were written while they lived")
        let compacted = try store.allocateSegment(in: space, kind: .postings)
        #expect(try dead() == [2])
        try store.publishSegment(
            description(compacted, 1...2, purgedThrough: 3), retiring: [postings.number])
        #expect(try dead() == [])
        #expect(try store.document(DocumentID(externalID: "a")) == nil)
        #expect(try store.verify() == [])
    }
}
