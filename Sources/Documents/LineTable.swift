/// Where the lines of a source begin. A line ends at LF, CRLF or a lone CR, and the end belongs to it.
package struct LineTable {
    /// Byte offset of each line's first byte; offsets fit 32 bits because documents are bounded.
    private let starts: [UInt32]
    private let byteCount: Int

    package init(_ bytes: [UInt8]) {
        var starts: [UInt32] = bytes.isEmpty ? [] : [0]
        var offset = 0
        while offset < bytes.count {
            let byte = bytes[offset]
            offset += 1
            guard Ascii.isLineEnd(byte) else { continue }
            if byte == Ascii.carriageReturn, offset < bytes.count, bytes[offset] == Ascii.lineFeed {
                offset += 1
            }
            if offset < bytes.count { starts.append(UInt32(offset)) }
        }
        self.starts = starts
        byteCount = bytes.count
    }

    /// How many lines there are; they are numbered from 1.
    package var count: Int { starts.count }

    /// The bytes of one line, its end included.
    package func range(ofLine line: Int) -> Range<Int> {
        range(ofLines: line...line)
    }

    /// The bytes of consecutive lines.
    package func range(ofLines lines: ClosedRange<Int>) -> Range<Int> {
        let end = lines.upperBound < starts.count ? Int(starts[lines.upperBound]) : byteCount
        return Int(starts[lines.lowerBound - 1])..<end
    }

    /// The number of the line that holds the byte at `offset`. O(log lines).
    package func line(at offset: Int) -> Int {
        var low = 0
        var high = starts.count
        while low + 1 < high {
            let middle = (low + high) / 2
            if Int(starts[middle]) <= offset { low = middle } else { high = middle }
        }
        return low + 1
    }

    /// The lines a non-empty byte range touches.
    package func lines(of range: Range<Int>) -> ClosedRange<Int> {
        line(at: range.lowerBound)...line(at: range.upperBound - 1)
    }
}
