/// What is wrong with where documents come from. All of it means "fix your request", but for `.page` where that says
/// that it may be tried again.
package enum SourceFault: Sendable, Equatable {
    // Patterns.
    case patternEmpty(String)
    case patternTooLong(byteCount: Int, byteCountMax: Int)
    case ignoreFileTooLarge(path: String, byteCount: Int, byteCountMax: Int)
    case tooManyPatterns(path: String, countMax: Int)

    // Folders.
    case folderTooDeep(path: String, depthMax: Int)

    /// Nothing of a source is left, and all its documents would be deleted with nobody having said that this is meant.
    case emptied(source: String, documentCount: Int)
    case tooManyDeletions(source: String, found: Int, max: Int)

    /// One request takes no more of a source.
    case tooManyDocuments(max: Int)

    // Streams of records.
    case record(line: Int, RecordFault)

    // Archives.
    case archive(ArchiveFault)

    // Pages.
    case page(PageFault)
}

/// What is wrong with one line of NDJSON.
package enum RecordFault: Error, Sendable, Equatable {
    case lineTooLong(byteCountMax: Int)
    case notJSON
    case notAnObject
    case fieldUnknown(String, allowed: [String])
    case fieldMissing(String)
    case fieldInvalid(String, expected: String)

    /// Not exactly one of the fields that hold a text.
    case textCount(found: Int, fields: [String])
    case pathInvalid(DocumentPathRule)
    case mediaTypeUnsupported(found: String, allowed: [String])
    case attributesInvalid(AttributeFault)
}

/// Why an archive is not read, or not further. The entries before stay.
package enum ArchiveFault: Error, Sendable, Equatable {
    case notAnArchive
    case damaged(reason: String)
    case encrypted(path: String)
    case tooManyEntries(max: Int)
    case tooLarge(byteCount: Int, byteCountMax: Int)

    /// All entries together.
    case expandsTooFar(byteCountMax: Int)

    /// A byte of the archive becomes more than `max`, which no text does.
    case ratioTooHigh(found: Int, max: Int)
}

/// Why a page of the web is not taken.
package enum PageFault: Error, Sendable, Equatable {
    case addressInvalid(expected: String)
    case schemeUnsupported(found: String)
    case portForbidden(found: Int, allowed: [Int])

    /// The name leads to an address that is nobody's but the machine's or its network's own.
    case addressForbidden(host: String)
    case hostUnknown(host: String)
    case forbiddenByRobots(host: String)
    case tooManyRedirects(max: Int)
    case tooLarge(byteCountMax: Int)
    case status(Int)
    case timedOut(seconds: Int)
    case unreachable(host: String)

    /// This process fetches nothing.
    case notOffered

    package var isRetriable: Bool {
        switch self {
        case .timedOut, .unreachable: true
        case .status(let status): status == 429 || status >= 500
        default: false
        }
    }
}
