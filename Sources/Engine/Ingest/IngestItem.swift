package import Documents
package import Store

/// One document to be: where its bytes come from, and what it is called.
package struct IngestItem: Sendable {
    /// The source's name and the path within it, parted by `/`: the document's external id.
    package var path: String
    package var mediaType: MediaType

    /// As far as known before reading; for progress only.
    package var byteCount: Int

    /// Where a person finds the original, for example the file's full path.
    package var origin: String?

    /// Title and attributes that came beside the bytes; what the document says itself gives way to them.
    package var given = GivenAttributes()

    /// The bytes' digest, where the workspace holds them already, for a job that outlives whoever brought them.
    package var content: ContentDigest?

    /// What must be true of the document that is there.
    package var precondition = DocumentPrecondition.none

    /// Reads the bytes. What it throws becomes the document's failure, and no other's.
    package var load: @Sendable () throws -> [UInt8]

    package init(
        path: String, mediaType: MediaType, byteCount: Int, origin: String? = nil,
        load: @escaping @Sendable () throws -> [UInt8]
    ) {
        self.path = path
        self.mediaType = mediaType
        self.byteCount = byteCount
        self.origin = origin
        self.load = load
    }
}
