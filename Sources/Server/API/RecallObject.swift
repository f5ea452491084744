import Engine

/// What recall is on the questions that a workspace is really asked.
struct RecallObject: Encodable, Sendable, APIObject {
    var enabled: Bool
    var sampled: Int
    var measuredAt: String?
    var recall: Double?
    var expectedRecall: Double?
    var target: Double
    var k: Int

    enum CodingKeys: String, CodingKey, CaseIterable {
        case enabled, sampled, recall, target, k
        case measuredAt = "measured_at"
        case expectedRecall = "expected_recall"
    }

    init(_ report: RecallReport) {
        enabled = report.isEnabled
        sampled = report.sampledCount
        measuredAt = report.measurement.map { WireDate.text($0.measuredAt) }
        recall = report.measurement?.recall
        expectedRecall = report.measurement?.expectedRecall
        target = RecallReport.target
        k = RecallReport.k
    }

    /// What is not known is null, not absent.
    func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(enabled, forKey: .enabled)
        try fields.encode(sampled, forKey: .sampled)
        try fields.encode(measuredAt, forKey: .measuredAt)
        try fields.encode(recall, forKey: .recall)
        try fields.encode(expectedRecall, forKey: .expectedRecall)
        try fields.encode(target, forKey: .target)
        try fields.encode(k, forKey: .k)
    }

    static let schemaName = "Recall"
    static let fields = [
        Field("enabled", .boolean("Whether questions are sampled; the server's operator decides.")),
        Field("sampled", .integer("Questions kept for the next measurement, in memory only.", 0...Int.max)),
        Field("measured_at", .nullable(.date("When recall was measured last; null before that."))),
        Field(
            "recall", .nullable(.number("Share of the passages truly nearest that was found, on average."))),
        Field("expected_recall", .nullable(.number("What these searches said it would be."))),
        Field("target", .number("The recall_target that was asked for.")),
        Field("k", .integer("Passages asked for.", 1...SearchRequest.limitMax)),
    ]
}
