import Store

/// Shows once what is said in nearly the same words.
///
/// Two passages are near-duplicates if of the runs of three words that either has nine of ten are in both (A. Broder,
/// 1997, "On the resemblance and containment of documents").
enum Duplicates {
    /// Resemblance from which on two passages are one.
    static let resemblanceMin = 0.9

    private static let runLength = 3

    /// The first of each group of near-duplicates, with the number of the others.
    ///
    /// - Complexity: O(n²) in the passages, which are at most a few thousand, of set intersections that end early.
    static func collapsed(_ passages: [PickedPassage]) -> [PickedPassage] {
        var kept: [PickedPassage] = []
        var runs: [Set<Int>] = []
        for passage in passages {
            let own = Self.runs(of: passage.passage.text)
            if let place = runs.firstIndex(where: { resemblance($0, own) >= resemblanceMin }) {
                kept[place].duplicateCount += 1
            } else {
                kept.append(passage)
                runs.append(own)
            }
        }
        return kept
    }

    /// Digests of the runs of three words, in small letters; of a shorter text all of it is one.
    static func runs(of text: String) -> Set<Int> {
        let words = text.lowercased().split { !$0.isLetter && !$0.isNumber }
        guard words.count > runLength else { return [words.hashValue] }
        return Set((0...words.count - runLength).map { words[$0..<$0 + runLength].hashValue })
    }

    static func resemblance(_ one: Set<Int>, _ other: Set<Int>) -> Double {
        let (few, many) = one.count < other.count ? (one, other) : (other, one)
        // Sets of very different sizes cannot be alike.
        guard Double(few.count) >= resemblanceMin * Double(many.count) else { return 0 }
        let shared = few.count { many.contains($0) }
        return Double(shared) / Double(few.count + many.count - shared)
    }
}
