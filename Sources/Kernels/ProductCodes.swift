import CKernels

/// Codes of four bits a subspace: found by nearest codeword, scored by look-up.
///
/// How codes and tables lie in memory is said in `ckernels_codes.h`: groups of 16 rows, eight subspaces to a
/// step of 64 bytes, 128 table entries to a step.
package enum ProductCodes {
    /// Rows in a group; lists of codes are padded to whole groups.
    package static let groupRows = 16

    /// Subspaces in a step.
    package static let stepSubspaces = 8

    /// Codewords of a subspace.
    package static let codewordCount = 16

    /// Bytes of a group's step, whatever the number of rows in use.
    package static let stepBytes = 64

    /// Entries of a step's tables.
    package static let stepEntries = 128

    /// Finds the rows of `groupCount` groups whose sum of table entries reaches `threshold`.
    ///
    /// - Parameters:
    ///   - codes: `groupCount × stepCount × 64` bytes.
    ///   - table: `stepCount × 128` entries.
    ///   - allowed: bits by row, least significant first; empty if all rows may be found. It reaches one word
    ///     past the last row's.
    ///   - allowedFirst: which bit is the first row's.
    ///   - first: added to the rows' places.
    ///   - positions: gets the rows found, ascending; room for all.
    ///   - sums: gets their sums; room for all.
    /// - Returns: rows found.
    package static func scan(
        _ codes: Span<UInt8>, groupCount: Int, table: Span<Int8>, threshold: Int32,
        allowed: Span<UInt64>, allowedFirst: Int, first: UInt32,
        into positions: inout MutableSpan<UInt32>, _ sums: inout MutableSpan<Int32>,
        using set: InstructionSet = .best
    ) -> Int {
        let stepCount = table.count / stepEntries
        let rowCount = groupCount * groupRows
        precondition(
            table.count == stepCount * stepEntries && codes.count == groupCount * stepCount * stepBytes,
            "\(groupCount) groups of \(stepCount) steps are not \(codes.count) bytes")
        precondition(
            positions.count >= rowCount && sums.count >= rowCount,
            "room for \(positions.count) and \(sums.count) rows, may find \(rowCount)")
        precondition(
            allowed.isEmpty || allowed.count * 64 >= allowedFirst + rowCount + 64,
            "\(allowed.count) words for \(rowCount) rows from bit \(allowedFirst)")
        precondition(set == .best || set.isAvailable, "this processor has no \(set)")
        guard rowCount > 0 else { return 0 }
        // SAFETY: the spans hold what the kernel reads and have room for what it may write, as checked above;
        // of the bits it reads the words of the rows and at most the one after. The pointers live for the
        // call only.
        return unsafe codes.withUnsafeBufferPointer { codes in
            unsafe table.withUnsafeBufferPointer { table in
                unsafe allowed.withUnsafeBufferPointer { bits in
                    unsafe positions.withUnsafeMutableBufferPointer { positions in
                        unsafe sums.withUnsafeMutableBufferPointer { sums in
                            unsafe ckernels_scan_codes(
                                set.isa, codes.baseAddress, groupCount, stepCount, table.baseAddress,
                                threshold, bits.isEmpty ? nil : bits.baseAddress, allowedFirst, first,
                                positions.baseAddress, sums.baseAddress)
                        }
                    }
                }
            }
        }
    }

    /// Copies the codes of one row of some groups to another row of other groups.
    ///
    /// - Parameter stepCount: of both.
    package static func copyRow(
        _ row: Int, of codes: Span<UInt8>, to target: Int, of copy: inout MutableSpan<UInt8>, stepCount: Int
    ) {
        let rowBytes = stepBytes / groupRows
        var from = row / groupRows * stepCount * stepBytes + row % groupRows * rowBytes
        var to = target / groupRows * stepCount * stepBytes + target % groupRows * rowBytes
        for _ in 0..<stepCount {
            for byte in 0..<rowBytes { copy[to + byte] = codes[from + byte] }
            from += stepBytes
            to += stepBytes
        }
    }

    /// The nearest of each subspace's 16 codewords, by Euclidean distance; of equals the lower.
    ///
    /// - Parameters:
    ///   - rows: `rowCount × subspaceCount × width`.
    ///   - codewords: `subspaceCount × width × 16`: component by component, all 16 codewords beside each
    ///     other.
    ///   - codes: gets `rowCount × subspaceCount`.
    package static func nearest(
        to rows: Span<Float>, codewords: Span<Float>, subspaceCount: Int, width: Int,
        into codes: inout MutableSpan<UInt8>, using set: InstructionSet = .best
    ) {
        let rowElements = subspaceCount * width
        let rowCount = rowElements == 0 ? 0 : rows.count / rowElements
        precondition(
            rows.count == rowCount * rowElements && codewords.count == rowElements * codewordCount
                && codes.count >= rowCount * subspaceCount,
            "\(rows.count) elements, \(codewords.count) of codewords, \(codes.count) codes: "
                + "not \(subspaceCount) subspaces of \(width)")
        precondition(set == .best || set.isAvailable, "this processor has no \(set)")
        guard rowCount > 0 else { return }
        // SAFETY: the spans hold what the kernel reads and writes, as checked above; the pointers live for
        // the call only.
        unsafe rows.withUnsafeBufferPointer { rows in
            unsafe codewords.withUnsafeBufferPointer { codewords in
                unsafe codes.withUnsafeMutableBufferPointer { codes in
                    unsafe ckernels_nearest_codewords(
                        set.isa, rows.baseAddress, rowCount, codewords.baseAddress, subspaceCount, width,
                        codes.baseAddress)
                }
            }
        }
    }
}
