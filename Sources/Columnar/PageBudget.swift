import Synchronization

/// What somebody who reads several files once through holds of each.
package enum PageShare {
    private static let bytesMax = 8 << 20

    /// A window for each column that is read along.
    private static let fileBytesMin = 512 << 10

    package static func bytes(files: Int) -> Int {
        max(fileBytesMin, bytesMax / max(1, files))
    }
}

/// How many pages of a mapped file may be held at once by somebody who reads it once through.
///
/// The kernel counts every page of a mapping that was touched as the process's own, until the mapping goes or the
/// pages are given back; a compaction of files of a gigabyte would seem to take that gigabyte. Pages are counted
/// by windows, of which the kernel maps one whole where one byte is touched.
struct PageBudget: ~Copyable, Sendable {
    /// What Linux maps around a touched byte (`fault_around_bytes`).
    static let windowBytes = 1 << 16

    private let windowsMax: Int
    private let touched: AtomicBitmap
    private let count = Atomic(0)

    /// - Parameter bytesMax: at least a window is always held.
    init(byteCount: Int, bytesMax: Int) {
        windowsMax = max(1, bytesMax / Self.windowBytes)
        touched = AtomicBitmap(count: byteCount / Self.windowBytes + 1)
    }

    /// Counts a range of bytes that is about to be read.
    ///
    /// - Returns: whether the pages that were touched before are to be given back now; they count no more then.
    func touch(_ bytes: Range<Int>) -> Bool {
        guard !bytes.isEmpty else { return false }
        var new = 0
        for window in (bytes.lowerBound / Self.windowBytes)...((bytes.upperBound - 1) / Self.windowBytes)
        where !touched[window] {
            touched.set(window)
            new += 1
        }
        guard new > 0, count.add(new, ordering: .relaxed).newValue > windowsMax else { return false }
        touched.clear()
        count.store(0, ordering: .relaxed)
        return true
    }
}
