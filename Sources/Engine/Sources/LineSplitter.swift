/// Bytes in parts of any size to lines of bounded length. Pure.
struct LineSplitter: Sendable {
    enum Line: Sendable, Equatable {
        case whole(number: Int, bytes: [UInt8])

        /// Its bytes are thrown away as they come.
        case tooLong(number: Int)
    }

    private let byteCountMax: Int
    private var number = 1
    private var pending: [UInt8] = []
    private var isTooLong = false

    init(byteCountMax: Int) {
        self.byteCountMax = byteCountMax
    }

    /// The lines that end in `part`, without LF or CRLF. Empty ones are left out, and counted.
    mutating func lines(in part: [UInt8]) -> [Line] {
        var lines: [Line] = []
        var rest = part[...]
        while let end = rest.firstIndex(of: 0x0a) {
            take(rest[..<end])
            if let line = endLine() { lines.append(line) }
            rest = rest[(end + 1)...]
        }
        take(rest)
        return lines
    }

    /// The last line, if no line end follows it.
    mutating func lastLine() -> Line? {
        pending.isEmpty && !isTooLong ? nil : endLine()
    }

    private mutating func take(_ bytes: ArraySlice<UInt8>) {
        guard !isTooLong else { return }
        // One more for the CR of a line that is as long as it may be.
        guard pending.count + bytes.count <= byteCountMax + 1 else {
            isTooLong = true
            pending = []
            return
        }
        pending += bytes
    }

    private mutating func endLine() -> Line? {
        defer {
            pending = []
            isTooLong = false
            number += 1
        }
        if pending.last == 0x0d { pending.removeLast() }
        if isTooLong || pending.count > byteCountMax { return .tooLong(number: number) }
        return pending.isEmpty ? nil : .whole(number: number, bytes: pending)
    }
}
