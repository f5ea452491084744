import CStemmer

/// One of Snowball's stemmers (Porter 2001, snowballstem.org), behind values. One thread at a time.
@safe final class Stemmer {
    // SAFETY: never lent out; made in `init`, deleted in `deinit`.
    private let stemmer: OpaquePointer

    /// Nil where the installed library has no `algorithm` (or no memory is left).
    init?(algorithm: String) {
        // SAFETY: the library copies nothing of the name and keeps no pointer to it; both live for the call.
        guard let stemmer = unsafe sb_stemmer_new(algorithm, "UTF_8") else { return nil }
        unsafe self.stemmer = stemmer
    }

    deinit {
        // SAFETY: made by `sb_stemmer_new`, deleted here and nowhere else.
        unsafe sb_stemmer_delete(stemmer)
    }

    /// Puts the stem of `word`, in lower case and UTF-8, in its place.
    func stem(_ word: inout [UInt8]) {
        guard !word.isEmpty, let size = Int32(exactly: word.count) else { return }
        // SAFETY: the library reads `size` bytes of the live array. What it returns is its own until the next call
        // or deletion, `sb_stemmer_length` bytes long, and is copied at once; null means that memory ran out.
        unsafe word.withUnsafeBufferPointer { letters -> [UInt8]? in
            guard let stem = unsafe sb_stemmer_stem(stemmer, letters.baseAddress, size) else { return nil }
            let count = unsafe Int(sb_stemmer_length(stemmer))
            return unsafe Array(UnsafeBufferPointer(start: stem, count: count))
        }.map { word = $0 }
    }

    /// The algorithms that the installed library lists, in order of their names.
    static func algorithms() -> [String] {
        var names: [String] = []
        // SAFETY: a constant list of C strings that ends with a null pointer.
        var next = unsafe sb_stemmer_list()
        while let place = unsafe next, let name = unsafe place.pointee {
            unsafe names.append(String(cString: name))
            unsafe next = place + 1
        }
        return names.sorted()
    }
}
