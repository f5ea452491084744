import Histogram

/// Times of many searches, in buckets of 0.1 % width (HdrHistogram): recording costs nanoseconds, memory does
/// not grow, and the rarest times are kept as exactly as the usual ones.
public struct LatencyHistogram: Sendable {
    /// Ten minutes, in nanoseconds: longer times count as this.
    static let nanosecondsMax: UInt64 = 600_000_000_000

    private var histogram: Histogram<UInt64>

    /// No times yet.
    public init() {
        histogram = Histogram(
            highestTrackableValue: Self.nanosecondsMax, numberOfSignificantValueDigits: .three)
    }

    /// Times recorded.
    public var count: Int { Int(histogram.totalCount) }

    /// Takes one time.
    public mutating func record(nanoseconds: UInt64) {
        histogram.record(min(nanoseconds, Self.nanosecondsMax))
    }

    /// Takes all times of another.
    public mutating func add(_ other: LatencyHistogram) {
        histogram.add(other.histogram)
    }

    /// The time that `percent` of all took at most, in milliseconds; 0 if nothing was recorded.
    public func milliseconds(atPercentile percent: Double) -> Double {
        Double(histogram.valueAtPercentile(percent)) / 1e6
    }
}
