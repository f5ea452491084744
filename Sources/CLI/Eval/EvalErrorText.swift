import Evaluation

/// What is wrong with datasets and runs, in words.
enum EvalErrorText {
    static func dataset(_ error: DatasetError) -> String {
        switch error {
        case .fileMissing(let name, let folder): "the folder '\(folder)' has no \(name)"
        case .fileUnreadable(let name, let folder): "\(name) in '\(folder)' cannot be read"
        case .fileTooLarge(let name, let found, let most):
            "\(name) has \(Figure.bytes(found)); up to \(Figure.bytes(most)) are read"
        case .malformedLine(let name, let line, let expected):
            "\(name), line \(line): expected \(expected)"
        case .duplicateID(let name, let line, let id):
            "\(name), line \(line): the id '\(Terminal.harmless(id))' stands there twice"
        case .noJudgements(let name): "\(name) judges no document relevant"
        case .notUTF8(let name): "\(name) is no UTF-8 text"
        case .referenceOutOfRange(let name, let line, let start, let end, let count):
            "\(name), line \(line): a reference is \(start) to \(end); its corpus has \(count) characters"
        case .referenceMismatch(let name, let line, let start, let expected, let found):
            """
            \(name), line \(line): at character \(start) the corpus says '\(Terminal.harmless(found))', expected \
            '\(Terminal.harmless(expected))'
            """
        case .noReferences(let name, let line, let id):
            "\(name), line \(line): the question '\(Terminal.harmless(id))' has no reference"
        case .noQuestions(let name): "\(name) holds no question"
        case .duplicateRank(let name, let line, let rank):
            "\(name), line \(line): the query has a document of rank \(rank) already"
        case .emptyRun(let name): "\(name) holds no ranking"
        case .idNotWritable(let id):
            "the id '\(Terminal.harmless(id))' is empty or holds a blank, which a run's file cannot hold"
        case .foreignRun(let name, let count):
            "none of the \(count) queries of \(name) is judged; do run and judgements belong together?"
        }
    }
}
