import Foundation

/// A form with files (RFC 7578), read from a body that is in memory.
///
/// Only what browsers and HTTP clients send is read: no nested forms, no transfer encodings.
struct MultipartBody: Sendable {
    /// One field or file.
    struct Part: Sendable, Equatable {
        var name: String

        /// Nil for a field that is no file.
        var fileName: String?

        /// As declared, without parameters and in lower case.
        var mediaType: String?
        var bytes: ArraySlice<UInt8>
    }

    let parts: [Part]

    /// Parts, fields included.
    static let partsMax = 128

    /// Header fields of one part together.
    static let headerBytesMax = 8_192

    /// Characters of a boundary (RFC 2046, section 5.1.1).
    static let boundaryMax = 70

    /// - Throws: `ServerError.multipartInvalid`.
    init(_ bytes: [UInt8], boundary: String) throws(ServerError) {
        guard (1...Self.boundaryMax).contains(boundary.utf8.count) else {
            throw .multipartInvalid(
                reason:
                    "The boundary has \(boundary.utf8.count) characters; 1 to \(Self.boundaryMax) are allowed."
            )
        }
        let delimiter = Array("--\(boundary)".utf8)
        guard var position = Self.delimiter(delimiter, in: bytes, from: 0) else {
            throw .multipartInvalid(reason: "The boundary that Content-Type names is not in the body.")
        }
        var parts: [Part] = []
        while true {
            let start = position + delimiter.count
            if bytes[start...].starts(with: Array("--".utf8)) { break }
            guard let body = Self.lineEnd(in: bytes, at: start) else {
                throw .multipartInvalid(reason: "The body ends within a boundary's line.")
            }
            guard let next = Self.delimiter(delimiter, in: bytes, from: body) else {
                throw .multipartInvalid(reason: "The last part has no end: the closing boundary is missing.")
            }
            guard parts.count < Self.partsMax else {
                throw .multipartInvalid(reason: "There are more than \(Self.partsMax) parts.")
            }
            parts.append(try Self.part(bytes[body..<Self.withoutLineEnd(bytes, upTo: next, from: body)]))
            position = next
        }
        self.parts = parts
    }

    /// Where a delimiter stands at the beginning of a line.
    private static func delimiter(_ delimiter: [UInt8], in bytes: [UInt8], from start: Int) -> Int? {
        var position = start
        while position + delimiter.count <= bytes.count {
            if bytes[position] == delimiter[0], position == 0 || bytes[position - 1] == 0x0a,
                bytes[position..<position + delimiter.count].elementsEqual(delimiter)
            {
                return position
            }
            guard let lineFeed = bytes[position...].firstIndex(of: 0x0a) else { return nil }
            position = lineFeed + 1
        }
        return nil
    }

    /// The line after a delimiter may hold blanks only.
    private static func lineEnd(in bytes: [UInt8], at start: Int) -> Int? {
        var position = start
        while position < bytes.count, bytes[position] == 0x20 || bytes[position] == 0x09 { position += 1 }
        if position < bytes.count, bytes[position] == 0x0d { position += 1 }
        return position < bytes.count && bytes[position] == 0x0a ? position + 1 : nil
    }

    /// The line end before a delimiter is the delimiter's.
    private static func withoutLineEnd(_ bytes: [UInt8], upTo end: Int, from start: Int) -> Int {
        var end = end
        if end > start, bytes[end - 1] == 0x0a { end -= 1 }
        if end > start, bytes[end - 1] == 0x0d { end -= 1 }
        return end
    }

    private static func part(_ bytes: ArraySlice<UInt8>) throws(ServerError) -> Part {
        var position = bytes.startIndex
        var part: Part?
        var mediaType: String?
        while true {
            guard let lineFeed = bytes[position...].firstIndex(of: 0x0a),
                lineFeed - bytes.startIndex < headerBytesMax
            else { throw .multipartInvalid(reason: "A part's header has no end.") }
            let line = String(decoding: bytes[position..<lineFeed], as: UTF8.self)
                .trimmingCharacters(in: .whitespacesAndNewlines)
            position = lineFeed + 1
            if line.isEmpty { break }
            let field = line.split(separator: ":", maxSplits: 1).map {
                $0.trimmingCharacters(in: .whitespaces)
            }
            guard field.count == 2 else { continue }
            switch field[0].lowercased() {
            case "content-disposition": part = try disposition(field[1])
            case "content-type":
                mediaType = field[1].split(separator: ";").first.map {
                    $0.trimmingCharacters(in: .whitespaces).lowercased()
                }
            default: break
            }
        }
        guard var part else {
            throw .multipartInvalid(reason: "A part has no Content-Disposition with a name.")
        }
        part.mediaType = mediaType
        part.bytes = bytes[position...]
        return part
    }

    private static func disposition(_ text: String) throws(ServerError) -> Part? {
        let parameters = HeaderParameters(text)
        guard parameters.value == "form-data", let name = parameters["name"] else { return nil }
        var fileName = parameters["filename"]
        if let extended = parameters["filename*"] {
            // RFC 5987, of which RFC 7578 says that it is not to be sent, and which is sent all the same.
            let pieces = extended.split(separator: "'", maxSplits: 2, omittingEmptySubsequences: false)
            guard pieces.count == 3, pieces[0].lowercased() == "utf-8",
                let decoded = pieces[2].removingPercentEncoding
            else { throw .multipartInvalid(reason: "A file's name is not UTF-8.") }
            fileName = decoded
        }
        return Part(name: name, fileName: fileName, mediaType: nil, bytes: [])
    }
}

/// A header field's value and its parameters: `form-data; name="files"; filename="a.md"`.
struct HeaderParameters: Sendable {
    let value: String
    private var parameters: [String: String] = [:]

    subscript(name: String) -> String? { parameters[name] }

    init(_ text: String) {
        var rest = text[...]
        func piece(upTo ends: Set<Character>) -> String {
            let found = rest.prefix { !ends.contains($0) }
            rest = rest.dropFirst(found.count)
            return found.trimmingCharacters(in: .whitespaces)
        }
        value = piece(upTo: [";"]).lowercased()
        while rest.first == ";" {
            rest = rest.dropFirst()
            let name = piece(upTo: ["=", ";"]).lowercased()
            guard rest.first == "=" else { continue }
            rest = rest.dropFirst().drop { $0 == " " || $0 == "\t" }
            guard rest.first == "\"" else {
                parameters[name] = piece(upTo: [";"])
                continue
            }
            rest = rest.dropFirst()
            var quoted = ""
            while let character = rest.popFirst(), character != "\"" {
                // Browsers escape nothing but the quote, as %22; others put a backslash before it.
                if character == "\\", rest.first == "\"" || rest.first == "\\" {
                    quoted.append(rest.removeFirst())
                } else {
                    quoted.append(character)
                }
            }
            parameters[name] = quoted.replacing("%22", with: "\"")
            _ = piece(upTo: [";"])
        }
    }
}
