import ArgumentParser

struct ModelsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "models",
        abstract: "Lists, fetches, checks, adds and measures local models.",
        discussion: """
            Models stand in folders called Models, in the working directory or beside or above carrel. --model takes \
            the name of one, or the path of a folder that stands elsewhere.

            Example:
              carrel models list
              carrel models fetch multilingual-e5-small
              carrel ingest ~/notes --workspace notes --create --model multilingual-e5-small
            """,
        subcommands: [
            ModelsListCommand.self, ModelsFetchCommand.self, ModelsVerifyCommand.self, ModelsAddCommand.self,
            ModelsBenchCommand.self,
        ])
}
