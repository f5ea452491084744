import Cloud
import Embedding
import Testing

struct SpendLedgerTests {
    @Test func `tokens are booked as the provider counts them, and money by the price`() throws {
        var ledger = SpendLedger(tokensMax: nil, pricePerMillion: 0.02)
        let first = try ledger.begin(estimate: 100)
        ledger.end(setAside: first, estimate: 100, cost: .tokens(150_000))
        let second = try ledger.begin(estimate: 100)
        ledger.end(setAside: second, estimate: 100, cost: .nothing)
        #expect(
            ledger.spend
                == EmbeddingSpend(callCount: 2, tokenCount: 150_000, uncertainTokenCount: 0, cost: 0.003))
    }

    @Test func `the call that would exceed the cap is not made, and costs nothing`() throws {
        var ledger = SpendLedger(tokensMax: 100, pricePerMillion: nil)
        _ = try ledger.begin(estimate: 60)
        #expect(throws: CloudError.spendCapReached(spent: 60, needed: 41, max: 100)) {
            try ledger.begin(estimate: 41)
        }
        #expect(try ledger.begin(estimate: 40) == 40)
        #expect(ledger.callCount == 2)
    }

    @Test func `what may have been charged counts for the cap, and apart in the bill`() throws {
        var ledger = SpendLedger(tokensMax: 100, pricePerMillion: nil)
        let lost = try ledger.begin(estimate: 60)
        ledger.end(setAside: lost, estimate: 60, cost: .unknown)
        #expect(ledger.spend.tokenCount == 0 && ledger.spend.uncertainTokenCount == 60)
        #expect(throws: CloudError.self) { try ledger.begin(estimate: 41) }
    }

    @Test func `a provider that counts more tokens than the estimate makes all later estimates larger`()
        throws
    {
        var ledger = SpendLedger(tokensMax: 1_000, pricePerMillion: nil)
        let first = try ledger.begin(estimate: 100)
        ledger.end(setAside: first, estimate: 100, cost: .tokens(150))
        #expect(ledger.scaled(100) == 150)
        let second = try ledger.begin(estimate: 100)
        ledger.end(setAside: second, estimate: 100, cost: .tokens(10))
        #expect(ledger.scaled(100) == 150)
        let third = try ledger.begin(estimate: 100)
        ledger.end(setAside: third, estimate: 100, cost: .tokens(100_000))
        #expect(ledger.scaled(100) == 400)
    }
}

struct TokenEstimateTests {
    @Test(arguments: [
        ("", 0), ("a", 1), ("abcdefgh", 2), ("a b c d", 4), ("a\n\tb", 2), ("жизнь", 3), ("漢字かな", 4),
        ("🙂", 2),
    ])
    func `a text has so many tokens by estimate`(text: String, expected: Int) {
        #expect(TokenEstimate.tokens(in: text) == expected)
    }

    @Test func `no text has more than four tokens for one of the estimate, as each takes a byte`() {
        for text in ["a", "word and word", "ß€漢🙂", String(repeating: "é", count: 1_001)] {
            #expect(text.utf8.count <= TokenEstimate.tokens(in: text) * 4)
        }
    }
}

struct BatchLimitsTests {
    private func batches(_ limits: BatchLimits, _ tokens: [Int], scale: Double = 1) -> [Int] {
        var counts: [Int] = []
        var start = 0
        while start < tokens.count {
            let range = limits.batch(from: start, tokens: tokens, scale: scale)
            counts.append(range.count)
            start = range.upperBound
        }
        return counts
    }

    @Test func `a batch ends at its texts or at its tokens, whichever comes first`() {
        let limits = BatchLimits(textsMax: 3, tokensMax: 100)
        #expect(batches(limits, [1, 1, 1, 1, 1, 1, 1]) == [3, 3, 1])
        #expect(batches(limits, [60, 40, 1, 99, 1, 1]) == [2, 2, 2])
        #expect(batches(limits, [60, 40, 1], scale: 1.5) == [1, 2])
    }

    @Test func `a text larger than any batch goes alone`() {
        #expect(batches(BatchLimits(textsMax: 3, tokensMax: 100), [5, 500, 5]) == [1, 1, 1])
    }

    @Test func `what a provider took after refusing more is the most it is sent`() {
        var limits = BatchLimits(textsMax: 100, tokensMax: 1_000)
        limits.learn(taken: 32)
        limits.learn(taken: 64)
        #expect(batches(limits, Array(repeating: 1, count: 70)) == [32, 32, 6])
    }
}
