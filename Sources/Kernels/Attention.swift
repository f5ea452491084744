import CKernels

/// Attention of all heads within one text, without the matrix of all scores: softmax(query · keyᵀ /
/// √headSize) · value.
package enum Attention {
    /// Whether there is a kernel for heads of this size; elsewhere matrix products are faster than its scalar
    /// form.
    package static func isFast(headSize: Int, set: InstructionSet = .best) -> Bool {
        ckernels_has_attention(set.isa, Int64(headSize)) == 1
    }

    /// Whether the processor multiplies numbers of 8 bits for `rounding`, twice as many a second.
    package static func isFasterRounded(headSize: Int, set: InstructionSet = .best) -> Bool {
        ckernels_has_rounded_attention(set.isa, Int64(headSize)) == 1
    }

    /// - Parameters:
    ///   - rows: `rowCount × 3 · headCount · headSize`: query, key, value, head beside head in each.
    ///   - context: gets `rowCount × headCount · headSize`, the heads' outputs side by side.
    ///   - rounding: whether what is multiplied may be rounded to bfloat16 where that is faster: outputs are
    ///     within about 1/200 of the values' size.
    ///   - scratch: grows as needed.
    package static func apply(
        to rows: Span<Float>, rowCount: Int, headCount: Int, headSize: Int,
        into context: inout MutableSpan<Float>, rounding: Bool = false,
        scratch: inout [Float], set: InstructionSet = .best
    ) {
        let width = headCount * headSize
        precondition(
            rows.count == rowCount * 3 * width && context.count == rowCount * width,
            "\(rowCount) rows of \(headCount) heads of \(headSize): found \(rows.count) and \(context.count)")
        guard rowCount > 0, width > 0 else { return }
        let rounds = rounding && isFasterRounded(headSize: headSize, set: set)
        let needed = Int(
            rounds
                ? ckernels_rounded_attention_scratch(Int64(rowCount), Int64(headSize))
                : ckernels_attention_scratch(Int64(rowCount), Int64(headSize)))
        if scratch.count < needed { scratch = [Float](repeating: 0, count: needed) }
        // SAFETY: rows, context and scratch hold what the kernel touches, as checked above; the pointers live
        // for the call only.
        unsafe rows.withUnsafeBufferPointer { rows in
            unsafe scratch.withUnsafeMutableBufferPointer { scratch in
                unsafe context.withUnsafeMutableBufferPointer { context in
                    let kernel = unsafe rounds ? ckernels_rounded_attention : ckernels_attention
                    unsafe kernel(
                        set.isa, rows.baseAddress, Int64(rowCount), Int64(headCount), Int64(headSize),
                        scratch.baseAddress, context.baseAddress)
                }
            }
        }
    }
}
