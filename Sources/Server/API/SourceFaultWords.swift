import Engine

extension Refusal {
    /// What is wrong with where documents come from, in the words of the wire.
    static func words(_ fault: SourceFault) -> String {
        switch fault {
        case .record(let line, let fault): "Line \(line): \(words(fault))"
        case .archive(let fault): words(fault)
        case .page(let fault): words(fault)
        case .tooManyDocuments(let most):
            "Up to \(most) documents are taken in one request; those before are ingested."
        case .patternEmpty, .patternTooLong, .ignoreFileTooLarge, .tooManyPatterns, .folderTooDeep, .emptied,
            .tooManyDeletions:
            "The server's log tells more under the request's id."
        }
    }

    private static func words(_ fault: RecordFault) -> String {
        switch fault {
        case .lineTooLong(let most): "it has more than \(most) bytes."
        case .notJSON: "it is not JSON."
        case .notAnObject: "an object is expected."
        case .fieldUnknown(let name, let allowed):
            "found the field '\(name)'; allowed: \(allowed.joined(separator: ", "))."
        case .fieldMissing(let name): "the field '\(name)' is missing."
        case .fieldInvalid(let name, let expected): "\(name): expected \(expected)."
        case .textCount(let found, let fields):
            "found \(found) of the fields \(fields.joined(separator: ", ")); exactly one is expected."
        case .pathInvalid(let rule): words(rule)
        case .mediaTypeUnsupported(let found, let allowed):
            "found \(found); these are read: \(allowed.joined(separator: ", "))."
        case .attributesInvalid(let fault): words(fault)
        }
    }

    private static func words(_ fault: ArchiveFault) -> String {
        switch fault {
        case .notAnArchive: "The bytes are no tar, tar.gz or zip archive."
        case .damaged(let reason): "It cannot be read further: \(reason). What stands before is ingested."
        case .encrypted(let path): "'\(path.prefix(200))' in it is encrypted."
        case .tooManyEntries(let most): "It has more than \(most) entries."
        case .tooLarge(let found, let most): "It has \(found) bytes; up to \(most) are allowed."
        case .expandsTooFar(let most): "It becomes more than \(most) bytes."
        case .ratioTooHigh(let found, let most):
            "A byte of it becomes \(found); up to \(most) are allowed."
        }
    }

    private static func words(_ fault: PageFault) -> String {
        switch fault {
        case .addressInvalid(let expected): "Expected \(expected)."
        case .schemeUnsupported(let found): "Found '\(found)'; http and https are fetched."
        case .portForbidden(let found, let allowed):
            "Found port \(found); allowed: \(allowed.map(String.init).joined(separator: ", "))."
        case .addressForbidden(let host):
            "'\(host.prefix(100))' leads to an address that is not the public internet's."
        case .hostUnknown(let host): "There is no host '\(host.prefix(100))'."
        case .forbiddenByRobots(let host): "The robots.txt of '\(host.prefix(100))' forbids it."
        case .tooManyRedirects(let most): "It is redirected more than \(most) times."
        case .tooLarge(let most): "It has more than \(most) bytes."
        case .status(let status): "Its server answers with status \(status)."
        case .timedOut(let seconds): "It did not come within \(seconds) s."
        case .unreachable(let host): "'\(host.prefix(100))' cannot be reached."
        case .notOffered: "This server fetches no pages."
        }
    }
}
