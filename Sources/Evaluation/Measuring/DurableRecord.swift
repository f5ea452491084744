/// What it costs to make rows safe on the disk, one synced transaction a batch, each found by the next search.
public struct DurableRecord: Sendable, Equatable, Codable {
    public var rows: Int
    public var batchRows: Int

    /// Of rows that are an id and a vector.
    public var rowsPerSecond: Double
    public var batch: Percentiles

    /// The same with a text of so many bytes each.
    public var textBytes: Int
    public var rowsWithTextPerSecond: Double
    public var batchWithText: Percentiles

    /// Of the time of rows without text: spent until the commit was safe, the rest on making it searchable.
    public var storeShare: Double

    /// Batches of which the next search did not find a row.
    public var notFoundAtOnce: Int

    enum CodingKeys: String, CodingKey {
        case rows, batch
        case batchRows = "batch_rows"
        case rowsPerSecond = "durable_insert_rows_per_s"
        case textBytes = "text_bytes"
        case rowsWithTextPerSecond = "durable_insert_with_text_rows_per_s"
        case batchWithText = "batch_with_text"
        case storeShare = "store_share"
        case notFoundAtOnce = "not_found_at_once"
    }

    public init(
        rows: Int, batchRows: Int, rowsPerSecond: Double, batch: Percentiles, textBytes: Int,
        rowsWithTextPerSecond: Double, batchWithText: Percentiles, storeShare: Double, notFoundAtOnce: Int
    ) {
        (self.rows, self.batchRows, self.notFoundAtOnce) = (rows, batchRows, notFoundAtOnce)
        (self.rowsPerSecond, self.batch, self.textBytes) = (rowsPerSecond, batch, textBytes)
        (self.rowsWithTextPerSecond, self.batchWithText) = (rowsWithTextPerSecond, batchWithText)
        self.storeShare = storeShare
    }
}
