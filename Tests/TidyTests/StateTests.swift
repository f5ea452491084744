import Testing

struct StateTests {
    @Test func `no task is detached`() throws {
        for file in try SourceTree.everySwiftFile() {
            let found = file.codeLineNumbers(matching: /\bTask(?:<.*>)?\.detached\s*[({]/)
            #expect(
                found.isEmpty,
                "\(file.path), lines \(found): use a task group, or the ComputePool for arithmetic and blocking calls"
            )
        }
    }

    @Test func `no state is global`() throws {
        for file in try SourceTree.everySwiftFile() {
            for (number, line) in zip(1..., file.codeLines) where Self.isGlobalState(line) {
                Issue.record(
                    """
                    \(file.path):\(number): everybody would share this. Make it a stored property of whoever owns \
                    it, and pass that in; a constant is a `let`.
                    """)
            }
        }
    }

    @Test func `there is no singleton`() throws {
        for file in try SourceTree.everySwiftFile() {
            let found = file.codeLineNumbers(matching: /\bstatic (?:let|var) (?:shared|singleton|instance)\b/)
            #expect(
                found.isEmpty,
                "\(file.path), lines \(found): no singletons: make one in the composition root and hand it down"
            )
        }
    }

    @Test func `every class is final`() throws {
        for file in try SourceTree.everySwiftFile() {
            let found = file.codeLineNumbers(
                matching: /^\s*(?:@\w+ |public |package |private |fileprivate |open )*class (?!func|var)/)
            #expect(
                found.isEmpty,
                "\(file.path), lines \(found): a class is for identity or a resource, not to inherit from: `final`"
            )
        }
    }

    @Test(arguments: [
        "    static var count = 0", "    package static var rows: [Int] = []", "    static var make = { 1 }",
        "    private static var name: String?", "    static let count = Mutex(0)",
        "    static let counter: Atomic<Int> = Atomic(0)", "var count = 0", "package var rows: [Int] = []",
        "let lock = NSLock()", "    class var rows: [Int] = []",
    ])
    func `state that everybody shares is known as such`(line: String) {
        #expect(Self.isGlobalState(Substring(line)), "a shape that isGlobalState does not know: add it there")
    }

    @Test(arguments: [
        "    static var available: [Int] {", "    static var isTerminal: Bool { isatty(2) == 1 }",
        "    static var columnType: ColumnElementType { get }", "    var count = 0",
        "    static let countMax = 16",
        "    let lock = NSLock()", "let strict = [1]", "var isPlain: Bool { true }",
        "    private let count = Mutex(0)",
    ])
    func `constants, computed and stored properties are not taken for global state`(line: String) {
        #expect(!Self.isGlobalState(Substring(line)), "isGlobalState hits what it should not: narrow it")
    }

    /// A mutable variable that belongs to no instance, or a constant that is a box of one.
    private static func isGlobalState(_ line: Substring) -> Bool {
        guard line.contains("var ") || line.contains("let ") else { return false }
        let variable = /^(?:\w+(?:\(\w+\))? )*var [^{]*(?:$|=)|\b(?:static|class) (?:\w+ )*var [^{]*(?:$|=)/
        let box =
            /(?:^(?:\w+ )*let|\bstatic let) .*= (?:Mutex|Atomic|\w*Lock\w*|\w*Semaphore|ManagedAtomic)\b[<(]/
        return line.contains(variable) || line.contains(box)
    }
}
