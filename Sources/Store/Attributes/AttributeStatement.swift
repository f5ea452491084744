/// Every statement that finds documents by what is known of them. Each returns ordinals of documents that are there,
/// a row of an index for each, and stops at a number of rows.
package enum AttributeStatement: String, NamedStatement {
    case addAttribute = """
        INSERT INTO document_attribute (name, kind, value, document) VALUES (?, ?, ?, ?)
        ON CONFLICT (name, kind, value, document) DO NOTHING
        """
    case clearAttributes = "DELETE FROM document_attribute WHERE document = ?"
    case attributesOfVersion = "SELECT attributes FROM version WHERE id = ?"
    case setAttributes = """
        UPDATE document SET attributes = ?, revision = revision + 1, updated_at = ? WHERE ordinal = ?
        """
    case setVersionAttributes = "UPDATE version SET attributes = ? WHERE id = ?"
    case filterChanged = "UPDATE workspace_state SET filter_revision = filter_revision + 1 WHERE id = 1"
    case filterRevision = "SELECT filter_revision FROM workspace_state WHERE id = 1"

    // Every value between two: the lower one is in, the upper one is not.
    case attributeRange = """
        SELECT document FROM document_attribute
        WHERE name = ? AND kind = ? AND value >= ? AND value < ? LIMIT ?
        """
    case pathRange = """
        SELECT ordinal FROM document
        WHERE external_id >= ? AND external_id < ? AND current_version IS NOT NULL LIMIT ?
        """
    case titleRange = """
        SELECT ordinal FROM document WHERE title >= ? AND title < ? AND current_version IS NOT NULL LIMIT ?
        """
    case mediaTypeRange = """
        SELECT ordinal FROM document
        WHERE media_type >= ? AND media_type < ? AND current_version IS NOT NULL LIMIT ?
        """
    case createdRange = """
        SELECT ordinal FROM document
        WHERE created_at >= ? AND created_at < ? AND current_version IS NOT NULL LIMIT ?
        """
    case updatedRange = """
        SELECT ordinal FROM document
        WHERE updated_at >= ? AND updated_at < ? AND current_version IS NOT NULL LIMIT ?
        """
    case folderRange = """
        SELECT ordinal FROM document
        WHERE folder >= ? AND folder < ? AND current_version IS NOT NULL LIMIT ?
        """

    /// A list has one row beside those of its strings.
    case attributeExists = "SELECT document FROM document_attribute WHERE name = ? AND kind < 5 LIMIT ?"
    case documentByID = "SELECT ordinal FROM document WHERE id = ? AND current_version IS NOT NULL"
    case allDocuments = "SELECT ordinal FROM document WHERE current_version > 0 LIMIT ?"

    // A text that stands anywhere in another: every text of the name is looked at, up to a number of them.
    case attributeTexts = """
        SELECT document, instr(value, ?3) > 0 FROM document_attribute WHERE name = ?1 AND kind = ?2 LIMIT ?4
        """
    case pathTexts = """
        SELECT ordinal, instr(external_id, ?1) > 0 FROM document
        WHERE external_id > '' AND current_version IS NOT NULL LIMIT ?2
        """
    case titleTexts = """
        SELECT ordinal, instr(title, ?1) > 0 FROM document
        WHERE title > '' AND current_version IS NOT NULL LIMIT ?2
        """
    case mediaTypeTexts = """
        SELECT ordinal, instr(media_type, ?1) > 0 FROM document
        WHERE media_type > '' AND current_version IS NOT NULL LIMIT ?2
        """
}
