/// Headers and footers: lines at the edge of pages that stand, but for their numbers, at the same place on
/// many of them.
struct RunningLines {
    /// Lines at each edge of a page that can be running ones.
    private static let linesAtEdge = 3

    /// Of the page's height, at either edge: where headers and footers stand.
    private static let marginShare = 0.15

    /// A line that stands on this many pages of a hundred, and on three at least, is a running one: those of
    /// left and right pages stand on half of them.
    private static let pagesPerHundred = 40
    private static let pagesMin = 3

    private let running: Set<Key>

    private struct Key: Hashable {
        let text: String
        /// From the nearer edge, in steps of eight points: negative ones from the bottom.
        let place: Int
    }

    init(_ pages: [(page: PDFPage, lines: [PDFLine])]) {
        var counts: [Key: Int] = [:]
        for (page, lines) in pages {
            for key in Set(Self.edges(of: lines, page).map { Self.key(lines[$0], page) }) {
                counts[key, default: 0] += 1
            }
        }
        let least = max(Self.pagesMin, (pages.count * Self.pagesPerHundred + 99) / 100)
        running = Set(counts.filter { $0.value >= least }.keys)
    }

    /// The lines that are none.
    func removed(from lines: [PDFLine], of page: PDFPage) -> [PDFLine] {
        let dropped = Set(Self.edges(of: lines, page).filter { running.contains(Self.key(lines[$0], page)) })
        return lines.indices.filter { !dropped.contains($0) }.map { lines[$0] }
    }

    private static func edges(of lines: [PDFLine], _ page: PDFPage) -> [Int] {
        let byHeight = lines.indices.filter { isInMargin(lines[$0], page) }.sorted {
            (lines[$0].top, $0) < (lines[$1].top, $1)
        }
        return Array(Set(byHeight.prefix(linesAtEdge) + byHeight.suffix(linesAtEdge)))
    }

    private static func isInMargin(_ line: PDFLine, _ page: PDFPage) -> Bool {
        min(line.middle, page.height - line.middle) <= page.height * marginShare
    }

    private static func key(_ line: PDFLine, _ page: PDFPage) -> Key {
        var text = ""
        for character in line.text.lowercased() {
            if character.isNumber {
                if !text.hasSuffix("#") { text.append("#") }
            } else if !character.isWhitespace {
                text.append(character)
            }
        }
        let isRoman = !text.isEmpty && text.count <= 7 && text.allSatisfy { "ivxlc".contains($0) }
        let isAtTop = line.middle < page.height / 2
        let distance = isAtTop ? line.middle : page.height - line.middle
        let step = Int(min(max(distance, 0), 100_000) / 8) + 1
        return Key(text: isRoman ? "#" : text, place: isAtTop ? step : -step)
    }
}
