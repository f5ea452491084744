/// What a scalar is to the scanner of words.
///
/// After the word boundaries of Unicode (UAX #29), coarser: general categories give letters, digits and marks, and a
/// short table of blocks the scripts that write words without spaces between them.
enum ScalarKind: UInt8 {
    case separator
    case letter
    case digit
    /// Combining marks and invisible format characters: they belong to what stands before them.
    case extender
    /// Of a script without spaces: taken in overlapping pairs.
    case dense

    init(_ scalar: Unicode.Scalar) {
        self = scalar.value < 0x1_0000 ? Self.basicPlane[Int(scalar.value)] : Self.looked(up: scalar)
    }

    /// Looking up a category takes tens of nanoseconds: once for each of the 65,536 scalars that nearly all text is of.
    private static let basicPlane: [ScalarKind] = (0..<0x1_0000).map { value in
        Unicode.Scalar(UInt32(value)).map(looked(up:)) ?? .separator
    }

    private static func looked(up scalar: Unicode.Scalar) -> ScalarKind {
        // Sound marks of kana at half width: letters by category, marks by use.
        if scalar.value == 0xFF9E || scalar.value == 0xFF9F { return .extender }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .spacingMark, .enclosingMark: return .extender
        case .format: return scalar.value == 0x200B || isBidiControl(scalar.value) ? .separator : .extender
        case .decimalNumber: return .digit
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
            .letterNumber:
            return isDense(scalar.value) ? .dense : .letter
        case .otherNumber: return scalar.value < 0x100 ? .separator : .digit
        default: return .separator
        }
    }

    private static func isBidiControl(_ value: UInt32) -> Bool {
        (0x202A...0x202E).contains(value) || (0x2066...0x2069).contains(value) || value == 0xFEFF
    }

    private static func isDense(_ value: UInt32) -> Bool {
        denseBlocks.contains { $0.contains(value) }
    }

    private static let denseBlocks: [ClosedRange<UInt32>] = [
        0x0E00...0x0EFF,  // Thai, Lao
        0x1000...0x109F, 0xA9E0...0xA9FF, 0xAA60...0xAA7F,  // Myanmar
        0x1780...0x17FF,  // Khmer
        0x1100...0x11FF, 0x3130...0x318F, 0xA960...0xA97F, 0xAC00...0xD7FF,  // Hangul
        0x2E80...0x2FDF, 0x3005...0x3007, 0x3021...0x3029, 0x3400...0x4DBF, 0x4E00...0x9FFF,  // Han
        0xF900...0xFAFF, 0x2_0000...0x3_FFFF,
        0x3031...0x3035, 0x3041...0x30FF, 0x31F0...0x31FF, 0xFF66...0xFF9F, 0x1_B000...0x1_B16F,  // Kana
        0x3100...0x312F, 0x31A0...0x31BF,  // Bopomofo
        0xA000...0xA4CF,  // Yi
        0xFFA0...0xFFDC,  // Hangul of half width
    ]
}
