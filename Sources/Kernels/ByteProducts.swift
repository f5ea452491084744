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

    /// `products[v][r] = Σ (matrix[r][i] - 128) · vectors[v][i]`, exactly.
    ///
    /// - Parameters:
    ///   - vectors: one or more of `shape.paddedDimension` components, zero past the dimension. Several at once cost
    ///     less than one after the other.
    ///   - matrix: `shape.byteCount` bytes.
    ///   - products: `shape.paddedRowCount` for each vector, or more.
    package static func products(
        of vectors: Span<Int8>, with matrix: Span<UInt8>, shape: Shape,
        into products: inout MutableSpan<Int32>, using set: InstructionSet = .best
    ) {
        let vectorCount = shape.paddedDimension == 0 ? 0 : vectors.count / shape.paddedDimension
        precondition(
            vectors.count == vectorCount * shape.paddedDimension && matrix.count == shape.byteCount
                && products.count >= vectorCount * shape.paddedRowCount,
            "\(vectors.count) components, \(matrix.count) bytes, room for \(products.count): not \(shape)")
        precondition(set == .best || set.isAvailable, "this processor has no \(set)")
        guard shape.byteCount > 0 else { return }
        // SAFETY: the spans hold what the kernel reads and have room for what it writes, as checked above;
        // the pointers live for the call only.
        unsafe vectors.withUnsafeBufferPointer { vectors in
            unsafe matrix.withUnsafeBufferPointer { matrix in
                unsafe products.withUnsafeMutableBufferPointer { products in
                    unsafe ckernels_byte_products_many(
                        set.isa, vectors.baseAddress, vectorCount, matrix.baseAddress, shape.groupCount,
                        shape.wordCount, products.baseAddress)
                }
            }
        }
    }

    /// `products[i] = Σ (rows[positions[i]][j] - 128) · vector[j]` for the first `count` positions, exactly.
    ///
    /// - Parameters:
    ///   - vector: its count is the rows' dimension.
    ///   - rows: one directly after the other.
    package static func gathered(
        of vector: Span<Int8>, against rows: Span<UInt8>, at positions: Span<UInt32>, count: Int,
        into products: inout MutableSpan<Int32>, using set: InstructionSet = .best
    ) {
        let dimension = vector.count
        precondition(
            dimension <= 131_072 && count <= positions.count && count <= products.count,
            "\(dimension) components, \(count) of \(positions.count) positions, room for \(products.count)")
        precondition(set == .best || set.isAvailable, "this processor has no \(set)")
        guard count > 0, dimension > 0 else { return }
        let rowCount = rows.count / dimension
        for index in 0..<count {
            precondition(Int(positions[index]) < rowCount, "row \(positions[index]) of \(rowCount)")
        }
        // SAFETY: the positions are rows, and the spans hold what the kernel reads and writes, as checked
        // above; the pointers live for the call only.
        unsafe vector.withUnsafeBufferPointer { vector in
            unsafe rows.withUnsafeBufferPointer { rows in
                unsafe positions.withUnsafeBufferPointer { positions in
                    unsafe products.withUnsafeMutableBufferPointer { products in
                        unsafe ckernels_byte_gathered(
                            set.isa, vector.baseAddress, rows.baseAddress, positions.baseAddress, count,
                            dimension,
                            products.baseAddress)
                    }
                }
            }
        }
    }

    /// Rounds `values` to whole numbers of `unit` into bytes, ties to even, 0 as 128.
    ///
    /// - Parameters:
    ///   - unit: not negative; 0 makes every byte 128. What is beyond 127 units becomes 127 of them.
    ///   - bytes: room for all.
    package static func round(_ values: Span<Float>, unit: Float, into bytes: inout MutableSpan<UInt8>) {
        precondition(bytes.count >= values.count, "room for \(bytes.count) of \(values.count)")
        let inverse = unit > 0 ? 1 / unit : 0
        // Added to a number of at most 2²², 1.5 · 2²³ leaves its nearest whole number in the significand's
        // low bits: a rounding that compilers turn into vector instructions.
        let shift: Float = 12_582_912
        for index in values.indices {
            let scaled = max(-127, min(127, values[index] * inverse)) + shift
            bytes[index] = UInt8(truncatingIfNeeded: scaled.bitPattern &- shift.bitPattern &+ 128)
        }
    }
}
