/// Lines that read on from one another.
struct PDFParagraph {
    private(set) var headingLevel: Int?
    private var text = ""
    private var last: PDFLine?
    private var firstLeft = 0.0
    private var lineCount = 0

    /// Pages that begin inside, each after so many characters.
    private var pages: [(page: Int, characters: Int)] = []

    init(headingLevel: Int? = nil) {
        self.headingLevel = headingLevel
    }

    func continues(with line: PDFLine, headingLevel: Int?, acrossPages: Bool) -> Bool {
        guard let last, headingLevel == self.headingLevel else { return false }
        if Self.bullet(of: line.text) != nil { return false }
        if acrossPages || line.top < last.top - last.height {
            // The next column or page: only a sentence that is in full flow goes on there.
            return headingLevel == nil && !Self.endsSentence(text) && Self.startsLow(line.text)
        }
        let gap = line.top - last.bottom
        let isNear = gap < last.height * 0.6 && abs(line.fontSize - last.fontSize) <= last.fontSize * 0.1
        guard isNear, headingLevel == nil else { return isNear }
        let isIndented = line.left > last.left + last.fontSize * 0.8
        // The second line under a bullet stands further right than the first.
        return !isIndented || lineCount == 1 && Self.bullet(of: text) != nil || Self.startsLow(line.text)
    }

    mutating func append(_ line: PDFLine) {
        join(line.text)
        last = line
        lineCount += 1
    }

    /// The next line stands on this page.
    mutating func beginPage(_ page: Int) {
        pages.append((page, text.count))
    }

    func write(to writer: inout RenditionWriter) {
        guard !text.isEmpty else { return }
        var inline = InlineText()
        if let headingLevel {
            inline.append(text)
            writer.heading(level: headingLevel, inline)
        } else if let rest = Self.bullet(of: text) {
            inline.append(rest)
            writer.beginItem(marker: "- ")
            writer.paragraph(inline)
            writer.endContainer()
        } else {
            inline.append(text)
            writer.paragraph(inline)
        }
        for (page, characters) in pages {
            var rest = InlineText()
            rest.append(String(text.dropFirst(characters)))
            writer.markPage(page, bytesBeforeEnd: rest.markdown.utf8.count + 1)
        }
    }

    /// A word that was parted at the end of the line is put together again.
    private mutating func join(_ next: String) {
        guard let end = text.last else {
            text = next
            return
        }
        let isHyphen = end == "-" || end == "\u{2010}" || end == "\u{AD}"
        if isHyphen, text.dropLast().last?.isLetter == true, next.first?.isLowercase == true {
            text.removeLast()
            text += next
        } else {
            text += " " + next
        }
    }

    private static func endsSentence(_ text: String) -> Bool {
        text.last.map { ".!?:;\u{201D}\"".contains($0) } ?? true
    }

    private static func startsLow(_ text: String) -> Bool {
        text.first?.isLowercase == true
    }

    /// What follows the mark of a list's item.
    private static func bullet(of text: String) -> String? {
        guard let first = text.first, "•◦▪▫‣●○■□–".contains(first) else { return nil }
        let rest = text.dropFirst().trimmedWhitespace
        return rest.isEmpty ? nil : rest
    }
}
