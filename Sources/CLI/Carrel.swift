import ArgumentParser
import Engine

/// The `carrel` command. Here the parts are put together: which embedder, which directory, how many threads.
@main
struct Carrel: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "carrel",
        abstract: "Turns folders of documents into knowledge bases that agents search.",
        discussion: """
            Example:
              carrel admin create notes
              carrel ingest ~/notes --workspace notes
              carrel search 'what did we decide about the roof?' --workspace notes

            Exit codes: 0 all well; 1 some documents failed, or damage or a wrong setting was found; 2 the command \
            could not be carried out; 64 the command line was not understood.
            """,
        version: CarrelRelease.version,
        subcommands: [
            IngestCommand.self, JobsCommand.self, SearchCommand.self, ServeCommand.self, EvalCommand.self,
            BenchCommand.self, ModelsCommand.self, AdminCommand.self, ConfigCommand.self,
            RenderChildCommand.self,
        ])
}
