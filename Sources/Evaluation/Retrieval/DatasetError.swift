/// What can be wrong with a dataset folder or a run's file. All of them mean "mend the file".
public enum DatasetError: Error, Sendable, Equatable {
    case fileMissing(name: String, folder: String)

    /// The file is there, and cannot be read.
    case fileUnreadable(name: String, folder: String)
    case fileTooLarge(name: String, byteCount: Int, byteCountMax: Int)
    case malformedLine(name: String, line: Int, expected: String)
    case duplicateID(name: String, line: Int, id: String)
    case noJudgements(name: String)

    /// A corpus is no UTF-8, so that nobody can say where its n-th character is.
    case notUTF8(name: String)

    /// A reference ends before it begins or beyond its corpus.
    case referenceOutOfRange(name: String, line: Int, start: Int, end: Int, characterCount: Int)

    /// At a reference's offsets the corpus says something else than the reference.
    case referenceMismatch(name: String, line: Int, start: Int, expected: String, found: String)

    /// A question without a reference has no right answer.
    case noReferences(name: String, line: Int, id: String)
    case noQuestions(name: String)

    /// A query has two documents of one rank in a run.
    case duplicateRank(name: String, line: Int, rank: Int)
    case emptyRun(name: String)

    /// A run's file parts its fields by blanks: an id that is empty or holds one cannot stand in it.
    case idNotWritable(id: String)

    /// None of a run's queries is judged: run and judgements belong to different datasets.
    case foreignRun(name: String, queryCount: Int)
}
