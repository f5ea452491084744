package import Documents
import Store

/// A title and attributes that came beside a document's bytes.
package struct GivenAttributes: Sendable, Equatable {
    package var title: String?
    package var attributes: [String: AttributeValue]

    package init(title: String? = nil, attributes: [String: AttributeValue] = [:]) {
        self.title = title
        self.attributes = attributes
    }

    /// - Throws: `EngineError.attributesInvalid`.
    package init(title: String? = nil, json members: [String: PlainValue]) throws(EngineError) {
        do {
            self.init(title: title, attributes: try AttributeInput.attributes(members))
        } catch {
            throw .attributesInvalid(error)
        }
    }

    /// As a job keeps them: a title among the attributes, whose names hold no colon.
    var stored: [String: AttributeValue] {
        var stored = attributes
        stored[DocumentAttribute.givenTitle] = title.map { .string($0) }
        return stored
    }

    /// What a job has kept.
    init(stored: [String: AttributeValue]) {
        var attributes = stored
        title = attributes.removeValue(forKey: DocumentAttribute.givenTitle)?.string
        self.attributes = attributes
    }

    /// What tells them from others; nil where there are none. Lengths stand before texts, so that no two lists of
    /// texts are one.
    var digest: String? {
        guard title != nil || !attributes.isEmpty else { return nil }
        var text = ""
        func add(_ parts: String...) {
            for part in parts { text += "\(part.utf8.count):\(part)" }
        }
        if let title {
            add("title")
            add(title)
        }
        for (key, value) in attributes.sorted(by: { $0.key < $1.key }) {
            // Strings, which once were all there was, keep the digest that they had.
            switch value {
            case .string(let text): add("attribute", key, text)
            case .number(let number): add("number", key, "\(number)")
            case .bool(let truth): add("truth", key, "\(truth)")
            case .date(let milliseconds): add("date", key, "\(milliseconds)")
            case .strings(let texts):
                add("strings", key, "\(texts.count)")
                for text in texts { add(text) }
            }
        }
        return ContentDigest(of: text).hex
    }
}
