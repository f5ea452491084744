import Documents
import Foundation
import Store

/// What the process that reads documents is asked and answers: frames over one connection.
///
/// A request is the length of the type's name and that of the document, four bytes each, little-endian, then both. An
/// answer is the lengths of head and text, the SHA-256 of both together, then both: the head is JSON, the text is the
/// rendition's.
enum RenderFrame {
    static let requestHeadBytes = 8
    static let answerHeadBytes = 8 + ContentDigest.byteCount

    /// Page marks of 10,000 pages are 400 KB.
    static let headBytesMax = 4 * 1024 * 1024

    /// The longest name of a type has 71 bytes.
    static let typeBytesMax = 128

    static func request(_ bytes: [UInt8], as mediaType: MediaType) -> [UInt8] {
        let type = Array(mediaType.rawValue.utf8)
        return lengths(type.count, bytes.count) + type + bytes
    }

    static func answer(_ result: Result<Rendition, DocumentError>) throws -> [UInt8] {
        let head = try JSONEncoder().encode(Head(result))
        let text = (try? result.get().text) ?? []
        let body = [UInt8](head) + text
        return lengths(head.count, text.count) + ContentDigest(of: body).bytes + body
    }

    private static func lengths(_ first: Int, _ second: Int) -> [UInt8] {
        [first, second].flatMap { value in (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
    }

    static func lengths(_ bytes: [UInt8]) -> (first: Int, second: Int) {
        func value(_ start: Int) -> Int { (0..<4).reduce(0) { $0 | Int(bytes[start + $1]) << (8 * $1) } }
        return (value(0), value(4))
    }

    /// The parts of an answer's body that its head promised; nil for what was not answered so.
    static func result(of body: [UInt8], headBytes: Int, digest: [UInt8]) -> Result<Rendition, DocumentError>?
    {
        guard ContentDigest(of: body).bytes == digest, headBytes <= body.count,
            let head = try? JSONDecoder().decode(Head.self, from: Data(body[..<headBytes]))
        else { return nil }
        return head.result(text: Array(body[headBytes...]))
    }

    private struct Head: Codable {
        var error: DocumentError?
        var textType = MediaType.markdown
        /// Offsets and numbers in turn.
        var pages: [Int] = []
        var title: String?
        var attributes: [String: AttributeValue] = [:]
        var notices: [ParseNotice] = []

        init(_ result: Result<Rendition, DocumentError>) {
            switch result {
            case .failure(let error): self.error = error
            case .success(let rendition):
                textType = rendition.textType
                pages = rendition.pages.flatMap { [$0.offset, $0.page] }
                title = rendition.title
                attributes = rendition.attributes
                notices = rendition.notices
            }
        }

        /// Nil where places are not in order: the process at the other end has read a stranger's bytes.
        func result(text: [UInt8]) -> Result<Rendition, DocumentError>? {
            if let error { return .failure(error) }
            var marks: [PageMark] = []
            for index in stride(from: 0, to: pages.count - 1, by: 2) {
                let mark = PageMark(offset: pages[index], page: pages[index + 1])
                guard mark.page > 0, mark.offset <= text.count, mark.offset >= marks.last?.offset ?? 0 else {
                    return nil
                }
                marks.append(mark)
            }
            return .success(
                Rendition(
                    text: text, textType: textType, pages: marks, title: title, attributes: attributes,
                    notices: notices))
        }
    }
}
