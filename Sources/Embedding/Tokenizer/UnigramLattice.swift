/// The best way to cut a word into pieces, found from the left (A. Viterbi, 1967): the best way to a place is the best
/// way to some place before it and one piece more.
///
/// A word may be a whole document, in scripts without spaces. So what is settled is handed on as soon as there is
/// enough of it, and the memory of a call does not grow with the text: once all ways that may still win pass through
/// one place, everything before it is settled.
///
/// A short word that was cut before is not cut again: `WordMemory` knows its pieces. The result is the same to the last
/// tie. Which way wins depends on the sum of the words before by its rounding only, so a word is kept with the least
/// difference between two ways that were compared, and used where rounding cannot bridge that.
struct UnigramLattice<Tokens: TokenSink> {
    private let trie: PieceTrie
    private let scores: [Float]

    /// Pieces that are passed over; empty for none.
    private let isSpecial: [Bool]
    private let pieceBytesMax: Int
    private let unknownID: Int32
    private let unknownScore: Float

    /// The greatest magnitude of a score, that of the unknown among them.
    private let scoreMagnitude: Float
    private(set) var tokens: Tokens
    private(set) var memory: WordMemory

    /// What of the word is not settled: UTF-8.
    private var bytes: [UInt8] = []

    /// For each place between the bytes, and after the last: the greatest sum of scores of a way to it, and the place
    /// before it and the piece on that way.
    private var best: [Float] = []
    private var origins: [Int32] = []
    private var pieces: [Int32] = []

    /// The sum of the words before. Which of two equal ways wins is then left to the rounding of Float32 as it is
    /// in the reference, which sums over the whole text.
    private var carried: Float = 0

    /// Room for the pieces of a way, the last first.
    private var way: [Int32] = []

    /// Whether the places of this word are looked at.
    private var isOpen = false

    /// The least difference of two ways to one place of this word.
    private var margin = Float.infinity

    /// Places before this one have handed their score on.
    private var frontier = 0

    /// Settling is tried when this many bytes wait.
    private var settlingCount = settlingBytes

    /// Enough that trying, which looks at the last `pieceBytesMax` places, costs little, and few enough to stay in the
    /// caches.
    private static var settlingBytes: Int { 4_096 }

    init(
        trie: PieceTrie, scores: [Float], isSpecial: [Bool], pieceBytesMax: Int, unknownID: Int32,
        unknownScore: Float, scoreMax: Float, tokens: Tokens, memory: WordMemory
    ) {
        (self.trie, self.scores, self.isSpecial) = (trie, scores, isSpecial)
        (self.pieceBytesMax, self.unknownID, self.unknownScore) = (pieceBytesMax, unknownID, unknownScore)
        scoreMagnitude = max(abs(unknownScore), abs(scoreMax))
        (self.tokens, self.memory) = (tokens, memory)
    }

    /// Begins a word.
    mutating func begin() {
        bytes.removeAll(keepingCapacity: true)
        bytes.append(contentsOf: UnigramVocabulary.wordMark)
        isOpen = false
        settlingCount = Self.settlingBytes
    }

    private mutating func open() {
        guard !isOpen else { return }
        isOpen = true
        best.removeAll(keepingCapacity: true)
        origins.removeAll(keepingCapacity: true)
        pieces.removeAll(keepingCapacity: true)
        reach(0, score: carried, from: 0, by: unknownID)
        (frontier, margin) = (0, .infinity)
    }

    @inline(__always)
    mutating func append(_ byte: UInt8) {
        bytes.append(byte)
    }

    /// Hands the word's pieces on and begins the next. False if the sink takes no more.
    mutating func endWord() -> Bool {
        guard finish() else { return false }
        begin()
        return true
    }

