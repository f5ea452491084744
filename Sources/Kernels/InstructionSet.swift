import CKernels

/// An instruction set that a kernel can be made for. Of two that one processor has, the later one is better.
package enum InstructionSet: String, Sendable, CaseIterable {
    case scalar, avx2, avx512, avx512vnni, neon

    /// The best one this processor has.
    package static let best = InstructionSet(ckernels_best_isa())

    /// Those this processor has, `scalar` first.
    package static var available: [InstructionSet] {
        allCases.filter(\.isAvailable)
    }

    /// Whether this processor has it.
    package var isAvailable: Bool { ckernels_has_isa(isa) == 1 }

    private init(_ isa: ckernels_isa) {
        self = Self.allCases.first { $0.isa == isa } ?? .scalar
    }

    var isa: ckernels_isa {
        switch self {
        case .scalar: CKERNELS_SCALAR
        case .avx2: CKERNELS_AVX2
        case .avx512: CKERNELS_AVX512
        case .avx512vnni: CKERNELS_AVX512_VNNI
        case .neon: CKERNELS_NEON
        }
    }
}
