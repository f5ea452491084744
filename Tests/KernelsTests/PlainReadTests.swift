import Kernels
import TestSupport
import Testing

@Suite struct PlainReadTests {
    @Test(arguments: InstructionSet.available)
    func `every word of whole blocks is read, and none behind them`(set: InstructionSet) {
        var random = SplitMix64(seed: 1)
        let blockWords = PlainRead.blockBytes / 8
        for wordCount in [0, 1, blockWords, blockWords * 3, blockWords * 3 + 5] {
            let words = (0..<wordCount).map { _ in random.next() }
            let expected = words.prefix(wordCount / blockWords * blockWords).reduce(0, ^)
            #expect(PlainRead.words(of: words.span, using: set) == expected)
        }
    }

    @Test func `lines begin every sixteen floats, wherever one starts to look`() {
        let floats = [Float](repeating: 0, count: 64)
        let first = PlainRead.countBeforeLine(in: floats.span)
        #expect((0..<16).contains(first))
        for start in 0..<48 {
            let found = PlainRead.countBeforeLine(in: floats.span.extracting(start..<64))
            #expect((0..<16).contains(found) && (start + found - first).isMultiple(of: 16))
        }
    }
}
