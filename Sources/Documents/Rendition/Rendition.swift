/// A document whose bytes are no text, as text: UTF-8 Markdown, made the same way every time, from which passages are
/// cut and to which citations lead.
package struct Rendition: Sendable, Equatable {
    package var text: [UInt8]

    /// How `text` is read: Markdown, or what the document is where only its encoding was changed.
    package var textType: MediaType

    /// Where pages begin, in order; empty for what has none.
    package var pages: [PageMark]
    package var title: String?

    /// Bounded as front matter is.
    package var attributes: [String: AttributeValue]

    /// What was dropped or repaired on the way.
    package var notices: [ParseNotice]

    package init(
        text: [UInt8], textType: MediaType = .markdown, pages: [PageMark] = [], title: String? = nil,
        attributes: [String: AttributeValue] = [:], notices: [ParseNotice] = []
    ) {
        self.text = text
        self.textType = textType
        self.pages = pages
        self.title = title
        self.attributes = attributes
        self.notices = notices
    }

    /// The number of the page that the byte at `offset` stands on, from 1; nil without pages. O(log pages).
    package func page(at offset: Int) -> Int? {
        var low = 0
        var high = pages.count
        while low < high {
            let middle = (low + high) / 2
            if pages[middle].offset <= offset { low = middle + 1 } else { high = middle }
        }
        return low > 0 ? pages[low - 1].page : pages.first?.page
    }
}

/// A page begins at this byte of a rendition.
package struct PageMark: Sendable, Equatable, Codable {
    package var offset: Int
    /// From 1, as a viewer counts them.
    package var page: Int

    package init(offset: Int, page: Int) {
        self.offset = offset
        self.page = page
    }
}
