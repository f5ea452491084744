import Columnar
import Kernels

/// Goes forward through the postings of one term of a segment, a block at a time.
struct TermCursor {
    let segment: PostingsSegment
    let entry: TermEntry
    private let fields: [UInt32]

    /// Where the block after the term's last starts.
    private let postingEnd: Int
    private let occurrenceEnd: Int

    /// The block whose numbers are at hand; -1 for none.
    private var decoded = -1
    private var hasFrequencies = false
    private(set) var positions = [UInt32](repeating: 0, count: PostingsFormat.blockPostings)
    private(set) var frequencies = [UInt32](repeating: 1, count: PostingsFormat.blockPostings)

    /// The first block that may hold a row not passed yet.
    private(set) var block = 0

    init(_ segment: PostingsSegment, _ entry: TermEntry) throws(TextIndexError) {
        self.segment = segment
        self.entry = entry
        (fields, postingEnd, occurrenceEnd) = try segment.blockFields(entry.blocks)
    }

    var blockCount: Int { entry.blocks.count }

    @inline(__always)
    func last(_ block: Int) -> Int { Int(fields[block * PostingsFormat.blockFields]) }

    /// Codes of least lengths, and the greatest frequency, of a block.
    @inline(__always)
    func impacts(_ block: Int) -> (leastCodes: UInt32, frequencyMax: UInt32) {
        let start = block * PostingsFormat.blockFields
        return (fields[start + 3], fields[start + 4] & 0xFFFF)
    }

    /// Postings of a block.
    func count(_ block: Int) -> Int {
        min(PostingsFormat.blockPostings, entry.rowCount - block * PostingsFormat.blockPostings)
    }

    /// Moves `block` to the first one that may hold rows from `position` on.
    @inline(__always)
    mutating func skip(to position: Int) {
        while block < blockCount, last(block) < position { block += 1 }
    }

    /// Moves forward to `position`; its place in the block at hand, if the row has the term.
    mutating func place(of position: Int) throws(TextIndexError) -> Int? {
        skip(to: position)
        guard block < blockCount else { return nil }
        try load(block)
        let place = firstPlace(from: position, count: count(block))
        return place < count(block) && positions[place] == UInt32(position) ? place : nil
    }

