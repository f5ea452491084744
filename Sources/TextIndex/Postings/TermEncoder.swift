import Kernels

/// Turns terms, ascending, into the columns of the dictionary and of postings.
///
/// What it made is taken away by `drain`, so it holds about one term's bytes.
struct TermEncoder {
    /// Encoded columns, or the next part of them.
    struct Output {
        var dictionaryStarts: [Int64] = []
        var dictionary: [UInt8] = []
        var terms: [UInt32] = []
        var blocks: [UInt32] = []
        var postings: [UInt8] = []
        var occurrences: [UInt8] = []

        var byteCount: Int {
            dictionaryStarts.count * 8 + dictionary.count + terms.count * 4 + blocks.count * 4
                + postings.count
                + occurrences.count
        }
    }

    private(set) var output = Output()

    // Counts of everything up to here, what was taken away included.
    private(set) var counts = PostingsFormat.Counts()

    private let lengthCodes: [UInt8]
    private var previous: [UInt8] = []

    /// - Parameter lengthCodes: of all rows, by position.
    init(lengthCodes: [UInt8]) {
        self.lengthCodes = lengthCodes
    }

    /// Takes what was encoded since the last time.
    mutating func drain() -> Output {
        var taken = Output()
        swap(&taken, &output)
        return taken
    }

    mutating func append(_ term: [UInt8], _ postings: TermPostings) {
        appendName(term)
        output.terms.append(UInt32(postings.count))
        output.terms.append(UInt32(counts.blocks))
        var last: UInt32 = 0
        for start in stride(from: 0, to: postings.count, by: PostingsFormat.blockPostings) {
            let range = start..<min(start + PostingsFormat.blockPostings, postings.count)
            appendBlock(postings, range, after: last)
            last = postings.positions[range.upperBound - 1]
        }
        counts.terms += 1
    }

    private mutating func appendName(_ term: [UInt8]) {
        let size = output.dictionary.count
        var shared = 0
        if counts.terms.isMultiple(of: PostingsFormat.dictionaryBlockTerms) {
            output.dictionaryStarts.append(Int64(counts.dictionaryBytes))
        } else {
            while shared < min(term.count, previous.count), term[shared] == previous[shared] { shared += 1 }
        }
        VarInt.append(UInt32(shared), to: &output.dictionary)
        VarInt.append(UInt32(term.count - shared), to: &output.dictionary)
        output.dictionary += term[shared...]
        counts.dictionaryBytes += output.dictionary.count - size
        previous = term
    }

    private mutating func appendBlock(_ postings: TermPostings, _ range: Range<Int>, after last: UInt32) {
        let (postingStart, occurrenceStart) = (counts.postingBytes, counts.occurrenceBytes)
        let bits = appendNumbers(postings, range, after: last)
        appendOccurrences(postings, range)
        var least = SIMD4<UInt32>(repeating: 255)
        var greatest: UInt32 = 0
        for index in range {
            let frequency = postings.frequencies[index]
            let code = UInt32(lengthCodes[Int(postings.positions[index])])
            greatest = max(greatest, frequency)
            for step in 0..<Int(min(4, frequency)) { least[step] = min(least[step], code) }
        }
        let impacts = (least &<< SIMD4<UInt32>(0, 8, 16, 24)).wrappedSum()
        output.blocks.append(postings.positions[range.upperBound - 1])
        output.blocks.append(UInt32(truncatingIfNeeded: postingStart))
        output.blocks.append(
            UInt32(postingStart >> 32) | UInt32(bits.differences) << 16 | UInt32(bits.frequencies) << 24)
        output.blocks.append(impacts)
        output.blocks.append(greatest | UInt32(occurrenceStart >> 32) << 16)
        output.blocks.append(UInt32(truncatingIfNeeded: occurrenceStart))
        counts.blocks += 1
    }

    private mutating func appendNumbers(
        _ postings: TermPostings, _ range: Range<Int>, after last: UInt32
    ) -> (differences: Int, frequencies: Int) {
        let size = output.postings.count
        defer { counts.postingBytes += output.postings.count - size }
        var previous = last
        guard range.count == PostingsFormat.blockPostings else {
            for index in range {
                VarInt.append(postings.positions[index] - previous, to: &output.postings)
                VarInt.append(postings.frequencies[index] - 1, to: &output.postings)
                previous = postings.positions[index]
            }
            return (0, 0)
        }
        var differences: [UInt32] = []
        differences.reserveCapacity(range.count)
        for index in range {
            differences.append(postings.positions[index] - previous)
            previous = postings.positions[index]
        }
        let lessOne = postings.frequencies[range].map { $0 - 1 }
        let bits = (
            differences: PackedBlock.bits(of: differences.max() ?? 0),
            frequencies: PackedBlock.bits(of: lessOne.max() ?? 0)
        )
        PackedBlock.pack(differences.span, bits: bits.differences, onto: &output.postings)
        PackedBlock.pack(lessOne.span, bits: bits.frequencies, onto: &output.postings)
        return bits
    }

    private mutating func appendOccurrences(_ postings: TermPostings, _ range: Range<Int>) {
        let size = output.occurrences.count
        for index in range {
            let places = Int(postings.starts[index])..<Int(postings.starts[index + 1])
            VarInt.append(UInt32(places.count), to: &output.occurrences)
            var previous: UInt32 = 0
            for place in places {
                VarInt.append(postings.occurrences[place] - previous, to: &output.occurrences)
                previous = postings.occurrences[place]
            }
        }
        counts.occurrenceBytes += output.occurrences.count - size
    }
}
