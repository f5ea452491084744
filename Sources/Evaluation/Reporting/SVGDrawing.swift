import Foundation

/// The parts that pictures are drawn of. A picture is a whole SVG document, with no script and nothing from elsewhere.
enum SVGDrawing {
    /// Okabe and Ito 2008, told apart by the colour-blind; black last.
    private static let colours = [
        "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000",
    ]

    static func colour(_ index: Int) -> String { colours[index % colours.count] }

    /// The document's beginning with its title; it ends with `</svg>`.
    static func head(
        title: String, subtitle: String, width: Double, height: Double, left: Double
    ) -> String {
        let (width, height, left) = (number(width), number(height), number(left))
        return """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(width) \(height)" width="\(width)" \
            height="\(height)" font-family="system-ui, sans-serif" font-size="13" role="img">
            <title>\(escaped(title))</title>
            <rect width="100%" height="100%" fill="white"/>
            <text x="\(left)" y="26" font-size="17" font-weight="600">\(escaped(title))</text>
            <text x="\(left)" y="48" fill="#555">\(escaped(subtitle))</text>
            """
    }

    static func line(
        _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ colour: String, width: Double = 1
    ) -> String {
        """
        <line x1="\(number(x1))" y1="\(number(y1))" x2="\(number(x2))" y2="\(number(y2))" stroke="\(colour)" \
        stroke-width="\(number(width))"/>
        """
    }

    static func text(_ x: Double, _ y: Double, _ words: String, anchor: String) -> String {
        "<text x=\"\(number(x))\" y=\"\(number(y))\" text-anchor=\"\(anchor)\">\(escaped(words))</text>"
    }

    /// Circle, square, diamond, triangle, by turns: colour alone does not tell engines apart.
    static func marker(
        _ index: Int, _ x: Double, _ y: Double, _ colour: String, title: String
    ) -> String {
        let corners: [(Double, Double)] =
            switch index % 4 {
            case 1: [(-4, -4), (4, -4), (4, 4), (-4, 4)]
            case 2: [(0, -5.5), (5.5, 0), (0, 5.5), (-5.5, 0)]
            default: [(0, -5.5), (5, 4), (-5, 4)]
            }
        let shape =
            index % 4 == 0
            ? "<circle cx=\"\(number(x))\" cy=\"\(number(y))\" r=\"4.5\" fill=\"\(colour)\">"
            : "<polygon points=\""
                + corners.map { "\(number(x + $0.0)),\(number(y + $0.1))" }.joined(separator: " ")
                + "\" fill=\"\(colour)\">"
        let end = index % 4 == 0 ? "</circle>" : "</polygon>"
        return "\(shape)<title>\(escaped(title))</title>\(end)"
    }

    static func number(_ value: Double) -> String {
        String(format: "%.1f", value)
    }

    static func escaped(_ words: String) -> String {
        words.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            .replacing("\"", with: "&quot;")
    }
}
