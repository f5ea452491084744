import HTTPTypes
import Server
import Testing

struct RoutePathTests {
    @Test func `a cursor survives its text, and serves no other list`() throws {
        for after in ["0", "17", "name-with.dots_and-dashes", "ü"] {
            let cursor = PageCursor(list: "documents of ws_x", after: after)
            #expect(try PageCursor(parsing: cursor.text, of: "documents of ws_x") == cursor)
            #expect(
                cursor.text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_".contains($0)) })
            #expect(throws: ServerError.cursorInvalid) {
                try PageCursor(parsing: cursor.text, of: "documents of ws_y")
            }
        }
    }

    @Test(arguments: ["", "a", "====", "YQ", "YQpiCmM", "\u{0}", "ü"])
    func `text that is no cursor is refused`(text: String) {
        #expect(throws: ServerError.cursorInvalid) { try PageCursor(parsing: text, of: "a") }
    }

    @Test func `every problem has a code, a status and a title of its own`() {
        for code in ProblemCode.allCases {
            #expect((400...599).contains(code.status.code))
            #expect(code.rawValue.contains(/^[a-z]+(_[a-z]+)*$/))
        }
        #expect(Set(ProblemCode.allCases.map(\.title)).count == ProblemCode.allCases.count)
    }
}
