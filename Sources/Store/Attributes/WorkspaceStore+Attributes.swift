package import Documents

extension WorkspaceStore {
    /// Gives a document other attributes, another path, or both, in one transaction. Its id, versions and chunks
    /// stay; the log does not hear of it.
    ///
    /// - Parameters:
    ///   - path: where it goes, and the folder in that; nil leaves it where it is.
    ///   - attributes: all that it has from now on; nil leaves them.
    ///   - expectedRevision: the document's revision of which the attributes were made.
    ///   - key: of the request that the change is.
    /// - Throws: `.externalIDInvalid`; `.documentNotFound`; `.documentExists`; `.versionConflict` also where it is to
    ///   go elsewhere while an upload of it waits; `.requestRepeated`, `.requestKeyReused`.
    package func changeDocument(
        _ id: DocumentID, to path: (externalID: String, folder: String)? = nil,
        attributes: [String: AttributeValue]? = nil, expectedRevision: Int64, key: RequestKey? = nil
    ) throws(StoreError) {
        if let path { try checkExternalID(path.externalID) }
        let now = environment.now()
        try database.write { connection in
            try connection.claim(key, as: "change", source: id.rawValue, environment, now)
            let found = try connection.row(WorkspaceStatement.documentForCommit, id.rawValue) { reader in
                (
                    ordinal: try reader.integer(), current: try reader.optionalInteger(),
                    revision: try reader.integer()
                )
            }
            guard let found, let current = found.current else {
                throw StoreError.documentNotFound(found: id.rawValue)
            }
            guard found.revision == expectedRevision else {
                throw StoreError.versionConflict(
                    document: id, expected: expectedRevision, found: found.revision)
            }
            if let path {
                try connection.move(id, to: path.externalID, folder: path.folder, expectedRevision, now)
            }
            if let attributes {
                let text = try JSONColumn.text(of: attributes)
                try connection.run(
                    AttributeStatement.setAttributes, text, now.milliseconds, found.ordinal)
                try connection.run(AttributeStatement.setVersionAttributes, text, current)
                try connection.list(attributes, of: found.ordinal)
            }
            try connection.run(AttributeStatement.filterChanged)
            environment.reached(.moveWritten)
        }
        environment.reached(.moveDurable)
    }
}

extension Connection {
    /// Lets the document be found by what a version of it says.
    func listAttributes(of version: VersionID, document ordinal: Int64) throws {
        let attributes = try row(AttributeStatement.attributesOfVersion, version.rawValue) {
            try $0.json([String: AttributeValue].self)
        }
        try list(attributes ?? [:], of: ordinal)
    }

    /// Lets the document be found by these attributes, and by no others.
    func list(_ attributes: [String: AttributeValue], of ordinal: Int64) throws {
        try run(AttributeStatement.clearAttributes, ordinal)
        for (name, value) in attributes where !name.contains(":") && !name.hasPrefix("@") {
            for (kind, value) in value.rows {
                try run(AttributeStatement.addAttribute, name, kind.rawValue, value.argument, ordinal)
            }
        }
    }
}

extension AttributeValue {
    fileprivate var rows: [(AttributeKind, SQLiteValue)] {
        switch self {
        case .string(let text): [(.string, .text(text))]
        case .number(let number): [(.number, .real(number))]
        case .bool(let truth): [(.bool, .integer(truth ? 1 : 0))]
        case .date(let milliseconds): [(.date, .integer(milliseconds))]
        case .strings(let texts):
            [(.list, .integer(Int64(texts.count)))] + texts.map { (.member, .text($0)) }
        }
    }
}
