import Engine
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// One request as a route's handler sees it: parameters read and checked, the body still to come.
struct Call: Sendable {
    let engine: Engine

    /// Nil where no pages of the web are fetched.
    let pages: (any PageFetcher)?

    /// To be passed before an upload's body is read.
    let uploads: AdmissionGate

    /// To be passed before a large body of texts to embed is read.
    let embeddings: AdmissionGate

    /// Places for streams, which outlive the handler.
    let streams: StreamGate
    let streamTimes: StreamTimes
    let isStopping: StopFlag

    /// Of pages in browsers, beside this machine's own.
    let originsAllowed: [String]

    /// Those of the path, decoded.
    private let parameters: [String: String]
    private let headers: HTTPFields
    private let query: [String: String]
    private let body: BodyReader

    /// - Throws: `ServerError.parameterUnknown`, `.parameterInvalid`.
    init(
        _ request: Request, route: Route, parameters: [String: String], engine: Engine,
        pages: (any PageFetcher)?,
        uploads: AdmissionGate, embeddings: AdmissionGate, streams: StreamGate, streamTimes: StreamTimes,
        isStopping: StopFlag, originsAllowed: [String], body: BodyReader
    ) throws(ServerError) {
        self.engine = engine
        self.streams = streams
        self.streamTimes = streamTimes
        self.isStopping = isStopping
        self.originsAllowed = originsAllowed
        self.pages = pages
        self.uploads = uploads
        self.embeddings = embeddings
        self.body = body
        headers = request.headers
        self.parameters = parameters
        query = try Self.query(of: request, allowed: route.query.map(\.name))
    }

    private static func query(
        of request: Request, allowed: [String]
    ) throws(ServerError) -> [String: String] {
        var values: [String: String] = [:]
        for (name, value) in request.uri.queryParameters {
            let name = String(name)
            guard allowed.contains(name) else {
                throw .parameterUnknown(name: name, allowed: allowed)
            }
            guard values[name] == nil else {
                throw .parameterInvalid(name: name, found: String(value), expected: "the parameter once")
            }
            values[name] = String(value)
        }
        return values
    }

    /// A parameter of the path that the route's template names.
    func parameter(_ name: String) -> String {
        guard let value = parameters[name] else {
            preconditionFailure("the route has no parameter \(name), it has \(parameters.keys.sorted())")
        }
        return value
    }

