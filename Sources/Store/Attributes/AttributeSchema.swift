/// What documents are found by other than their words: their attributes, and what else is known of them.
///
/// `document_attribute` has a row for each attribute of each document that is there, by name, kind and value, so that
/// a comparison is a range. A list has a row with the number of its strings, and one for each different string. Names
/// with a colon, and those that begin with `@`, are not found by. `document.attributes` is what is true; the rows
/// follow it in the transaction that changes it.
///
/// `filter_revision` grows with what changes which documents match and is no commit: an attribute that is set, a
/// document that is moved.
enum AttributeSchema {
    static let tables = """
        CREATE TABLE document_attribute (
            name TEXT NOT NULL,
            kind INTEGER NOT NULL CHECK (kind BETWEEN 0 AND 5),
            value ANY NOT NULL,
            document INTEGER NOT NULL REFERENCES document (ordinal) ON DELETE CASCADE,
            PRIMARY KEY (name, kind, value, document)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX document_attribute_by_document ON document_attribute (document);
        CREATE INDEX document_by_title ON document (title) WHERE current_version IS NOT NULL;
        CREATE INDEX document_by_media_type ON document (media_type) WHERE current_version IS NOT NULL;
        CREATE INDEX document_by_creation ON document (created_at) WHERE current_version IS NOT NULL;
        CREATE INDEX document_by_update ON document (updated_at) WHERE current_version IS NOT NULL;
        ALTER TABLE workspace_state ADD COLUMN filter_revision INTEGER NOT NULL DEFAULT 0;

        INSERT INTO document_attribute (name, kind, value, document)
        SELECT j.key, \(AttributeKind.string.rawValue), j.value, d.ordinal
        FROM document AS d CROSS JOIN json_each(d.attributes) AS j
        WHERE d.current_version IS NOT NULL AND j.type = 'text' AND instr(j.key, ':') = 0
            AND j.key NOT LIKE '@%';
        """
}

/// How the values of a row are compared; of one document's rows of one name only those of a list are several.
enum AttributeKind: Int, Sendable {
    case bool = 0
    case number = 1
    case date = 2
    case string = 3

    /// The value is the number of the list's strings.
    case list = 4

    /// A string of a list.
    case member = 5
}
