import ArgumentParser

struct ModelsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "models", abstract: "Works with local models.", subcommands: [ModelsBenchCommand.self])
}
