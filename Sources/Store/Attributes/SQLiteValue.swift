import Documents
import Foundation
import GRDB

/// A value of a column that takes several types.
enum SQLiteValue: Equatable {
    case integer(Int64)
    case real(Double)
    case text(String)

    /// Greater than every text.
    case afterText

    /// What a statement is given.
    var argument: any DatabaseValueConvertible {
        switch self {
        case .integer(let value): value
        case .real(let value): value
        case .text(let text): text
        case .afterText: Data()
        }
    }
}
