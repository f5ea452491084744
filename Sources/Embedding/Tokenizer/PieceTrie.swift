/// The vocabulary as two tries over UTF-8 bytes, one of pieces that begin a word, one of pieces that go on
/// (`##…`).
///
/// Nodes are numbers; the edges of all nodes lie in one open-addressed hash table keyed by (node, byte), half
/// full, so that a step is one look-up, a vocabulary of 30,522 pieces takes about 2 MB, and building is one
/// pass.
struct PieceTrie: Sendable {
    /// Where a match of a word's beginning starts.
    static let initial: UInt32 = 0

    /// Where a match inside a word starts.
    static let continuing: UInt32 = 1

    /// A piece id, or -1 where no piece ends.
    private var ids: [Int32] = [-1, -1]
    private var edges: [Edge]
    private var mask: Int
    private var edgeCount = 0

    /// `key` is node · 256 + byte + 1; 0 marks a free place.
    private struct Edge {
        var key: UInt32 = 0
        var node: UInt32 = 0
    }

    /// - Parameter pieces: UTF-8 without the `##`. Together shorter than 16 MiB, so that a node number fits
    ///   24 bits.
    init(_ pieces: some Sequence<(utf8: ArraySlice<UInt8>, isContinuing: Bool, id: Int32)>) {
        mask = (1 << 16) - 1
        edges = [Edge](repeating: Edge(), count: mask + 1)
        for piece in pieces {
            var node = piece.isContinuing ? Self.continuing : Self.initial
            for byte in piece.utf8 { node = insert(byte, after: node) }
            ids[Int(node)] = piece.id
        }
    }

    /// The longest piece that `word[start...]` begins with; nil if none does.
    @inline(__always)
    func longestPiece(of word: Span<UInt8>, from start: Int) -> (id: Int32, end: Int)? {
        var node = start == 0 ? Self.initial : Self.continuing
        var longest: (id: Int32, end: Int)?
        var index = start
        while index < word.count {
            let place = place(of: Self.key(node, word[index]))
            guard edges[place].key != 0 else { break }
            node = edges[place].node
            index += 1
            let id = ids[Int(node)]
            if id >= 0 { longest = (id, index) }
        }
        return longest
    }

    /// The node behind `byte`; nil if no piece goes on so.
    @inline(__always)
    func node(after node: UInt32, _ byte: UInt8) -> UInt32? {
        let place = place(of: Self.key(node, byte))
        return edges[place].key == 0 ? nil : edges[place].node
    }

    /// The piece that ends at the node; -1 if none does.
    @inline(__always)
    func piece(at node: UInt32) -> Int32 { ids[Int(node)] }

    private static func key(_ node: UInt32, _ byte: UInt8) -> UInt32 {
        node << 8 | UInt32(byte) &+ 1
    }

    /// Where the edge is, or the free place where it belongs. Multiplicative hashing (Knuth, TAOCP 3, 6.4).
    @inline(__always)
    private func place(of key: UInt32) -> Int {
        var place = Int(key &* 2_654_435_769 >> 8) & mask
        while edges[place].key != key && edges[place].key != 0 { place = (place + 1) & mask }
        return place
    }

    private mutating func insert(_ byte: UInt8, after node: UInt32) -> UInt32 {
        let key = Self.key(node, byte)
        var found = place(of: key)
        if edges[found].key == key { return edges[found].node }
        if 2 * edgeCount > mask {
            grow()
            found = place(of: key)
        }
        let next = UInt32(ids.count)
        precondition(next < 1 << 24, "a vocabulary of \(next) nodes does not fit 24 bits")
        ids.append(-1)
        edges[found] = Edge(key: key, node: next)
        edgeCount += 1
        return next
    }

    private mutating func grow() {
        let old = edges
        mask = 2 * mask + 1
        edges = [Edge](repeating: Edge(), count: mask + 1)
        for edge in old where edge.key != 0 { edges[place(of: edge.key)] = edge }
    }
}
