import Documents
import Store

/// What is to become of a document beside its content.
package struct DocumentChange: Sendable {
    /// Where it goes; nil leaves it where it is.
    package var path: DocumentPath?

    /// A merge patch (RFC 7396) of its attributes: null takes one away. Empty leaves them.
    package var attributes: [String: PlainValue]

    package init(path: DocumentPath? = nil, attributes: [String: PlainValue] = [:]) {
        self.path = path
        self.attributes = attributes
    }
}

extension Library {
    /// Tries of one change while others change the same document.
    private static var changeTriesMax: Int { 8 }

    /// Gives a document another path, other attributes, or both. Its id, its versions and its passages stay, and
    /// nothing is embedded; a search that begins after this sees it.
    ///
    /// - Throws: `EngineError.documentNotFound`, `.attributesInvalid`, `.preconditionFailed`, `.documentExists`;
    ///   `.documentContended` also where it is to go elsewhere while an upload of it waits.
    package func change(
        _ reference: DocumentReference, to change: DocumentChange,
        if precondition: DocumentPrecondition = .none, key: IdempotencyKey? = nil, in scope: WorkspaceScope
    ) throws -> DocumentSummary {
        try self.change(in: scope) { store in
            // Sent again, it may have another path by now.
            if let key, try store.job(of: key.request) != nil {
                // Another document may have come to where it was.
                let moved = change.path.map { DocumentReference.path($0) }
                let isMoved = try moved.map { try store.document($0) != nil } ?? false
                return try document(isMoved ? moved ?? reference : reference, in: scope)
            }
            for _ in 1..<Self.changeTriesMax {
                if let changed = try attempt(change, reference, precondition, key, store, scope) {
                    return changed
                }
            }
            throw EngineError.documentContended
        }
    }

    /// Nil if somebody else changed the document meanwhile.
    private func attempt(
        _ change: DocumentChange, _ reference: DocumentReference, _ precondition: DocumentPrecondition,
        _ key: IdempotencyKey?, _ store: WorkspaceStore, _ scope: WorkspaceScope
    ) throws -> DocumentSummary? {
        let record = try record(reference, in: scope)
        try precondition.check(record.revision)
        let attributes: [String: AttributeValue]?
        do {
            attributes =
                change.attributes.isEmpty
                ? nil : try AttributeInput.merged(change.attributes, into: record.attributes)
        } catch {
            throw EngineError.attributesInvalid(error)
        }
        do {
            try store.changeDocument(
                record.id, to: change.path.map { ($0.text, ExternalID.folder(of: $0.text)) },
                attributes: attributes, expectedRevision: record.revision, key: key?.request)
        } catch {
            guard case .versionConflict(_, _, let found) = error else { throw error }
            // Of the same revision it is refused for what waits, not for what has happened.
            guard found != record.revision else { throw EngineError.documentContended }
            return nil
        }
        return try document(.id(record.id.rawValue), in: scope)
    }
}

extension WorkspaceStore {
    fileprivate func document(_ reference: DocumentReference) throws(StoreError) -> DocumentRecord? {
        switch reference {
        case .id(let id): try document(DocumentID(rawValue: id))
        case .path(let path): try document(externalID: path.text)
        }
    }
}