    /// The first place in the block at hand whose row is `position` or later.
    func firstPlace(from position: Int, count: Int) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = low + (high - low) / 2
            if Int(positions[middle]) < position { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// The term's frequency in a row, 0 if it has it not; rows are asked for in ascending order.
    mutating func frequency(at position: Int) throws(TextIndexError) -> UInt32 {
        guard let place = try place(of: position) else { return 0 }
        try loadFrequencies()
        return frequencies[place]
    }

    /// Puts the positions of a block at hand.
    mutating func load(_ wanted: Int) throws(TextIndexError) {
        guard wanted != decoded else { return }
        decoded = -1
        let block = BlockFields(fields, at: wanted)
        let base = wanted == 0 ? 0 : UInt32(last(wanted - 1))
        let count = count(wanted)
        guard Int(block.last) < segment.rowCount else {
            throw segment.damage(PostingsFormat.block, "a row below \(segment.rowCount)", "\(block.last)")
        }
        var greatest: UInt32?
        if count == PostingsFormat.blockPostings {
            greatest = try unpack(block, base)
            hasFrequencies = false
        } else {
            greatest = try read(block, base, count, end: end(of: wanted))
            hasFrequencies = true
        }
        guard greatest == block.last, positions[count - 1] == block.last else {
            throw segment.damage(
                PostingsFormat.posting, "rows to \(block.last)", "\(greatest.map(String.init) ?? "no number")"
            )
        }
        decoded = wanted
    }

    /// Puts the frequencies of the block at hand there as well.
    mutating func loadFrequencies() throws(TextIndexError) {
        guard !hasFrequencies, decoded >= 0 else { return }
        let block = BlockFields(fields, at: decoded)
        let start = block.postingStart + PackedBlock.byteCount(bits: block.differenceBits)
        let end = start + PackedBlock.byteCount(bits: block.frequencyBits)
        guard block.frequencyBits <= 16 else {
            throw segment.damage(
                PostingsFormat.block, "frequencies of at most 16 bits", "\(block.frequencyBits)")
        }
        try segment.withBytes(PostingsFormat.posting, start..<end) { bytes in
            var room = frequencies.mutableSpan
            PackedBlock.unpack(bytes, bits: block.frequencyBits, adding: 1, into: &room)
        }
        hasFrequencies = true
    }

    private func end(of block: Int) -> Int {
        block + 1 < blockCount ? BlockFields(fields, at: block + 1).postingStart : postingEnd
    }

    private mutating func unpack(_ block: BlockFields, _ base: UInt32) throws(TextIndexError) -> UInt32 {
        guard block.differenceBits <= 32 else {
            throw segment.damage(
                PostingsFormat.block, "differences of at most 32 bits", "\(block.differenceBits)")
        }
        let end = block.postingStart + PackedBlock.byteCount(bits: block.differenceBits)
        var greatest: UInt32 = 0
        try segment.withBytes(PostingsFormat.posting, block.postingStart..<end) { bytes in
            var room = positions.mutableSpan
            greatest = PackedBlock.unpackSums(bytes, bits: block.differenceBits, base: base, into: &room)
        }
        return greatest
    }

    private mutating func read(
        _ block: BlockFields, _ base: UInt32, _ count: Int, end: Int
    ) throws(TextIndexError) -> UInt32? {
        guard block.postingStart <= end else {
            throw segment.damage(PostingsFormat.block, "a start up to \(end)", "\(block.postingStart)")
        }
        var last: UInt32? = base
        try segment.withBytes(PostingsFormat.posting, block.postingStart..<end) { bytes in
            var offset = 0
            for index in 0..<count {
                guard let before = last, let difference = VarInt.read(bytes, &offset),
                    let lessOne = VarInt.read(bytes, &offset), lessOne < PostingsFormat.frequencyMax
                else {
                    last = nil
                    return
                }
                let (position, isOver) = before.addingReportingOverflow(difference)
                last = isOver ? nil : position
                positions[index] = position
                frequencies[index] = lessOne + 1
            }
        }
        return last
    }

    // MARK: Places in the row

    /// The places of the term in the row at `place` of the block at hand, ascending.
    func occurrences(at place: Int) throws(TextIndexError) -> [UInt32] {
        var found: [UInt32] = []
        try readOccurrences { bytes, offset in
            for _ in 0..<place {
                guard Self.skip(bytes, &offset) else { return false }
            }
            return Self.read(bytes, &offset, into: &found)
        }
        return found
    }

    /// Adds the postings of the block at hand, both of whose numbers are, to `postings`.
    ///
    /// - Parameter places: the new position of each row; `PostingsMerge.dropped` for those that are left out.
    func append(to postings: inout TermPostings, places: [UInt32]) throws(TextIndexError) {
        let count = count(decoded)
        try readOccurrences { bytes, offset in
            for index in 0..<count {
                let position = Int(positions[index])
                guard position < places.count, places[position] != PostingsMerge.dropped else {
                    guard Self.skip(bytes, &offset) else { return false }
                    continue
                }
                guard Self.read(bytes, &offset, into: &postings.occurrences) else { return false }
                postings.positions.append(places[position])
                postings.frequencies.append(frequencies[index])
                postings.starts.append(UInt32(postings.occurrences.count))
            }
            return true
        }
    }

    /// Lends the bytes of the block at hand.
    private func readOccurrences(
        _ body: (_ bytes: Span<UInt8>, _ offset: inout Int) -> Bool
    ) throws(TextIndexError) {
        let start = BlockFields(fields, at: decoded).occurrenceStart
        let end =
            decoded + 1 < blockCount
            ? BlockFields(fields, at: decoded + 1).occurrenceStart : occurrenceEnd
        guard start <= end else {
            throw segment.damage(PostingsFormat.block, "a start up to \(end)", "\(start)")
        }
        var isRight = true
        try segment.withBytes(PostingsFormat.occurrence, start..<end) { bytes in
            var offset = 0
            isRight = body(bytes, &offset)
        }
        guard isRight else {
            throw segment.damage(
                PostingsFormat.occurrence, "places of \(count(decoded)) postings", "no such numbers")
        }
    }

    /// Moves past the places of one posting.
    private static func skip(_ bytes: Span<UInt8>, _ offset: inout Int) -> Bool {
        guard let count = VarInt.read(bytes, &offset), Int(count) <= bytes.count - offset else {
            return false
        }
        for _ in 0..<count where VarInt.read(bytes, &offset) == nil { return false }
        return true
    }

    private static func read(_ bytes: Span<UInt8>, _ offset: inout Int, into places: inout [UInt32]) -> Bool {
        guard let count = VarInt.read(bytes, &offset), Int(count) <= bytes.count - offset else {
            return false
        }
        var last: UInt32 = 0
        for _ in 0..<count {
            guard let difference = VarInt.read(bytes, &offset) else { return false }
            let (place, isOver) = last.addingReportingOverflow(difference)
            guard !isOver else { return false }
            places.append(place)
            last = place
        }
        return true
    }
}
