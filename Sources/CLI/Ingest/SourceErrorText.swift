import Engine

/// What is wrong with where documents come from, in words.
enum SourceErrorText {
    static func describe(_ fault: SourceFault) -> String {
        switch fault {
        case .patternEmpty(let found): "the pattern '\(found)' matches nothing"
        case .patternTooLong(let found, let most):
            "the pattern has \(found) bytes; up to \(most) are allowed"
        case .ignoreFileTooLarge(let path, let found, let most):
            "\(path) has \(Figure.bytes(found)); up to \(Figure.bytes(most)) are read, or --no-ignore"
        case .tooManyPatterns(let path, let most):
            "\(path) has more than \(most) patterns; shorten it, or --no-ignore"
        case .folderTooDeep(let path, let most): "\(path) is more than \(most) folders deep"
        case .emptied(let source, let count):
            """
            nothing is left of '\(source)', and all of its \(Figure.count(count, "document")) would be deleted. Is the \
            disk there? If it is meant so, give --allow-empty
            """
        case .tooManyDeletions(let source, let found, let most):
            "\(Figure.count(found, "document")) of '\(source)' would be deleted; --delete-max allows \(most)"
        case .tooManyDocuments(let most): "up to \(most) documents are taken at once"
        case .record(_, let fault): record(fault)
        case .archive(let fault): archive(fault)
        case .page(let fault): page(fault)
        }
    }

    /// The line is in the name of what failed.
    private static func record(_ fault: RecordFault) -> String {
        switch fault {
        case .lineTooLong(let most): "the line has more than \(Figure.bytes(most))"
        case .notJSON: "the line is not JSON"
        case .notAnObject: "the line is JSON, and no object"
        case .fieldUnknown(let name, let allowed):
            "it has a field '\(name)'; allowed are \(allowed.joined(separator: ", "))"
        case .fieldMissing(let name): "the field '\(name)' is missing"
        case .fieldInvalid(let name, let expected): "\(name): expected \(expected)"
        case .textCount(let found, let fields):
            "it has \(found) of the fields \(fields.joined(separator: ", ")); exactly one is expected"
        case .pathInvalid(let rule): path(rule)
        case .mediaTypeUnsupported(let found, let allowed):
            "it is \(found); these are read: \(allowed.joined(separator: ", "))"
        case .attributesInvalid(let fault): attributes(fault)
        }
    }

    static func attributes(_ fault: AttributeFault) -> String {
        switch fault {
        case .nameLength(let found, let most):
            "an attribute's name has \(found) bytes; 1 to \(most) are allowed"
        case .nameReserved(let name):
            "'\(name)' cannot be an attribute's name: no ':', no NUL, and no '@' before it"
        case .valueUnsupported(let name, let found):
            "\(name) is \(found); a string, a number, true, false or a list of strings is allowed"
        case .holdsNUL(let name): "\(name) holds NUL"
        case .stringTooLong(let name, let found, let most):
            "\(name) has a string of \(found) bytes; up to \(most) are allowed"
        case .tooManyStrings(let name, let found, let most):
            "\(name) has \(found) strings; up to \(most) are allowed"
        case .tooMany(let found, let most): "it has \(found) attributes; up to \(most) are allowed"
        case .tooLarge(let found, let most):
            "its attributes have \(found) bytes together; up to \(most) are allowed"
        }
    }

    static func path(_ rule: DocumentPathRule) -> String {
        switch rule {
        case .empty: "its path is empty"
        case .tooLong(let found, let most): "its path has \(found) bytes; up to \(most) are allowed"
        case .emptyName: "its path begins or ends with '/', or has two in a row"
        case .dotName: "a name in its path is '.' or '..'"
        case .controlCharacter: "its path holds a control character"
        case .looksLikeID: "its path has the form of a document's id"
        }
    }

    private static func archive(_ fault: ArchiveFault) -> String {
        switch fault {
        case .notAnArchive: "it is no tar, tar.gz or zip archive"
        case .damaged(let reason):
            "the archive cannot be read further (\(reason)); what stands before is ingested"
        case .encrypted(let path): "the archive is encrypted (\(path)); unpack it first"
        case .tooManyEntries(let most): "the archive has more than \(most) entries"
        case .tooLarge(let found, let most):
            "the archive has \(Figure.bytes(found)); up to \(Figure.bytes(most)) are allowed"
        case .expandsTooFar(let most): "the archive becomes more than \(Figure.bytes(most))"
        case .ratioTooHigh(let found, let most):
            "a byte of the archive becomes \(found); up to \(most) are allowed"
        }
    }

    private static func page(_ fault: PageFault) -> String {
        switch fault {
        case .addressInvalid(let expected): "the address is not one: expected \(expected)"
        case .schemeUnsupported(let found): "'\(found)' is not fetched; http and https are"
        case .portForbidden(let found, let allowed):
            "port \(found) is not called; \(allowed.map(String.init).joined(separator: " and ")) are"
        case .addressForbidden(let host):
            "'\(host)' leads into a private network, which pages.allow-private would allow"
        case .hostUnknown(let host): "there is no host '\(host)'"
        case .forbiddenByRobots(let host): "the robots.txt of \(host) forbids it"
        case .tooManyRedirects(let most): "it is redirected more than \(most) times"
        case .tooLarge(let most): "it has more than \(Figure.bytes(most))"
        case .status(let status): "its server answers with status \(status)"
        case .timedOut(let seconds): "it did not come within \(seconds) s"
        case .unreachable(let host): "\(host) cannot be reached"
        case .notOffered: "no pages are fetched here"
        }
    }
}
