import Columnar

/// The terms of a segment, found by binary search over the first terms of blocks, then through one block.
struct TermDictionary {
    let segment: PostingsSegment

    /// The entry of a term, if a row has it.
    func entry(of term: [UInt8]) throws(TextIndexError) -> TermEntry? {
        guard let block = try block(holding: term) else { return nil }
        var found: Int?
        try forEachTerm(inBlock: block) { ordinal, bytes in
            let order = TermBytes.order(bytes.span, term.span)
            if order == 0 { found = ordinal }
            return order < 0
        }
        return try found.map { ordinal throws(TextIndexError) in try segment.entry(ordinal) }
    }

    /// Gives the terms that start with `prefix`, and the number of their rows. Costs a pass over all of these.
    func forEachTerm(
        withPrefix prefix: [UInt8], _ body: (_ term: [UInt8], _ rowCount: Int) -> Void
    ) throws(TextIndexError) {
        var block = try block(holding: prefix) ?? 0
        var isPast = false
        while block < segment.dictionaryBlockCount, !isPast {
            var found: [(ordinal: Int, term: [UInt8])] = []
            try forEachTerm(inBlock: block) { ordinal, bytes in
                if TermBytes.hasPrefix(bytes.span, prefix.span) {
                    found.append((ordinal, bytes))
                } else if TermBytes.order(bytes.span, prefix.span) > 0 {
                    isPast = true
                }
                return !isPast
            }
            for (ordinal, term) in found { body(term, try segment.entry(ordinal).rowCount) }
            block += 1
        }
    }

    /// The last block whose first term does not come after `term`; nil if all do.
    private func block(holding term: [UInt8]) throws(TextIndexError) -> Int? {
        var (low, high) = (0, segment.dictionaryBlockCount)
        while low < high {
            let middle = low + (high - low) / 2
            var order = 0
            try forEachTerm(inBlock: middle) { _, bytes in
                order = TermBytes.order(bytes.span, term.span)
                return false
            }
            if order <= 0 { low = middle + 1 } else { high = middle }
        }
        return low > 0 ? low - 1 : nil
    }

    /// Gives the terms of a block in order until `body` says false.
    func forEachTerm(
        inBlock block: Int, _ body: (_ ordinal: Int, _ term: [UInt8]) -> Bool
    ) throws(TextIndexError) {
        let first = block * PostingsFormat.dictionaryBlockTerms
        let last = min(first + PostingsFormat.dictionaryBlockTerms, segment.termCount)
        var isRight = true
        try segment.withBytes(PostingsFormat.dictionary, try segment.dictionaryRange(block: block)) { bytes in
            var reader = DictionaryReader()
            for ordinal in first..<last {
                guard reader.next(bytes) else {
                    isRight = false
                    return
                }
                guard body(ordinal, reader.term) else { return }
            }
        }
        guard isRight else {
            throw segment.damage(
                PostingsFormat.dictionary, "\(last - first) terms", "fewer in block \(block)")
        }
    }
}

/// Goes through the terms of one block.
private struct DictionaryReader {
    private(set) var term: [UInt8] = []
    private var offset = 0

    /// - Returns: false if the bytes are not a term's.
    mutating func next(_ bytes: Span<UInt8>) -> Bool {
        guard let shared = VarInt.read(bytes, &offset), let count = VarInt.read(bytes, &offset),
            Int(shared) <= term.count, Int(shared) + Int(count) <= PostingsFormat.termBytesMax,
            offset + Int(count) <= bytes.count
        else { return false }
        term.removeLast(term.count - Int(shared))
        for index in offset..<(offset + Int(count)) { term.append(bytes[index]) }
        offset += Int(count)
        return true
    }
}
