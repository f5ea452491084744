import CPoppler

/// A run of characters of a page without a space. Points from the page's top left corner.
struct PDFWord: Equatable {
    var text: String
    var left: Double
    var top: Double
    var right: Double
    var bottom: Double
    /// Points; the height of the box where the font does not say.
    var fontSize: Double
    var hasSpaceAfter: Bool
}

/// A page's words in the order of its content.
struct PDFPage: Equatable {
    var width: Double
    var height: Double
    var words: [PDFWord] = []
}

/// A PDF as poppler reads it.
struct PDFContent: Equatable {
    var title = ""
    var author = ""
    var created = ""
    var pages: [PDFPage] = []

    /// - Throws: `.damaged`, `.encrypted`, `.overLimit`.
    init(_ bytes: [UInt8]) throws(DocumentError) {
        let collector = WordCollector()
        var pageCount: Int32 = 0
        // SAFETY: the bytes and the collector stay where they are for the call; the callbacks get the collector back
        // as it was given, and copy what they are lent.
        let outcome = withExtendedLifetime(collector) {
            var reader = unsafe CPopplerReader(
                context: Unmanaged.passUnretained(collector).toOpaque(),
                describe: { context, _, title, author, created in
                    unsafe WordCollector.from(context)?.describe(title, author, created)
                },
                beginPage: { context, width, height in
                    unsafe WordCollector.from(context)?.content.pages.append(
                        PDFPage(width: width, height: height))
                },
                word: { context, word in unsafe WordCollector.from(context)?.take(word) ?? false })
            return unsafe bytes.withUnsafeBytes { buffer in
                unsafe cpoppler_read(
                    buffer.bindMemory(to: CChar.self).baseAddress, Int32(clamping: buffer.count),
                    Int32(DocumentLimits.pagesMax), &pageCount, &reader)
            }
        }
        switch outcome {
        case CPopplerRead: self = collector.content
        case CPopplerLocked: throw .encrypted(.pdf)
        case CPopplerTooManyPages:
            throw .overLimit(.pdf, .pages, found: Int(pageCount), max: DocumentLimits.pagesMax)
        case CPopplerStopped: throw .overLimit(.pdf, .words, found: nil, max: DocumentLimits.pageWordsMax)
        case CPopplerOutOfMemory:
            throw .overLimit(.pdf, .memory, found: nil, max: DocumentLimits.renderMemoryBytesMax)
        default: throw .damaged(.pdf, part: "objects")
        }
    }

    fileprivate init() {}
}

private final class WordCollector {
    var content = PDFContent()
    private var wordCount = 0

    static func from(_ context: UnsafeMutableRawPointer?) -> WordCollector? {
        // SAFETY: the pointer is the one that `PDFContent.init` handed over, and the object is alive.
        unsafe context.map { unsafe Unmanaged<WordCollector>.fromOpaque($0).takeUnretainedValue() }
    }

    func describe(
        _ title: UnsafePointer<CChar>?, _ author: UnsafePointer<CChar>?, _ created: UnsafePointer<CChar>?
    ) {
        // SAFETY: strings that end with NUL, lent for the call.
        content.title = unsafe title.map { unsafe String(cString: $0) } ?? ""
        content.author = unsafe author.map { unsafe String(cString: $0) } ?? ""
        content.created = unsafe created.map { unsafe String(cString: $0) } ?? ""
    }

    /// False to stop.
    func take(_ word: UnsafePointer<CPopplerWord>?) -> Bool {
        // SAFETY: a word is lent for the call; its text ends with NUL.
        guard let word = unsafe word?.pointee, let text = unsafe word.text else { return true }
        wordCount += 1
        guard wordCount <= DocumentLimits.pageWordsMax, !content.pages.isEmpty else { return false }
        let height = unsafe word.bottom - word.top
        let size = unsafe word.fontSize
        let places = unsafe [word.left, word.top, word.right, word.bottom, size]
        guard places.allSatisfy(\.isFinite) else { return true }
        unsafe content.pages[content.pages.count - 1].words.append(
            PDFWord(
                text: String(cString: text), left: word.left, top: word.top, right: word.right,
                bottom: word.bottom,
                fontSize: size > 0 ? size : height, hasSpaceAfter: word.hasSpaceAfter))
        return true
    }
}