    /// - Throws: `ServerError.parameterInvalid`.
    private func integer(
        _ name: String, in range: ClosedRange<Int>, default fallback: Int
    ) throws(ServerError) -> Int {
        guard let text = query[name] else { return fallback }
        guard let value = Int(text), range.contains(value) else {
            throw .parameterInvalid(
                name: name, found: text, expected: "\(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    /// The case that a parameter of the query names; nil where it is absent.
    ///
    /// - Throws: `ServerError.parameterInvalid`.
    func choice<Choice: RawRepresentable & CaseIterable>(
        _ name: String, of _: Choice.Type
    ) throws(ServerError) -> Choice? where Choice.RawValue == String {
        guard let text = query[name] else { return nil }
        guard let choice = Choice(rawValue: text) else {
            throw .parameterInvalid(
                name: name, found: text,
                expected: "one of " + Choice.allCases.map(\.rawValue).joined(separator: ", "))
        }
        return choice
    }

    /// The value of a header field, as it came.
    func header(_ name: HTTPField.Name?) -> String? {
        name.flatMap { headers[$0] }
    }

    /// What the request is called in the log.
    var requestID: String { body.exchange.requestID }

    /// Has the log know what is learnt of the request.
    func note(_ change: (inout Exchange.Facts) -> Void) { body.exchange.note(change) }

    /// A parameter of the query, if it is there.
    func text(_ name: String) -> String? { query[name] }

    /// Which page of a list is asked for: how many elements, and after which row it begins; nil for the first.
    ///
    /// - Throws: `ServerError.parameterInvalid`, `.cursorInvalid`.
    func page(of list: String) throws(ServerError) -> (limit: Int, after: String?) {
        let limit = try integer("limit", in: PageParameters.limits, default: PageParameters.limitDefault)
        guard let text = query["cursor"] else { return (limit, nil) }
        return (limit, try PageCursor(parsing: text, of: list).after)
    }

    /// The tags in a header field such as `If-Match`.
    ///
    /// - Throws: `ServerError.headerInvalid`.
    func tags(_ name: HTTPField.Name) throws(ServerError) -> EntityTags? {
        guard let text = headers[name] else { return nil }
        guard let tags = EntityTags(parsing: text) else {
            throw .headerInvalid(name: name.rawName, expected: "*, or tags in quotes with commas between")
        }
        return tags
    }

    /// The media type that the sender declares for the body, without parameters and in lower case; nil if it
    /// says nothing that tells.
    ///
    /// - Throws: `ServerError.mediaTypeUnsupported` for text in another encoding than UTF-8.
    func declaredMediaType() throws(ServerError) -> String? {
        let parts = contentType
        for parameter in parts.dropFirst() where parameter.hasPrefix("charset=") {
            let charset = parameter.dropFirst("charset=".count).trimmingCharacters(in: ["\""])
            guard ["utf-8", "utf8", "us-ascii"].contains(charset) else {
                throw .mediaTypeUnsupported(
                    found: parts.joined(separator: "; "), allowed: IngestItem.mediaTypes)
            }
        }
        // What clients send for any file when nobody told them more. A form is not among them: `curl -d` sends one,
        // and has taken the line ends out.
        let saysNothing = ["", "application/octet-stream"]
        return parts.first.flatMap { saysNothing.contains($0) ? nil : $0 }
    }

    /// The parts of `Content-Type`, in lower case: the type, then its parameters; none where the field is absent.
    private var contentType: [String] {
        headers[.contentType]?.split(separator: ";")
            .map { $0.trimmingCharacters(in: .whitespaces).lowercased() } ?? []
    }

    /// The body as a form with files.
    ///
    /// - Throws: `ServerError.mediaTypeUnsupported`, `.multipartInvalid`; what reading the body throws.
    func multipart(upTo byteCountMax: Int) async throws -> MultipartBody {
        let declared = HeaderParameters(headers[.contentType] ?? "")
        guard declared.value == "multipart/form-data", let boundary = declared["boundary"] else {
            throw ServerError.mediaTypeUnsupported(
                found: headers[.contentType] ?? "no type", allowed: ["multipart/form-data; boundary=…"])
        }
        return try MultipartBody(try await bytes(upTo: byteCountMax), boundary: boundary)
    }

    /// Whether the body may have more bytes than that: its length says so, or is not declared.
    func mayExceed(_ byteCount: Int) -> Bool {
        body.request.declaredByteCount.map { $0 > byteCount }
            ?? (body.request.headers[.transferEncoding] != nil)
    }

    /// The body as an object.
    ///
    /// - Parameter smallBytes: a body with more is decoded behind all that somebody waits for: a number takes 300
    ///   ns, and a thread that serves connections has others to serve.
    /// - Throws: `ServerError`.
    func json<Object: RequestObject>(
        _: Object.Type, upTo byteCountMax: Int = ServerLimits.jsonBytesMax,
        atOnceUpTo smallBytes: Int = ServerLimits.jsonBytesMax
    ) async throws -> Object {
        let bytes = try await jsonBytes(upTo: byteCountMax)
        guard bytes.readableBytes > smallBytes else { return try Object.decode(from: bytes) }
        return try await engine.inBackground { try Object.decode(from: bytes) }
    }

    /// The body as whatever JSON it is.
    ///
    /// - Throws: `ServerError`.
    func message(upTo byteCountMax: Int) async throws -> PlainValue {
        let bytes = try await jsonBytes(upTo: byteCountMax)
        // A member takes microseconds, and a thread that serves connections has others to serve.
        guard bytes.readableBytes > ServerLimits.smallBodyBytesMax else {
            return try PlainValue(parsing: bytes)
        }
        return try await engine.inBackground { try PlainValue(parsing: bytes) }
    }

    private func jsonBytes(upTo byteCountMax: Int) async throws -> ByteBuffer {
        // curl's own default is let through: what is not JSON is refused as such.
        let allowed = ["application/json", "application/x-www-form-urlencoded"]
        if let declared = contentType.first, !allowed.contains(declared) {
            throw ServerError.mediaTypeUnsupported(found: declared, allowed: ["application/json"])
        }
        return try await body.read(upTo: byteCountMax)
    }

    /// The body in a file, at its beginning. In memory is a part of it at a time.
    ///
    /// - Parameter types: what it may be declared to be.
    /// - Throws: `ServerError`; `POSIXError` of the disk.
    func file(upTo byteCountMax: Int, of types: [String]) async throws -> FileHandle {
        if let declared = try declaredMediaType(), !types.contains(declared) {
            throw ServerError.mediaTypeUnsupported(found: declared, allowed: types)
        }
        let file = try await engine.withLibrary { try $0.makeUpload() }
        var pending: [UInt8] = []
        try await body.forEachPart(upTo: byteCountMax) { part in
            pending += part.readableBytesView
            guard pending.count >= ServerLimits.spoolBytes else { return }
            let full = pending
            pending = []
            try await engine.inBackground { try file.append(full) }
        }
        let rest = pending
        return try await engine.inBackground {
            try file.append(rest)
            return try file.handleAtStart()
        }
    }

    /// The body as it is.
    ///
    /// - Throws: `ServerError`.
    func bytes(upTo byteCountMax: Int) async throws -> [UInt8] {
        Array(buffer: try await body.read(upTo: byteCountMax))
    }
}
