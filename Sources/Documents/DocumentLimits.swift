/// The bounds on what a document may be and hold.
package enum DocumentLimits {
    /// The largest document, in bytes. A book of 1,500 pages is about 4 MiB of Markdown.
    package static let byteCountMax = 10 * 1024 * 1024

    /// The most lines. Ten MiB of prose or code have about 300,000; ten MiB of one-character lines have five
    /// million, each a block, and took 2.3 GB to parse.
    package static let lineCountMax = 500_000

    /// Above this share of NUL bytes (and above `strayBytesMax` of them) the bytes are not text. UTF-16
    /// without a byte order mark has about 50.
    package static let nulBytesPerHundredMax = 1

    /// Above this share of bytes that are not UTF-8 (and above `strayBytesMax` of them) the bytes are not
    /// text. German in Latin-1 has about 2, which is read with a notice; Russian in KOI8-R has about 80.
    package static let invalidBytesPerHundredMax = 10

    /// This many stray bytes are forgiven whatever their share, so that a short note is judged by more than
    /// one byte.
    package static let strayBytesMax = 8

    /// Front matter beyond these is ordinary text.
    package static let frontMatterLinesMax = 512
    package static let frontMatterBytesMax = 64 * 1024

    /// Of a document's attributes, in bytes of UTF-8. What front matter has beyond is not kept; what is given beside
    /// a document is refused. All of them are read with every passage of the document.
    package static let attributeCountMax = 64
    package static let attributeNameBytesMax = 128
    package static let attributeStringBytesMax = 4 * 1024
    package static let attributeStringsMax = 256
    package static let attributesBytesMax = 16 * 1024

    /// A heading's text is repeated in the path of every chunk below it, so it is cut at this many
    /// characters.
    package static let headingCharactersMax = 200

    /// The text that a document is turned into is bounded as a document is.
    package static let renditionBytesMax = byteCountMax

    /// Elements in one another: libxml2's own bound, kept for JSON. No document written by people has 60.
    package static let depthMax = 256

    /// Elements and texts of one part: ten MiB of HTML have about 400,000. A million take about 200 MiB.
    package static let nodesMax = 1_000_000

    /// Files in an archive. A book in EPUB has about 100; with a picture on every page, 2,000.
    package static let archiveEntriesMax = 10_000

    /// Bytes of all parts that are read of an archive, once expanded. The text of a long book is 2 MiB.
    package static let expandedBytesMax = 64 * 1024 * 1024

    /// Bytes that an archive declares in all, pictures included.
    package static let declaredBytesMax = 1024 * 1024 * 1024

    /// Expanded bytes for each compressed one, of parts beyond `ratioFreeBytes`. XML of a table shrinks to a
    /// fiftieth, a bomb to a thousandth.
    package static let compressionRatioMax = 150
    package static let ratioFreeBytes = 1024 * 1024

    /// Pages. The longest manuals have about 6,000.
    package static let pagesMax = 10_000

    /// Words of a PDF in all. A page of a book has 400.
    package static let pageWordsMax = 5_000_000

    /// Memory of a process that renders, beyond its own: a hundred times a document of the usual size.
    package static let renderMemoryBytesMax = 512 * 1024 * 1024

    /// Seconds that the rendering of one document may take. The slowest of 1,000 pages takes five.
    package static let renderSecondsMax = 30

    /// Lists and quotes in one another that a rendition shows; deeper ones lie flat at this depth.
    package static let renditionDepthMax = 8

    /// Columns of a table that a rendition shows.
    package static let tableColumnsMax = 256

    /// A quoted field of CSV that has more lines than this is a quotation mark gone astray.
    package static let quotedLinesMax = 1_000
}
