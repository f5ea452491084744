import Foundation

/// How letters that are alike to a reader become one: by compatibility (NFKC), case, and then without accents.
///
/// Accents go after stemming, since Snowball's stemmers know them (`ción`, `ä` of a German plural). Only Latin and
/// Greek letters lose theirs, and Arabic and Hebrew words their vowel points: in the scripts of India and in kana a
/// mark is another letter.
enum Folding {
    /// NFKC and lower case, and straight apostrophes.
    static func lowered(_ text: String, language: Language) -> String {
        let normal =
            text.unicodeScalars.allSatisfy(isStable) ? text : text.precomposedStringWithCompatibilityMapping
        let isTurkish = language == .turkish
        var lowered = String.UnicodeScalarView()
        for scalar in normal.unicodeScalars {
            switch scalar {
            case "\u{2019}": lowered.append("'")
            case "I" where isTurkish: lowered.append("\u{131}")
            case "\u{130}" where isTurkish: lowered.append("i")
            default:
                // One by one: appending a sequence grows the string each time by no more than it needs.
                for lower in scalar.properties.lowercaseMapping.unicodeScalars { lowered.append(lower) }
            }
        }
        return String(lowered)
    }

    /// A lowered word without accents, vowel points and invisible signs.
    static func folded(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if scalar.isASCII {
                result.append(scalar)
            } else if let replacement = replacements[scalar] {
                for letter in replacement { result.append(letter) }
            } else if !isDropped(scalar) {
                result.append(scalar)
            }
        }
        return String(result)
    }

    /// Letters that NFKC leaves alone, and that are no marks: most of what Latin, Greek and Cyrillic text is of.
    private static func isStable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x80, 0xC0...0x131, 0x134...0x13E, 0x141...0x148, 0x14A...0x17E, 0x391...0x3CE,
            0x400...0x45F,
            0x5D0...0x5EA, 0x621...0x64A, 0x3041...0x3096, 0x30A1...0x30FE, 0x3400...0x4DB5, 0x4E00...0x9FFF,
            0xAC00...0xD7A3, 0xE01...0xE32, 0xE34...0xE3A, 0xE40...0xE4E:
            return true
        default: return false
        }
    }

    private static func isDropped(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x300...0x36F,  // accents that no letter took up
            0x591...0x5BD, 0x5BF...0x5C7,  // Hebrew points
            0x610...0x61A, 0x640, 0x64B...0x65F, 0x670, 0x6D6...0x6ED:  // Arabic points and tatweel
            return true
        default: return scalar.value > 0xAC && scalar.properties.generalCategory == .format
        }
    }

    /// Letters with accents by what is left of them, and those that no accent explains.
    private static let replacements: [Unicode.Scalar: [Unicode.Scalar]] = {
        var table: [Unicode.Scalar: [Unicode.Scalar]] = [:]
        for block: ClosedRange<UInt32> in [0xC0...0x24F, 0x370...0x3FF, 0x1E00...0x1FFF] {
            for scalar in block.compactMap(Unicode.Scalar.init) {
                let letters = String(scalar).decomposedStringWithCompatibilityMapping.unicodeScalars
                let bare = letters.filter { !(0x300...0x36F).contains($0.value) }
                if !bare.isEmpty, Array(bare) != [scalar] { table[scalar] = Array(bare) }
            }
        }
        for (letter, plain) in [
            ("ß", "ss"), ("æ", "ae"), ("œ", "oe"), ("ø", "o"), ("ł", "l"), ("đ", "d"), ("ð", "d"),
            ("þ", "th"),
            ("ħ", "h"), ("ı", "i"), ("ŧ", "t"), ("ŋ", "n"), ("ǿ", "o"), ("ǽ", "ae"), ("ς", "σ"), ("ё", "е"),
            ("\u{2010}", "-"), ("\u{2011}", "-"), ("\u{2019}", "'"),
        ] {
            for scalar in letter.unicodeScalars { table[scalar] = Array(plain.unicodeScalars) }
        }
        return table
    }()
}