    /// Hands the word's pieces on. False if the sink takes no more.
    mutating func finish() -> Bool {
        // Where special tokens are pieces the same word may be cut in another way.
        let key = isOpen || isSpecial.isEmpty ? nil : WordMemory.key(bytes.span)
        let uncertainty = uncertainty
        if let key, let known = memory.entry(key), known.margin > uncertainty { return emit(known) }
        open()
        advance(to: bytes.count)
        carried = best[bytes.count]
        let goesOn = emit(to: bytes.count)
        if let key { memory.keep(way, margin: margin - uncertainty, at: key) }
        return goesOn
    }

    /// How far rounding may move the difference of two ways through this word. Both are sums of at most as many scores
    /// as the word has bytes, and of the words before; each addition is off by half a unit in the last place.
    private var uncertainty: Float {
        let count = Float(bytes.count)
        return 2 * count * (Float.ulpOfOne / 2) * (abs(carried) + count * scoreMagnitude)
    }

    private mutating func emit(_ known: WordMemory.Entry) -> Bool {
        for index in 0..<Int(known.pieceCount) {
            let piece = known.pieces[index]
            carried += piece == unknownID ? unknownScore : scores[Int(piece)]
            guard tokens.take(piece) else { return false }
        }
        return true
    }

    /// Hands on what is settled of a long word; to be called between two scalars. False if the sink takes no more.
    @inline(__always)
    mutating func settle() -> Bool {
        bytes.count < settlingCount || settleSome()
    }

    private mutating func settleSome() -> Bool {
        // What lies ahead may still belong to a piece that begins here, and so may what has not come.
        open()
        advance(to: bytes.count - pieceBytesMax)
        let common = commonOrigin()
        guard common > 0 else {
            settlingCount = 2 * bytes.count
            return true
        }
        guard emit(to: common) else { return false }
        bytes.removeFirst(common)
        best.removeFirst(common)
        origins.removeFirst(common)
        pieces.removeFirst(common)
        for place in origins.indices { origins[place] -= Int32(common) }
        frontier -= common
        settlingCount = max(Self.settlingBytes, 2 * bytes.count)
        return true
    }

    /// Hands scores on from all places before `end`.
    private mutating func advance(to end: Int) {
        while frontier < end {
            let start = frontier
            let length = UTF8Scalar.length(first: bytes[start])
            frontier += length
            // Every place between two scalars is reached, by unknown scalars if by nothing else.
            let score = best[start]
            var (node, place) = (PieceTrie.initial, start)
            while place < bytes.count, let next = trie.node(after: node, bytes[place]) {
                (node, place) = (next, place + 1)
                let piece = trie.piece(at: node)
                guard piece >= 0, isSpecial.isEmpty || !isSpecial[Int(piece)] else { continue }
                reach(place, score: score + scores[Int(piece)], from: start, by: piece)
            }
            reach(start + length, score: score + unknownScore, from: start, by: unknownID)
        }
    }

    @inline(__always)
    private mutating func reach(_ place: Int, score: Float, from origin: Int, by piece: Int32) {
        while best.count <= place {
            best.append(-.infinity)
            origins.append(0)
            pieces.append(unknownID)
        }
        margin = min(margin, abs(score - best[place]))
        guard score > best[place] else { return }
        best[place] = score
        origins[place] = Int32(origin)
        pieces[place] = piece
    }

    /// The last place that every way passes which may still be the best one: all of them pass a place at or after the
    /// frontier that has been reached.
    private func commonOrigin() -> Int {
        var ways = Set((frontier..<best.count).filter { best[$0] > -.infinity })
        while ways.count > 1, let last = ways.max() {
            ways.remove(last)
            ways.insert(Int(origins[last]))
        }
        return ways.first ?? 0
    }

    /// Hands on the pieces of the best way from the beginning to `end`.
    private mutating func emit(to end: Int) -> Bool {
        way.removeAll(keepingCapacity: true)
        var place = end
        while place > 0 {
            way.append(pieces[place])
            place = Int(origins[place])
        }
        for piece in way.reversed() where !tokens.take(piece) { return false }
        return true
    }
}
