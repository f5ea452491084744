/// Writes PDFs by hand: text in Helvetica at places of one's own.
package struct PDFBuilder {
    /// A line of text: points from the page's left and bottom edges, of 612 by 792.
    package struct Line {
        package var text: String
        package var left: Int
        package var height: Int
        package var size: Int

        package init(_ text: String, left: Int = 72, height: Int, size: Int = 11) {
            self.text = text
            self.left = left
            self.height = height
            self.size = size
        }
    }

    private var pages: [[Line]]
    private let isLocked: Bool
    private let title: String

    /// - Parameter isLocked: says that it is encrypted, with a check value that no password meets.
    package init(_ pages: [[Line]], title: String = "", isLocked: Bool = false) {
        self.pages = pages
        self.title = title
        self.isLocked = isLocked
    }

    package var bytes: [UInt8] {
        let kids = pages.indices.map { "\(4 + 2 * $0) 0 R" }.joined(separator: " ")
        var objects = [
            "<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [\(kids)] /Count \(pages.count) >>",
            "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        ]
        for (index, lines) in pages.enumerated() {
            let text = lines.map {
                "BT /F1 \($0.size) Tf 1 0 0 1 \($0.left) \($0.height) Tm (\(Self.escaped($0.text))) Tj ET"
            }.joined(separator: "\n")
            objects.append(
                "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents \(5 + 2 * index) 0 R "
                    + "/Resources << /Font << /F1 3 0 R >> >> >>")
            objects.append("<< /Length \(text.utf8.count) >>\nstream\n\(text)\nendstream")
        }
        objects.append("<< /Title (\(Self.escaped(title))) >>")
        var trailer = "/Size \(objects.count + 1) /Root 1 0 R /Info \(objects.count) 0 R"
        if isLocked {
            let check = String(repeating: "00", count: 32)
            trailer += " /Encrypt << /Filter /Standard /V 1 /R 2 /O <\(check)> /U <\(check)> /P -4 >>"
            trailer += " /ID [<00112233445566778899aabbccddeeff> <00112233445566778899aabbccddeeff>]"
        }
        var file = "%PDF-1.4\n"
        var places: [Int] = []
        for (index, object) in objects.enumerated() {
            places.append(file.utf8.count)
            file += "\(index + 1) 0 obj\n\(object)\nendobj\n"
        }
        let table = places.map { place in
            let digits = String(place)
            return String(repeating: "0", count: 10 - digits.count) + digits + " 00000 n \n"
        }
        let start = file.utf8.count
        file += "xref\n0 \(objects.count + 1)\n0000000000 65535 f \n\(table.joined())"
        file += "trailer\n<< \(trailer) >>\nstartxref\n\(start)\n%%EOF\n"
        return Array(file.utf8)
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("(", with: "\\(").replacing(")", with: "\\)")
    }
}
