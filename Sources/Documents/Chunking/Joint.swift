/// How willingly a text is cut at one place. Higher is better; within a tier, finer preferences.
struct Joint: Comparable {
    let rank: UInt8

    /// What a cut here takes apart, coarsest last.
    enum Tier: Int, Comparable {
        case grapheme, word, line, sentence, block, section, mandatory

        static func < (first: Tier, second: Tier) -> Bool { first.rawValue < second.rawValue }
    }

    var tier: Tier { Tier(rawValue: Int(rank / 20)) ?? .mandatory }

    /// Never between these, while the cap allows: a heading and what it heads, a table's header and its first
    /// row, a fence and its code.
    static let glue = Joint(rank: 0)
    static let scalar = Joint(rank: 1)
    static let grapheme = Joint(rank: 10)
    static let word = Joint(rank: 20)
    /// A line end inside a sentence.
    static let softLine = Joint(rank: 40)
    /// Between sentences, table rows, lines of code.
    static let sentence = Joint(rank: 60)
    /// At a blank line in code.
    static let blankLine = Joint(rank: 62)
    /// After a paragraph that ends in a colon.
    static let introduction = Joint(rank: 70)
    /// Before a heading of level 1 or 2 that text precedes.
    static let mandatory = Joint(rank: 120)

    /// Between two blocks that share `sharedDepth` list items and quotes.
    static func block(sharedDepth: Int) -> Joint { Joint(rank: UInt8(90 - min(sharedDepth, 9))) }

    /// Before any other heading.
    static func section(level: Int) -> Joint { Joint(rank: UInt8(110 - level)) }

    static func < (first: Joint, second: Joint) -> Bool { first.rank < second.rank }
}
