import Foundation

/// A vector as an answer writes it: numbers, base64, or nothing at all.
enum WireVector: Decodable {
    case values([Float])

    /// Numbers, some of them `null` or no Float32: the first of these, as it was found.
    case unusable(component: Int, found: String)
    case base64(String)
    case missing

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .missing
        } else if let text = try? container.decode(String.self) {
            self = .base64(text)
        } else if let values = try? container.decode([Float].self) {
            self = .values(values)
        } else {
            self = Self(try container.decode([Double?].self))
        }
    }

    /// Numbers that are not all Float32.
    init(_ numbers: [Double?]) {
        for (component, number) in numbers.enumerated() {
            guard let number else {
                self = .unusable(component: component, found: "null")
                return
            }
            guard Float(number).isFinite else {
                self = .unusable(component: component, found: "\(number)")
                return
            }
        }
        self = .values(numbers.map { Float($0 ?? 0) })
    }

    /// The components, or why there are none: `found` for a message.
    var components: Result<[Float], Unreadable> {
        switch self {
        case .values(let values): .success(values)
        case .unusable(let component, let found):
            .failure(Unreadable(found: "\(found) in component \(component)"))
        case .missing: .failure(Unreadable(found: "null for a vector"))
        case .base64(let text): Self.components(ofBase64: text)
        }
    }

    struct Unreadable: Error {
        var found: String
    }

    /// Little-endian Float32, four bytes each.
    private static func components(ofBase64 text: String) -> Result<[Float], Unreadable> {
        guard let data = Data(base64Encoded: text), data.count.isMultiple(of: 4) else {
            return .failure(Unreadable(found: "\(text.utf8.count) characters that are no base64 of Float32"))
        }
        let bytes = [UInt8](data)
        return .success(
            stride(from: 0, to: bytes.count, by: 4).map { start in
                let pattern =
                    UInt32(bytes[start]) | UInt32(bytes[start + 1]) << 8 | UInt32(bytes[start + 2]) << 16
                    | UInt32(bytes[start + 3]) << 24
                return Float(bitPattern: pattern)
            })
    }
}
