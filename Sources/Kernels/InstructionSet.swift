import CKernels

/// An instruction set that a kernel can be made for; each is better than those before it.
package enum InstructionSet: String, Sendable, CaseIterable {
    case scalar, avx2, avx512

    /// The best one this processor has.
    package static let best = InstructionSet(ckernels_best_isa())

    /// Those this processor has, `scalar` first.
    package static var available: ArraySlice<InstructionSet> {
        allCases.prefix { $0.isa.rawValue <= best.isa.rawValue }
    }

    private init(_ isa: ckernels_isa) {
        self = Self.allCases.first { $0.isa == isa } ?? .scalar
    }

    var isa: ckernels_isa {
        switch self {
        case .scalar: CKERNELS_SCALAR
        case .avx2: CKERNELS_AVX2
        case .avx512: CKERNELS_AVX512
        }
    }
}
