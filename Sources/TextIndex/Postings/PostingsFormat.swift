import Columnar

// A segment of postings: the columns of a `<number>.postings` file, version 1
// ===========================================================================
//
// The container (header, directory, checksums, alignment) is specified in Columnar/ColumnFileFormat.swift;
// its header says kind 2, kind version 1, dimension 0. Row counts below are the header's, `n`; the number of
// terms is `t`, of blocks of postings `b`, of languages `l`. A row's *position* is its place by ascending row id.
// A varint has 7 bits a byte, least first; the top bit says that another byte follows.
//
//   id  name             element  rows × elements
//    1  row              int64    n × 1      row ids, strictly ascending
//    2  document         int64    n × 1      document ordinals
//    3  bornSequence     int64    n × 1      inside the header's sequences
//    4  length           uint8    n × 1      codes of the rows' lengths (LengthCode.swift)
//    5  language         uint8    n × 1      place in `languages`, below l
//    6  languages        uint8    bytes      l names: a byte that counts the bytes, then UTF-8; at most 255 of each
//    7  languageRows     int64    l × 1      rows in each language
//    8  settings         uint8    bytes      UTF-8: the analyzer's fingerprint and the weights of the fields
//    9  totals           int64    2 × 1      the sum of all rows' decoded lengths, and t
//   10  dictionaryStart  int64    ⌈t / 32⌉ × 1   where each block of 32 terms starts in `dictionary`; ascending
//   11  dictionary       uint8    bytes      the terms, strictly ascending by bytes, at most 255 each: varint bytes
//                                            shared with the term before (0 for the first of a block), varint count of
//                                            the others, the others
//   12  term             uint32   t × 2      rows that have the term, at least 1; number of its first block in `block`
//   13  block            uint32   b × 6      a term's blocks in order, of 128 postings each, the last of 1 to 128:
//                                              0  the position of its last row
//                                              1  start in `posting`, low 32 bits
//                                              2  bits 0 ..< 16: the start's high bits; 16 ..< 24: bits of a packed
//                                                 difference; 24 ..< 32: of a packed frequency less 1
//                                              3  codes of the least length of a row where the frequency is at least 1
//                                                 (bits 0 ..< 8), 2, 3, 4 (bits 24 ..< 32); 255 where there is none
//                                              4  bits 0 ..< 16: the greatest frequency; 16 ..< 32: high bits of 5
//                                              5  start in `occurrence`, low 32 bits
//   14  posting          uint8    bytes      a block of 128: differences of the positions, then frequencies less 1,
//                                            both packed (CKernels/ckernels_postings.h). A shorter one: for each
//                                            posting the difference and the frequency less 1 as varints. The first
//                                            difference of a term's block is from the last position of its block
//                                            before, or from 0
//   15  occurrence       uint8    bytes      for each posting of a block a varint count, at least 1, and so many
//                                            places of the term in the row: the first, then differences, as varints
//
// A frequency is the sum of the weights of the fields where the term occurs, at most 65,535. Places count the
// tokens of title, headings and text, in that order, with 100 left out between two fields.
//
// Bounds that do not depend on the average length of rows or the number of rows come from 3 and 4 of a block: no
// posting scores more than the best of (1, code 1), (2, code 2), (3, code 3), (greatest frequency, code 4).
//
// History
//   1  (2026) first.

/// The numbers of the format above.
enum PostingsFormat {
    static let kind: UInt32 = 2
    static let kindVersion: UInt32 = 1

    static let row = ColumnID(rawValue: 1)
    static let document = ColumnID(rawValue: 2)
    static let bornSequence = ColumnID(rawValue: 3)
    static let length = ColumnID(rawValue: 4)
    static let language = ColumnID(rawValue: 5)
    static let languages = ColumnID(rawValue: 6)
    static let languageRows = ColumnID(rawValue: 7)
    static let settings = ColumnID(rawValue: 8)
    static let totals = ColumnID(rawValue: 9)
    static let dictionaryStart = ColumnID(rawValue: 10)
    static let dictionary = ColumnID(rawValue: 11)
    static let term = ColumnID(rawValue: 12)
    static let block = ColumnID(rawValue: 13)
    static let posting = ColumnID(rawValue: 14)
    static let occurrence = ColumnID(rawValue: 15)

    /// Few enough to walk through, many enough that a prefix saves something.
    static let dictionaryBlockTerms = 32

    static let blockPostings = 128
    static let blockFields = 6
    static let termBytesMax = 255
    static let languagesMax = 255
    static let frequencyMax: UInt32 = 65_535

    /// Left out between the places of two fields, so that no phrase reaches from one into the next.
    static let fieldGap = 100

    /// Counts that decide the size of the columns.
    struct Counts: Sendable, Equatable {
        var rows = 0
        var languages = 0
        var languageBytes = 0
        var settingsBytes = 0
        var terms = 0
        var dictionaryBytes = 0
        var blocks = 0
        var postingBytes = 0
        var occurrenceBytes = 0

        var dictionaryBlocks: Int {
            (terms + PostingsFormat.dictionaryBlockTerms - 1) / PostingsFormat.dictionaryBlockTerms
        }
    }

    static func columns(_ counts: Counts) -> [ColumnDescription] {
        func column(
            _ id: ColumnID, _ type: ColumnElementType, _ rows: Int, _ elements: Int = 1
        ) -> ColumnDescription {
            ColumnDescription(
                id: id, elementType: type, shape: ColumnShape(rowCount: rows, rowElements: elements))
        }
        return [
            column(row, .int64, counts.rows), column(document, .int64, counts.rows),
            column(bornSequence, .int64, counts.rows), column(length, .uint8, counts.rows),
            column(language, .uint8, counts.rows), column(languages, .uint8, counts.languageBytes),
            column(languageRows, .int64, counts.languages), column(settings, .uint8, counts.settingsBytes),
            column(totals, .int64, 2), column(dictionaryStart, .int64, counts.dictionaryBlocks),
            column(dictionary, .uint8, counts.dictionaryBytes), column(term, .uint32, counts.terms, 2),
            column(block, .uint32, counts.blocks, blockFields), column(posting, .uint8, counts.postingBytes),
            column(occurrence, .uint8, counts.occurrenceBytes),
        ]
    }

    /// The digest as a description carries it.
    static func hexadecimal(_ digest: UInt64) -> String {
        let digits = String(digest, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
