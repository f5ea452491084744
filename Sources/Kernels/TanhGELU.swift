import CKernels

extension TransformerKernels {
    /// Applies the GELU by the formula with tanh, x/2 · (1 + tanh(√(2/π) · (x + 0.044715 x³))), which some models
    /// were trained with (D. Hendrycks, K. Gimpel, 2016, https://arxiv.org/abs/1606.08415), within 1e-6 · |x|.
    package static func applyTanhGELU(to values: inout MutableSpan<Float>, set: InstructionSet = .best) {
        // SAFETY: the kernel touches the span's elements and no others, during the call only.
        unsafe values.withUnsafeMutableBufferPointer { values in
            guard let first = values.baseAddress else { return }
            unsafe ckernels_tanh_gelu(set.isa, first, Int64(values.count))
        }
    }
}
