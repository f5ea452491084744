/// Words side by side: a line of a page.
struct PDFLine: Equatable {
    private(set) var text = ""
    private(set) var left = Double.infinity
    private(set) var top = Double.infinity
    private(set) var right = -Double.infinity
    private(set) var bottom = -Double.infinity
    private var sizes: [Double: Int] = [:]
    private var isSpaced = false

    /// The size in which most characters are set, in half points.
    var fontSize: Double {
        sizes.max { ($0.value, $0.key) < ($1.value, $1.key) }?.key ?? 0
    }

    var height: Double { max(bottom - top, 1) }
    var middle: Double { (top + bottom) / 2 }

    mutating func append(_ word: PDFWord) {
        // A gap of a fifth of the size is a space, whatever the file says.
        if !text.isEmpty, isSpaced || word.left - right > word.fontSize * 0.2 { text += " " }
        text += word.text
        isSpaced = word.hasSpaceAfter
        (left, right) = (min(left, word.left), max(right, word.right))
        (top, bottom) = (min(top, word.top), max(bottom, word.bottom))
        sizes[(word.fontSize * 2).rounded() / 2, default: 0] += word.text.count
    }

    /// Whether a word goes on with this line: at the same height, and not to the left of what is there.
    func continues(with word: PDFWord) -> Bool {
        let middle = (word.top + word.bottom) / 2
        return middle > top && middle < bottom && word.left >= right - height
            && word.left - right < height * 8
    }

    /// The lines of a page in the order of its content.
    static func lines(of page: PDFPage) -> [PDFLine] {
        var lines: [PDFLine] = []
        for word in page.words where !word.text.allSatisfy(\.isWhitespace) {
            if lines.last?.continues(with: word) != true { lines.append(PDFLine()) }
            lines[lines.count - 1].append(word)
        }
        return lines
    }
}
