/// The types that a column's elements may have; the raw value is the one in the file.
package enum ColumnElementType: UInt32, Sendable, Equatable {
    case uint8 = 1
    case uint32 = 2
    case int64 = 3
    case float32 = 4

    /// Bytes an element takes.
    package var byteWidth: Int {
        switch self {
        case .uint8: 1
        case .uint32, .float32: 4
        case .int64: 8
        }
    }
}

/// A Swift type whose memory is, on a little-endian machine, an element's bytes in the file.
///
/// Every bit pattern must be a value of the type: bytes become values without a look at them.
package protocol ColumnElement: BitwiseCopyable, Sendable {
    static var columnType: ColumnElementType { get }
}

extension UInt8: ColumnElement {
    package static var columnType: ColumnElementType { .uint8 }
}

extension UInt32: ColumnElement {
    package static var columnType: ColumnElementType { .uint32 }
}

extension Int64: ColumnElement {
    package static var columnType: ColumnElementType { .int64 }
}

extension Float: ColumnElement {
    package static var columnType: ColumnElementType { .float32 }
}
