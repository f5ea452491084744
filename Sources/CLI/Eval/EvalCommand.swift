import ArgumentParser

struct EvalCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "eval",
        abstract: "Measures retrieval quality on test collections, with intervals.",
        discussion: """
            Without a subcommand it is 'carrel eval run'. Every figure is a mean over queries with its 95 % interval \
            by bootstrap; --json prints a report that says how to repeat it, --svg draws it, --per-query keeps the \
            values of every query.

            Example:
              carrel eval ~/datasets/scifact --mode vector --chunking none
              carrel eval ~/datasets/scifact --save-run before.run
              carrel eval compare before.run after.run --qrels ~/datasets/scifact/qrels.tsv
              carrel eval chunking ~/datasets/chunk_eval --chunk-tokens 100,200
            """,
        subcommands: [EvalRunCommand.self, EvalCompareCommand.self, EvalChunkingCommand.self],
        defaultSubcommand: EvalRunCommand.self)
}
