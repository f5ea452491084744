import CKernels

/// What a query is turned into before codes are scanned.
package enum QueryTables {
    /// Scales `vector` so that its greatest component is 127 and rounds it into `bytes`; the rest of `bytes`
    /// becomes zero.
    ///
    /// - Returns: what a whole number stands for; 0 if the vector is zero.
    package static func quantize(
        _ vector: Span<Float>, into bytes: inout MutableSpan<Int8>, using set: InstructionSet = .best
    ) -> Float {
        precondition(bytes.count >= vector.count, "room for \(bytes.count) of \(vector.count)")
        precondition(set == .best || set.isAvailable, "this processor has no \(set)")
        // SAFETY: the kernel reads the vector and writes all of `bytes`, which is no shorter; the pointers
        // live for the call only.
        return unsafe vector.withUnsafeBufferPointer { vector in
            unsafe bytes.withUnsafeMutableBufferPointer { bytes in
                unsafe ckernels_quantize_bytes(
                    set.isa, vector.baseAddress, vector.count, bytes.baseAddress, bytes.count)
            }
        }
    }

    /// The table of a projected query for `ProductCodes.scan`.
    ///
    /// - Parameters:
    ///   - projected: `subspaceCount × width` components.
    ///   - codewords: as `ProductCodes.nearest` takes them; `subspaceCount` is a multiple of 8.
    ///   - table: gets `subspaceCount × 16` entries.
    /// - Returns: a row's product is `middle + unit × sum of its entries`, within half a unit a subspace.
    package static func codeTable(
        of projected: Span<Float>, codewords: Span<Float>, subspaceCount: Int, width: Int,
        into table: inout MutableSpan<Int8>, using set: InstructionSet = .best
    ) -> (middle: Float, unit: Float) {
        precondition(
            subspaceCount.isMultiple(of: ProductCodes.stepSubspaces)
                && projected.count == subspaceCount * width
                && codewords.count == projected.count * ProductCodes.codewordCount
                && table.count >= subspaceCount * ProductCodes.codewordCount,
            "\(projected.count) components, \(codewords.count) of codewords, room for \(table.count) entries: "
                + "not \(subspaceCount) subspaces of \(width)")
        precondition(set == .best || set.isAvailable, "this processor has no \(set)")
        var (middle, unit) = (Float(0), Float(0))
        // SAFETY: the spans hold what the kernel reads and have room for the table, as checked above; the
        // pointers live for the call only.
        unsafe projected.withUnsafeBufferPointer { projected in
            unsafe codewords.withUnsafeBufferPointer { codewords in
                unsafe table.withUnsafeMutableBufferPointer { table in
                    unsafe ckernels_code_table(
                        set.isa, projected.baseAddress, codewords.baseAddress, subspaceCount, width,
                        table.baseAddress, &middle, &unit)
                }
            }
        }
        return (middle, unit)
    }
}
