import ArgumentParser
import Engine

/// Not for people: Carrel starts itself with this, to read documents of strangers in a process that can do no harm.
struct RenderChildCommand: ParsableCommand {
    static let name = "render-child"

    static let configuration = CommandConfiguration(
        commandName: name, abstract: "Reads documents for another carrel, over standard input.",
        shouldDisplay: false)

    func run() throws {
        try RenderService.run()
    }
}
