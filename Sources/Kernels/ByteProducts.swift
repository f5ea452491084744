import CKernels

/// Products of one vector with every row of a matrix, in whole numbers of a byte: four times less memory than
/// Float32, for where an order is wanted rather than a value.
package enum ByteProducts {
    /// Rows in a group of the matrix.
    package static let groupRows = 16

    /// Components in a word.
    package static let wordComponents = 4

    /// Groups and words of a packed matrix, and its bytes.
    package struct Shape: Sendable, Equatable {
        package let groupCount: Int
        package let wordCount: Int

        package init(rowCount: Int, dimension: Int) {
            groupCount = (rowCount + groupRows - 1) / groupRows
            wordCount = (dimension + wordComponents - 1) / wordComponents
        }

        package var byteCount: Int { groupCount * wordCount * groupRows * wordComponents }
        package var paddedRowCount: Int { groupCount * groupRows }
        package var paddedDimension: Int { wordCount * wordComponents }

        /// Place of component `i` of row `row`.
        package func offset(row: Int, component i: Int) -> Int {
            let (group, lane) = row.quotientAndRemainder(dividingBy: groupRows)
            let (word, byte) = i.quotientAndRemainder(dividingBy: wordComponents)
            return ((group * wordCount + word) * groupRows + lane) * wordComponents + byte
        }
    }

    /// `products[r] = Σ (matrix[r][i] - 128) · vector[i]`, exactly.
    ///
    /// - Parameters:
    ///   - vector: `shape.paddedDimension` components, zero past the dimension.
    ///   - matrix: `shape.byteCount` bytes.
    ///   - products: `shape.paddedRowCount` or more.
    package static func products(
        of vector: Span<Int8>, with matrix: Span<UInt8>, shape: Shape,
        into products: inout MutableSpan<Int32>, using set: InstructionSet = .best
    ) {
        precondition(
            vector.count == shape.paddedDimension && matrix.count == shape.byteCount
                && products.count >= shape.paddedRowCount,
            "\(vector.count) components, \(matrix.count) bytes, room for \(products.count): not \(shape)")
        precondition(set == .best || set.isAvailable, "this processor has no \(set)")
        guard shape.byteCount > 0 else { return }
        // SAFETY: the spans hold what the kernel reads and have room for what it writes, as checked above;
        // the pointers live for the call only.
        unsafe vector.withUnsafeBufferPointer { vector in
            unsafe matrix.withUnsafeBufferPointer { matrix in
                unsafe products.withUnsafeMutableBufferPointer { products in
                    unsafe ckernels_byte_products(
                        set.isa, vector.baseAddress, matrix.baseAddress, shape.groupCount, shape.wordCount,
                        products.baseAddress)
                }
            }
        }
    }
}
