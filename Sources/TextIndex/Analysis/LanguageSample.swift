/// What the detector looks at: letters by script, and words.
struct LanguageSample {
    enum Script: Int, CaseIterable {
        case latin, cyrillic, greek, armenian, hebrew, arabic, devanagari, bengali, tamil, thai, lao, myanmar,
            georgian
        case khmer, hangul, kana, han, other

        /// The language that nearly all text of the script is of.
        var language: String? {
            switch self {
            case .greek: "el"
            case .armenian: "hy"
            case .hebrew: "he"
            case .arabic: "ar"
            case .devanagari: "hi"
            case .bengali: "bn"
            case .tamil: "ta"
            case .thai: "th"
            case .lao: "lo"
            case .myanmar: "my"
            case .georgian: "ka"
            case .khmer: "km"
            case .hangul: "ko"
            case .latin, .cyrillic, .kana, .han, .other: nil
            }
        }

        init(_ value: UInt32) {
            switch value {
            case 0..<0x370, 0x1E00...0x1EFF, 0xFF21...0xFF5A: self = .latin
            case 0x370...0x3FF, 0x1F00...0x1FFF: self = .greek
            case 0x400...0x52F: self = .cyrillic
            case 0x530...0x58F: self = .armenian
            case 0x590...0x5FF: self = .hebrew
            case 0x600...0x6FF, 0x750...0x77F, 0xFB50...0xFDFF, 0xFE70...0xFEFE: self = .arabic
            case 0x900...0x97F: self = .devanagari
            case 0x980...0x9FF: self = .bengali
            case 0xB80...0xBFF: self = .tamil
            case 0xE00...0xE7F: self = .thai
            case 0xE80...0xEFF: self = .lao
            case 0x1000...0x109F: self = .myanmar
            case 0x10A0...0x10FF: self = .georgian
            case 0x1780...0x17FF: self = .khmer
            case 0x1100...0x11FF, 0x3130...0x318F, 0xAC00...0xD7FF: self = .hangul
            case 0x3040...0x30FF, 0x31F0...0x31FF, 0xFF66...0xFF9F: self = .kana
            case 0x3400...0x9FFF, 0xF900...0xFAFF, 0x2_0000...0x3_FFFF: self = .han
            default: self = .other
            }
        }
    }

    /// Words of letters only, in lower case, in their order; an apostrophe ends one.
    private(set) var words: [String] = []
    /// Of letters beyond ASCII, in lower case.
    private(set) var scalarCounts: [Unicode.Scalar: Int] = [:]
    private(set) var letterCount = 0
    /// Scalars that programs are full of and prose is not, and all that are no space.
    private(set) var codeSignCount = 0
    private(set) var inkCount = 0
    private var scriptCounts = [Int](repeating: 0, count: Script.allCases.count)

    init(_ text: String, bytesMax: Int) {
        var word = String.UnicodeScalarView()
        var isWord = true
        var byteCount = 0
        for scalar in text.unicodeScalars {
            byteCount += UTF8.width(scalar)
            if byteCount > bytesMax { break }
            switch ScalarKind(scalar) {
            case .letter, .dense:
                take(scalar, into: &word)
            case .extender: continue
            case .digit: isWord = false
            case .separator:
                take(sign: scalar)
                if scalar == "_" {
                    isWord = false
                    continue
                }
                if isWord, !word.isEmpty { words.append(String(word)) }
                word = .init()
                isWord = true
            }
        }
        if isWord, !word.isEmpty { words.append(String(word)) }
    }

    func count(_ script: Script) -> Int { scriptCounts[script.rawValue] }

    /// The script of most letters; nil without letters.
    var dominantScript: Script? {
        guard letterCount > 0 else { return nil }
        return Script.allCases.max { count($0) < count($1) }
    }

    private mutating func take(_ scalar: Unicode.Scalar, into word: inout String.UnicodeScalarView) {
        letterCount += 1
        inkCount += 1
        scriptCounts[Script(scalar.value).rawValue] += 1
        if scalar.isASCII {
            word.append(Unicode.Scalar(ASCII.lower(UInt8(scalar.value))))
            return
        }
        for lower in scalar.properties.lowercaseMapping.unicodeScalars {
            word.append(lower)
            scalarCounts[lower, default: 0] += 1
        }
    }

    private mutating func take(sign scalar: Unicode.Scalar) {
        if scalar.properties.isWhitespace { return }
        inkCount += 1
        if "{}()[];=<>_$\\|".unicodeScalars.contains(scalar) { codeSignCount += 1 }
    }
}
