import Store

/// A title and attributes that came beside a document's bytes.
package struct GivenAttributes: Sendable, Equatable {
    package var title: String?
    package var attributes: [String: String]

    package init(title: String? = nil, attributes: [String: String] = [:]) {
        self.title = title
        self.attributes = attributes
    }

    /// As a job keeps them: a title among the attributes, whose names hold no colon.
    var stored: [String: String] {
        var stored = attributes
        stored[DocumentAttribute.givenTitle] = title
        return stored
    }

    /// What a job has kept.
    init(stored: [String: String]) {
        var attributes = stored
        title = attributes.removeValue(forKey: DocumentAttribute.givenTitle)
        self.attributes = attributes
    }

    /// What tells them from others; nil where there are none. Lengths stand before texts, so that no two lists of
    /// texts are one.
    var digest: String? {
        guard title != nil || !attributes.isEmpty else { return nil }
        var text = ""
        func add(_ part: String) { text += "\(part.utf8.count):\(part)" }
        if let title {
            add("title")
            add(title)
        }
        for (key, value) in attributes.sorted(by: { $0.key < $1.key }) {
            add("attribute")
            add(key)
            add(value)
        }
        return ContentDigest(of: text).hex
    }
}
