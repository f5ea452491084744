/// Numbers that do not change, lent for the length of a call: an array's, or those of a file that somebody keeps
/// mapped.
package protocol LentNumbers<Number>: Sendable {
    associatedtype Number: LentNumber

    var count: Int { get }

    /// Lends all of them, `count` in a row, in the same order each time.
    func withNumbers(_ body: (Span<Number>) -> Void)
}

/// What kernels take lent.
package protocol LentNumber: BitwiseCopyable, Sendable {}

extension Float: LentNumber {}
extension UInt8: LentNumber {}

extension Array: LentNumbers where Element: LentNumber {
    package func withNumbers(_ body: (Span<Element>) -> Void) { body(span) }
}
