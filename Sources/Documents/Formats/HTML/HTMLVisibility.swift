/// Whether a reader sees an element, as far as its own attributes tell: style sheets are not applied.
struct HTMLVisibility {
    /// With a style sheet, nobody knows what white text stands on.
    let hasStyleSheet: Bool

    /// This far off the left or the top edge nothing is seen, in pixels.
    private static let offScreenPixels = -999.0

    func hides(_ element: MarkupElement) -> Bool {
        if element.attributes["hidden"] != nil { return true }
        if element.attributes["aria-hidden"]?.lowercased() == "true" { return true }
        guard let style = element.attributes["style"], !style.isEmpty else { return false }
        return hides(Self.declarations(of: style))
    }

    private func hides(_ style: [String: String]) -> Bool {
        if style["display"] == "none" || ["hidden", "collapse"].contains(style["visibility"]) { return true }
        if let opacity = style["opacity"].flatMap(Double.init), opacity <= 0.01 { return true }
        if let size = style["font-size"], let number = Self.number(size), number < 1, !size.hasSuffix("em") {
            return true
        }
        if let size = style["font-size"], let number = Self.number(size), number < 0.05 { return true }
        if style["clip"]?.replacing(" ", with: "").hasPrefix("rect(0") == true { return true }
        if ["absolute", "fixed"].contains(style["position"]),
            ["left", "top"].contains(where: { isFarOff(style[$0]) })
        {
            return true
        }
        return isFarOff(style["text-indent"]) || isInvisible(style)
    }

    private func isFarOff(_ length: String?) -> Bool {
        length.flatMap(Self.number).map { $0 <= Self.offScreenPixels } ?? false
    }

    /// Text in the color of its own background; or in white, in a document that sets no other background.
    private func isInvisible(_ style: [String: String]) -> Bool {
        guard let color = style["color"].flatMap(Self.color) else { return false }
        if color == "transparent" { return true }
        let background = style["background-color"] ?? style["background"]
        if let background { return Self.color(background) == color }
        return color == "ffffff" && !hasStyleSheet
    }

    static func declarations(of style: String) -> [String: String] {
        var found: [String: String] = [:]
        for part in style.split(separator: ";") {
            let pair = part.split(separator: ":", maxSplits: 1)
            guard pair.count == 2 else { continue }
            let value = pair[1].lowercased().replacing("!important", with: "").trimmedWhitespace
            found[pair[0].lowercased().trimmedWhitespace] = value
        }
        return found
    }

    /// The number a length begins with.
    private static func number(_ length: String) -> Double? {
        Double(length.prefix { $0.isNumber || "+-.".contains($0) })
    }

    /// A color as six hexadecimal digits, where it is written as such, as `rgb()`, or by one of two names;
    /// else its name.
    private static func color(_ text: String) -> String? {
        switch text {
        case "white": return "ffffff"
        case "black": return "000000"
        case "transparent": return "transparent"
        default: break
        }
        if text.hasPrefix("#") {
            let digits = text.dropFirst()
            if digits.count == 3 { return digits.map { "\($0)\($0)" }.joined() }
            return digits.count >= 6 ? String(digits.prefix(6)) : nil
        }
        guard text.hasPrefix("rgb") else { return text.allSatisfy(\.isLetter) ? text : nil }
        let numbers = text.split { !$0.isNumber && $0 != "." }.compactMap { Double($0) }
        guard numbers.count >= 3, numbers.allSatisfy({ (0...255).contains($0) }) else { return nil }
        if numbers.count == 4, numbers[3] == 0 { return "transparent" }
        return numbers.prefix(3).map { String(Int($0) + 256, radix: 16).dropFirst() }.joined()
    }
}
