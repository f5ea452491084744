import CBLAS
import CKernels

/// How one operand of a product lies in memory.
package struct MatrixShape: Sendable, Equatable {
    package let rowCount: Int
    package let columnCount: Int

    /// Elements between the starts of two rows; at least `columnCount`.
    package let stride: Int

    package init(rowCount: Int, columnCount: Int, stride: Int? = nil) {
        self.rowCount = rowCount
        self.columnCount = columnCount
        self.stride = stride ?? columnCount
    }

    /// Elements from the first to one past the last that the shape touches.
    package var elementCount: Int {
        rowCount == 0 ? 0 : (rowCount - 1) * stride + columnCount
    }

    func check(holds count: Int, _ operand: StaticString) {
        precondition(
            rowCount >= 0 && columnCount >= 0 && stride >= columnCount,
            "\(operand): impossible shape \(self)")
        precondition(
            elementCount <= count && elementCount <= Int(Int32.max),
            "\(operand): \(self) needs \(elementCount) elements, found \(count)")
    }
}

/// Row-major Float32 matrix products by BLAS (`sgemm`, `sgemv`), on the calling thread only.
///
/// The first product fixes the library to one thread: parallelism is the caller's, above the product. Results
/// differ by about 4e-5 relative between processor types; compare with a tolerance.
package enum MatrixProduct {
    /// `c = alpha · a · bᵀ + beta · c`, with `a` m×k, `b` n×k, `c` m×n: the shape of "rows against rows".
    package static func rowsByRows(
        _ a: Span<Float>, _ aShape: MatrixShape, _ b: Span<Float>, _ bShape: MatrixShape,
        into c: inout MutableSpan<Float>, _ cShape: MatrixShape, alpha: Float = 1, beta: Float = 0
    ) {
        aShape.check(holds: a.count, "a")
        bShape.check(holds: b.count, "b")
        cShape.check(holds: c.count, "c")
        precondition(
            aShape.columnCount == bShape.columnCount && cShape.rowCount == aShape.rowCount
                && cShape.columnCount == bShape.rowCount,
            "shapes do not fit: a \(aShape), bᵀ of \(bShape), c \(cShape)")
        multiply(a, aShape, b, bShape, transposed: true, &c, cShape, alpha, beta)
    }

    /// `c = alpha · a · b + beta · c`, with `a` m×k, `b` k×n, `c` m×n.
    package static func rowsByColumns(
        _ a: Span<Float>, _ aShape: MatrixShape, _ b: Span<Float>, _ bShape: MatrixShape,
        into c: inout MutableSpan<Float>, _ cShape: MatrixShape, alpha: Float = 1, beta: Float = 0
    ) {
        aShape.check(holds: a.count, "a")
        bShape.check(holds: b.count, "b")
        cShape.check(holds: c.count, "c")
        precondition(
            aShape.columnCount == bShape.rowCount && cShape.rowCount == aShape.rowCount
                && cShape.columnCount == bShape.columnCount,
            "shapes do not fit: a \(aShape), b \(bShape), c \(cShape)")
        multiply(a, aShape, b, bShape, transposed: false, &c, cShape, alpha, beta)
    }

    private static func multiply(
        _ a: Span<Float>, _ aShape: MatrixShape, _ b: Span<Float>, _ bShape: MatrixShape, transposed: Bool,
        _ c: inout MutableSpan<Float>, _ cShape: MatrixShape, _ alpha: Float, _ beta: Float
    ) {
        guard cShape.rowCount > 0, cShape.columnCount > 0, aShape.columnCount > 0 else { return }
        _ = BLASLibrary.isSingleThreaded
        // SAFETY: the callers checked that each shape lies inside its span; the pointers live for the call
        // only.
        unsafe a.withUnsafeBufferPointer { a in
            unsafe b.withUnsafeBufferPointer { b in
                unsafe c.withUnsafeMutableBufferPointer { c in
                    unsafe cblas_sgemm(
                        CblasRowMajor, CblasNoTrans, transposed ? CblasTrans : CblasNoTrans,
                        Int32(cShape.rowCount), Int32(cShape.columnCount), Int32(aShape.columnCount),
                        alpha, a.baseAddress, Int32(aShape.stride), b.baseAddress, Int32(bShape.stride),
                        beta, c.baseAddress, Int32(cShape.stride))
                }
            }
        }
    }
}

/// What stands behind `libblas`.
package enum BLASLibrary {
    /// True once the library was held to one thread; false if it has no threads to hold.
    package static let isSingleThreaded: Bool = ckernels_blas_single_thread() == 1

    /// The library's kernel set, for example `SkylakeX`; nil where it does not say (the reference BLAS).
    package static var coreName: String? {
        // SAFETY: the library returns a pointer to a static, NUL-terminated string.
        guard let name = unsafe ckernels_blas_core_name() else { return nil }
        return unsafe String(cString: name)
    }
}
