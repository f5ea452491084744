import Embedding
import Synchronization

/// Which way of writing vectors a provider takes, and whether it has taken anything yet.
///
/// A refusal of the first batch may mean one of its texts, or the settings, or only how vectors are to be written.
/// One harmless word, asked about alone, tells which.
final class EncodingLadder: Sendable {
    private struct State {
        var rung = 0
        var isSettled = false
    }

    private let encodings: [VectorEncoding]
    private let state = Mutex(State())

    /// What every model embeds.
    static let harmlessText = "word"

    init(_ encodings: [VectorEncoding]) {
        precondition(!encodings.isEmpty, "a provider that takes vectors in no form")
        self.encodings = encodings
    }

    var encoding: VectorEncoding { state.withLock { encodings[$0.rung] } }

    /// Something was embedded, written so.
    func settle(on encoding: VectorEncoding) {
        state.withLock { state in
            guard !state.isSettled, let rung = encodings.firstIndex(of: encoding) else { return }
            state = State(rung: rung, isSettled: true)
        }
    }

    /// What a refusal means of a batch that asked for `encoding`.
    enum Meaning {
        /// Others were taken: it is about the texts.
        case texts

        /// Others are taken written otherwise: the batch is to be asked for so.
        case encoding

        /// Nothing has been taken yet. These are to be tried with a harmless word.
        case open([VectorEncoding])
    }

    func meaning(ofRefusalIn encoding: VectorEncoding) -> Meaning {
        state.withLock { state in
            if state.isSettled { return encoding == encodings[state.rung] ? .texts : .encoding }
            return .open(Array(encodings[state.rung...]))
        }
    }
}
