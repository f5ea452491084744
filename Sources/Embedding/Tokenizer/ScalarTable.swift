/// What one source scalar contributes to the words of a text.
struct ScalarRule: Sendable, Hashable {
    enum Kind: UInt8, Sendable {
        /// Becomes the scalar `delta` away.
        case fold
        /// Becomes several scalars: `ScalarTable.longFolds[delta]`.
        case longFold
        /// A Hangul syllable: becomes its two or three jamo by arithmetic.
        case hangul
        /// Ends a word.
        case space
        /// Vanishes.
        case dropped
        /// Vanishes, but no mark is ordered across it.
        case droppedStarter
    }

    var kind = Kind.fold

    /// A word of its own: punctuation or an ideograph.
    var isIsolated = false

    /// Canonical combining class, for marks that stay.
    var combiningClass: UInt8 = 0

    var delta: Int32 = 0
}

/// The rule of every Unicode scalar, in blocks of 256 of which equal ones are stored once: about 0.2 MB.
struct ScalarTable: Sendable {
    private static let blockSize = 256
    private static let scalarCountMax = 0x11_0000

    /// The rules of `NormalizationTables`, unpacked on first use.
    static let uncased = ScalarTable(.uncased)

    /// Those of them that concern neither capitals nor accents.
    static let cased = ScalarTable(.cased)

    private(set) var longFolds: [[UInt32]] = []
    private var blockOffsets: [Int32]
    private var rules: [ScalarRule]
    private var uniformBlocks: [ScalarRule: Int32] = [:]

    /// - Parameter scalar: below 0x11_0000; any value of `Unicode.Scalar` is.
    @inline(__always)
    func rule(of scalar: UInt32) -> ScalarRule {
        rules[Int(blockOffsets[Int(scalar >> 8)]) + Int(scalar & 255)]
    }

    private init(_ casing: Casing) {
        blockOffsets = [Int32](repeating: 0, count: Self.scalarCountMax / Self.blockSize)
        rules = [ScalarRule](repeating: ScalarRule(), count: Self.blockSize)
        uniformBlocks[ScalarRule()] = 0
        let folds = casing == .uncased ? Self.folds() : []
        if casing == .uncased { setFolds(folds) }
        setIsolated(folds)
        if casing == .uncased {
            fill(0xAC00...0xD7A3, ScalarRule(kind: .hangul))
            fill(NormalizationTables.marks, ScalarRule(kind: .dropped))
            fill(NormalizationTables.starterMarks, ScalarRule(kind: .droppedStarter))
        }
        fill(NormalizationTables.spaces, ScalarRule(kind: .space))
        fill(NormalizationTables.dropped, ScalarRule(kind: .dropped))
    }

    private mutating func fill(_ table: String, _ rule: ScalarRule) {
        for range in Self.ranges(table) { fill(range, rule) }
    }

    private mutating func setFolds(_ folds: [(source: UInt32, target: UInt32)]) {
        for (source, target) in folds {
            update(source) { $0.delta = Int32(target) - Int32(source) }
        }
        let combining = Self.numbers(NormalizationTables.combining)
        for start in stride(from: 0, to: combining.count, by: 3) {
            for scalar in combining[start]...combining[start + 1] {
                update(scalar) { $0.combiningClass = UInt8(combining[start + 2]) }
            }
        }
        let long = Self.numbers(NormalizationTables.longFolds)
        var start = 0
        while start < long.count {
            let count = Int(long[start + 1])
            let rule = ScalarRule(kind: .longFold, delta: Int32(longFolds.count))
            update(long[start]) { $0 = rule }
            longFolds.append(Array(long[start + 2..<start + 2 + count]))
            start += 2 + count
        }
    }

    /// Ideographs are set apart before decomposition, punctuation after it.
    private mutating func setIsolated(_ folds: [(source: UInt32, target: UInt32)]) {
        for range in Self.ranges(NormalizationTables.punctuation) {
            for scalar in range { update(scalar) { $0.isIsolated = true } }
        }
        for (source, target) in folds {
            let isPunctuation = rule(of: target).isIsolated
            update(source) { $0.isIsolated = isPunctuation }
        }
        for range in Self.ranges(NormalizationTables.isolatedByScript) {
            let isolated = ScalarRule(isIsolated: true)
            for first in stride(from: range.lowerBound, through: range.upperBound, by: Self.blockSize) {
                let block = first...min(first + UInt32(Self.blockSize - 1), range.upperBound)
                if block.allSatisfy({ rule(of: $0) == ScalarRule() }) {
                    fill(block, isolated)
                } else {
                    for scalar in block { update(scalar) { $0.isIsolated = true } }
                }
            }
        }
    }

    /// Gives every scalar of `range` the same rule; whole blocks share one copy of it.
    private mutating func fill(_ range: ClosedRange<UInt32>, _ rule: ScalarRule) {
        var scalar = range.lowerBound
        while scalar <= range.upperBound {
            if scalar & 255 == 0, scalar + 255 <= range.upperBound {
                blockOffsets[Int(scalar >> 8)] = uniformBlock(of: rule)
                scalar += 256
            } else {
                update(scalar) { $0 = rule }
                scalar += 1
            }
        }
    }

    private mutating func uniformBlock(of rule: ScalarRule) -> Int32 {
        if let offset = uniformBlocks[rule] { return offset }
        let offset = Int32(rules.count)
        rules.append(contentsOf: repeatElement(rule, count: Self.blockSize))
        uniformBlocks[rule] = offset
        return offset
    }

    /// Changes one scalar's rule, giving its block a copy of its own first if it shares one.
    private mutating func update(_ scalar: UInt32, _ change: (inout ScalarRule) -> Void) {
        let block = Int(scalar >> 8)
        if uniformBlocks.values.contains(blockOffsets[block]) {
            let shared = Int(blockOffsets[block])
            blockOffsets[block] = Int32(rules.count)
            rules.append(contentsOf: Array(rules[shared..<shared + Self.blockSize]))
        }
        change(&rules[Int(blockOffsets[block]) + Int(scalar & 255)])
    }

    private static func folds() -> [(source: UInt32, target: UInt32)] {
        let runs = numbers(NormalizationTables.folds)
        var folds: [(source: UInt32, target: UInt32)] = []
        for start in stride(from: 0, to: runs.count, by: 5) {
            for i in 0..<runs[start + 1] {
                folds.append((runs[start] + i * runs[start + 2], runs[start + 3] + i * runs[start + 4]))
            }
        }
        return folds
    }

    private static func ranges(_ text: String) -> [ClosedRange<UInt32>] {
        let bounds = numbers(text)
        return stride(from: 0, to: bounds.count, by: 2).map { bounds[$0]...bounds[$0 + 1] }
    }

    private static func numbers(_ text: String) -> [UInt32] {
        var found: [UInt32] = []
        var number: UInt32?
        for byte in text.utf8 {
            if byte > UInt8(ascii: " ") {
                let digit =
                    byte < UInt8(ascii: "A") ? byte - UInt8(ascii: "0") : byte - UInt8(ascii: "A") + 10
                number = (number ?? 0) << 4 | UInt32(digit)
            } else if let complete = number {
                found.append(complete)
                number = nil
            }
        }
        if let number { found.append(number) }
        return found
    }
}
