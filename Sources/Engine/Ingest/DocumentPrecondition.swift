/// What must be true of a document for a change to be made: so that of two who change it at once the second is
/// told, instead of undoing what the first did.
package enum DocumentPrecondition: Sendable, Hashable {
    case none

    /// There is no such document.
    case absent

    /// There is one, whatever it is.
    case present

    /// Its revision is one of these.
    case revision(in: Set<Int64>)

    /// - Parameter revision: of the document as it is now; nil if there is none.
    /// - Throws: `EngineError.preconditionFailed`.
    func check(_ revision: Int64?) throws(EngineError) {
        let holds =
            switch self {
            case .none: true
            case .absent: revision == nil
            case .present: revision != nil
            case .revision(let allowed): revision.map(allowed.contains) ?? false
            }
        guard holds else { throw .preconditionFailed(foundRevision: revision) }
    }
}
