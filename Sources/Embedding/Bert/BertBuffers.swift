import Kernels
import Synchronization

/// What a pass writes into, kept for the next one: fresh memory costs more than some of the arithmetic done in
/// it. T is the number of rows, H the hidden size, F the intermediate one.
struct BertBuffers {
    /// T × H: what the layers pass on.
    var hidden: [Float] = []

    /// T × H: the output of a map, until it is added to `hidden` and takes its place.
    var update: [Float] = []

    /// T × 3H: query, key, value of each row.
    var queryKeyValue: [Float] = []

    /// T × H: the heads' outputs side by side.
    var context: [Float] = []

    /// Attention: of one head in one text, or room for the kernel that makes do with less.
    var attention: [Float] = []
    var bytes = ByteMap.Scratch()

    /// T × F.
    var expanded: [Float] = []

    /// Makes room for `rowCount` rows; what was in them is lost where they grow.
    mutating func grow(to rowCount: Int, _ configuration: BertConfiguration) {
        let width = configuration.hiddenSize
        guard hidden.count < rowCount * width else { return }
        hidden = [Float](repeating: 0, count: rowCount * width)
        update = hidden
        context = hidden
        queryKeyValue = [Float](repeating: 0, count: 3 * rowCount * width)
        expanded = [Float](repeating: 0, count: rowCount * configuration.intermediateSize)
    }
}

/// Buffers of passes that are over: as many as there were passes at a time, each as large as its largest.
final class BertBufferPool: Sendable {
    private let free = Mutex<[BertBuffers]>([])

    func take() -> BertBuffers {
        free.withLock { $0.popLast() } ?? BertBuffers()
    }

    func giveBack(_ buffers: BertBuffers) {
        free.withLock { $0.append(buffers) }
    }
}
