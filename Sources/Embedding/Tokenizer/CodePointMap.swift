/// What a Unigram tokenizer puts in the place of single scalars before it looks for pieces: `ﬁ` becomes `fi`, controls
/// vanish. Scalars that it does not name stay as they are.
struct CodePointMap: Sendable {
    /// Scalars of one target at most, so that a byte holds its length. Unicode's longest compatibility
    /// decomposition has 18.
    static let targetScalarsMax = 63

    private static let blockSize = 256

    /// For each 256 scalars where their entries begin, or -1 if they have none.
    private var blockStarts: [Int32]

    /// A place in `bytes` for each scalar of a block, or -1.
    private var places: [Int32] = []

    /// Length, then UTF-8, of each target.
    private(set) var bytes: [UInt8] = []

    /// Maps nothing.
    init() {
        blockStarts = [Int32](repeating: -1, count: 0x11_0000 / Self.blockSize)
    }

    /// - Parameter target: at most `targetScalarsMax` scalars; none for a scalar that vanishes.
    mutating func map(_ scalar: Unicode.Scalar, to target: [Unicode.Scalar]) {
        precondition(
            target.count <= Self.targetScalarsMax,
            "a target of \(target.count) scalars, \(Self.targetScalarsMax) at most")
        let (block, offset) = (Int(scalar.value >> 8), Int(scalar.value & 255))
        if blockStarts[block] < 0 {
            blockStarts[block] = Int32(places.count)
            places.append(contentsOf: repeatElement(-1, count: Self.blockSize))
        }
        places[Int(blockStarts[block]) + offset] = Int32(bytes.count)
        let utf8 = Array(String(String.UnicodeScalarView(target)).utf8)
        bytes.append(UInt8(utf8.count))
        bytes += utf8
    }

    /// Where the UTF-8 of the scalar's target lies in `bytes`; nil if the scalar stays as it is.
    @inline(__always)
    func target(of scalar: UInt32) -> Range<Int>? {
        let start = blockStarts[Int(scalar >> 8)]
        guard start >= 0 else { return nil }
        let place = places[Int(start) + Int(scalar & 255)]
        guard place >= 0 else { return nil }
        let first = Int(place) + 1
        return first..<first + Int(bytes[Int(place)])
    }
}
