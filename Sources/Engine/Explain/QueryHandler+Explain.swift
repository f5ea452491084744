import Kernels
import Store
import TextIndex
import VectorIndex

extension Engine {
    /// Why a document is not in the answer to a question.
    ///
    /// - Throws: as `search`.
    package func explain(
        _ request: SearchRequest, _ document: DocumentReference, in scope: WorkspaceScope
    ) async throws -> Explanation {
        let workspace = try await pool.run { try self.library.workspace(in: scope) }
        return try await queryHandler.explain(request, document, in: workspace)
    }
}

extension QueryHandler {
    func explain(
        _ request: SearchRequest, _ reference: DocumentReference, in workspace: Workspace
    ) async throws -> Explanation {
        var request = request
        // What a reranker would do with it cannot be told without asking it.
        request.rerankDepth = nil
        try request.validate()
        let question = request
        return try await repeatingCutOvers {
            guard let plan = try await pool.run({ try self.plan(question, in: workspace) }) else {
                return Explanation(reason: .notIngested, limit: question.limit, snapshotSequence: 0)
            }
            let vector = try await vector(for: plan)
            return try await pool.run {
                try workspace.withView(of: vector == nil ? nil : plan.live, hasWords: plan.words != nil) {
                    view in
                    try Explainer(plan: plan, vector: vector, now: view, workspace: workspace)
                        .explanation(of: reference)
                }
            }
        }
    }
}

/// Looks for the first step of a search at which a document fell out.
struct Explainer {
    let plan: QueryPlan
    let vector: [Float]?

    /// What there is now; the question may be about an earlier moment.
    let now: SearchView
    let workspace: Workspace

    /// Passages of one document that are looked at: more say the same.
    private static let rowsMax = 4_096

    func explanation(of reference: DocumentReference) throws -> Explanation {
        guard let document = try workspace.document(reference) else { return try absence(of: reference) }
        var explanation = blank(.outranked)
        (explanation.documentID, explanation.path) = (document.id.rawValue, document.externalID)
        let view = try workspace.view(now, for: plan)
        explanation.snapshotSequence = view.sequence
        guard let rows = try rows(of: document, in: view), !rows.isEmpty else {
            explanation.reason = document.version.born.rawValue > view.sequence ? .later : .empty
            return explanation
        }
        if let admission = view.admission,
            !rows.contains(where: { admission.admits(row: $0, document: document.ordinal) })
        {
            explanation.reason = .filtered
            return explanation
        }
        if let words = plan.words, words.hasMarks, let texts = view.texts {
            let allowed = try texts.rows(allowedBy: words)
            guard rows.contains(where: allowed.contains) else {
                explanation.reason = .ruledOut
                return explanation
            }
        }
        try place(Set(rows), of: document, in: view, &explanation)
        return explanation
    }

    private func blank(_ reason: Explanation.Reason) -> Explanation {
        Explanation(reason: reason, limit: plan.request.limit, snapshotSequence: now.sequence)
    }

    // MARK: Documents that are not there

    private func absence(of reference: DocumentReference) throws -> Explanation {
        var explanation = blank(.notIngested)
        let store = workspace.store
        switch reference {
        case .id(let id):
            explanation.documentID = id
            if try store.wasDeleted(DocumentID(rawValue: id)) { explanation.reason = .deleted }
        case .path(let path):
            explanation.path = path.text
            if try store.wasDeleted(path: path.text) { explanation.reason = .deleted }
            guard let item = try store.latestItem(path: path.text) else { break }
            switch item.state {
            case .failed: (explanation.reason, explanation.detail) = (.failed, item.failureReason)
            case .queued, .parsing, .embedding: explanation.reason = .pending
            case .ready, .unchanged, .deleted: break
            }
        }
        return explanation
    }

    // MARK: Documents that are there

    /// The rows of the version that the view sees.
    private func rows(of document: DocumentRecord, in view: SearchView) throws -> [Int64]? {
        let seen = try workspace.store.rows(
            of: document.ordinal, at: SequenceNumber(rawValue: view.sequence))
        return seen.map { $0.rows.prefix(Self.rowsMax).map(\.rawValue) }
    }

    private func place(
        _ rows: Set<Int64>, of document: DocumentRecord, in view: SearchView,
        _ explanation: inout Explanation
    ) throws {
        let search = try plan.search(over: view, with: vector, in: workspace)
        let ranking = try plan.ranking(by: search, in: workspace)
        let picked = try plan.pick(ranking, in: workspace)
        if let rank = picked.firstIndex(where: { rows.contains($0.ranked.row) }),
            rank < plan.request.offset + plan.request.limit
        {
            explanation.reason = .found
            (explanation.rank, explanation.best) = (rank + 1, try hit(picked[rank], search))
            return
        }
        guard let place = ranking.found.rows.firstIndex(where: { rows.contains($0.row) }) else {
            try placeBeyond(rows, search, view, &explanation)
            return
        }
        let ranked = ranking.found.rows[place]
        explanation.rank = place + 1
        explanation.best = try passage(ranked).map { try hit($0, search) }
        if let least = plan.request.minScore, ranked.relevance < least {
            explanation.reason = .belowMinScore
            explanation.detail = "\(ranked.relevance) < \(least)"
        } else if place < plan.request.offset + plan.request.limit {
            explanation.duplicateOf = try original(of: ranked, among: picked)
            explanation.reason = explanation.duplicateOf == nil ? .repeated : .duplicate
        }
    }

    /// None of its passages was a candidate: they are compared one by one, and with all there are.
    private func placeBeyond(
        _ rows: Set<Int64>, _ search: RankedSearch, _ view: SearchView, _ explanation: inout Explanation
    ) throws {
        guard let best = try search.rank(rows.sorted()).first else {
            explanation.reason = .noWord
            return
        }
        explanation.best = try passage(best).map { try hit($0, search) }
        guard let vector, let vectors = view.vectors else {
            if (best.receipt[.keyword]?.value ?? 0) <= 0 { explanation.reason = .noWord }
            return
        }
        let exact = try vectors.search(
            vector, k: IndexSnapshot.kBounds.upperBound,
            filter: (view.vectorAdmission ?? view.admission)?.forVectors)
        let nearest = exact.firstIndex { rows.contains($0.row.rawValue) }
        explanation.rank = nearest.map { $0 + 1 }
        if let nearest, nearest < plan.depth { explanation.reason = .listNotProbed }
    }

    private func passage(_ ranked: RankedRow) throws -> PickedPassage? {
        try workspace.store.passages([RowNumber(rawValue: ranked.row)]).first
            .map { PickedPassage(ranked: ranked, passage: $0) }
    }

    private func hit(_ picked: PickedPassage, _ search: RankedSearch) throws -> SearchHit {
        let row = picked.ranked.row
        let receipts = try search.words?.receipts(rows: [row])
        return try plan.hit(picked, rank: 1, receipts?[row], of: workspace)
    }

    /// The passage in whose favour it was left out.
    private func original(of ranked: RankedRow, among picked: [PickedPassage]) throws -> Citation? {
        guard plan.request.collapsesDuplicates, let own = try passage(ranked) else { return nil }
        let runs = Duplicates.runs(of: own.passage.text)
        return picked.first {
            Duplicates.resemblance(Duplicates.runs(of: $0.passage.text), runs) >= Duplicates.resemblanceMin
        }
        .map { Citation($0.passage) }
    }
}
