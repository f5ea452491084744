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

    /// Front matter beyond these is ordinary text (lines, bytes) or not kept (attributes, characters of a
    /// value).
    package static let frontMatterLinesMax = 512
    package static let frontMatterBytesMax = 64 * 1024
    package static let attributeCountMax = 64
    package static let attributeKeyCharactersMax = 64
    package static let attributeValueCharactersMax = 1024

    /// A heading's text is repeated in the path of every chunk below it, so it is cut at this many
    /// characters.
    package static let headingCharactersMax = 200
}
