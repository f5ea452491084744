import ArgumentParser
import Foundation
import Glibc
import TestSupport

/// Feeds one parser mutated documents for as long as it is told, or until it breaks.
///
/// Before each try the bytes go to a file, so that whatever ends this process can be read there; a try that takes too
/// long is ended by an alarm. `script/fuzz.py` starts this again after each end and keeps what ended it.
@main
struct Fuzzer: ParsableCommand {
    @Argument(help: "What is fed: \(FuzzTarget.allCases.map(\.rawValue).joined(separator: ", ")).")
    var target: FuzzTarget

    @Option(help: "For how long.")
    var seconds = 120.0

    @Option(help: "The same seed, the same documents.")
    var seed: UInt64 = 1

    @Option(help: "Where the bytes of the current try are written.")
    var current: String

    /// One document takes milliseconds; ten seconds are a hang.
    private static let secondsPerTryMax: UInt32 = 10

    func run() throws {
        let corpus = try target.corpus()
        var mutator = Mutator(seed: seed, corpus: corpus, tokens: target.tokens, keepsLength: target.isSealed)
        defer { SealedFeed.end() }
        let end = ContinuousClock.now + .seconds(seconds)
        var tries = 0
        var refusals = 0
        while ContinuousClock.now < end {
            let bytes = mutator.next()
            let input = target.isSealed ? SegmentSeal.sealed(bytes, &mutator) : target.wrapped(bytes)
            try Data(input).write(to: URL(filePath: current))
            alarm(Self.secondsPerTryMax)
            if try !target.feed(input) { refusals += 1 }
            alarm(0)
            tries += 1
        }
        print("\(target.rawValue): \(tries) tries, \(refusals) refused")
    }
}
