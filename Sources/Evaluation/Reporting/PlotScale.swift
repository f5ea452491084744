import Foundation

/// Where a value stands between two ends, and which values are written beside the axis.
struct PlotScale: Sendable, Equatable {
    enum Kind: Sendable {
        case linear, logarithmic
    }

    let kind: Kind
    let least: Double
    let greatest: Double
    let ticks: [Double]

    /// Recall: to 1, from the round value below the least.
    static func recall(_ values: [Double]) -> PlotScale {
        // A single point at 1 still stands in a plot of some width.
        let least = min(values.min() ?? 0.95, 0.95)
        let step = [0.01, 0.02, 0.05, 0.1, 0.2].first { (1 - least) / $0 <= 6 } ?? 0.2
        let start = max(0, (((least - step / 4) / step).rounded(.down)) * step)
        let count = Int(((1 - start) / step).rounded())
        let ticks = (0...max(count, 1)).map { 1 - Double($0) * step }.reversed()
        return PlotScale(kind: .linear, least: start, greatest: 1, ticks: Array(ticks))
    }

    /// Rates: from the power of ten, or its 2 or 5, below the least to that above the greatest.
    static func rate(_ values: [Double]) -> PlotScale {
        let positive = values.filter { $0 > 0 }
        let (low, high) = (positive.min() ?? 1, positive.max() ?? 10)
        let steps = (-9...12).flatMap { exponent in [1, 2, 5].map { $0 * pow(10, Double(exponent)) } }
        let start = steps.last { $0 <= low * 0.95 } ?? low
        let end = steps.first { $0 >= high * 1.05 } ?? high
        let inside = steps.filter { $0 >= start && $0 <= end }
        // Over more than three decades the 2s and 5s would stand too close.
        let decades = inside.filter { log10($0).rounded() == log10($0) }
        return PlotScale(
            kind: .logarithmic, least: start, greatest: end, ticks: inside.count > 10 ? decades : inside)
    }

    /// 0 at `least`, 1 at `greatest`.
    func position(of value: Double) -> Double {
        switch kind {
        case .linear: (value - least) / (greatest - least)
        case .logarithmic: log(max(value, least / 10) / least) / log(greatest / least)
        }
    }
}
