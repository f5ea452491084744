import Evaluation
import Foundation

/// Columns under each other, for a terminal: the first from the left, the others to the right.
enum EvalTable {
    static func text(_ rows: [[String]]) -> String {
        let columnCount = rows.map(\.count).max() ?? 0
        let widths = (0..<columnCount).map { column in
            rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
        }
        return rows.map { row in
            let cells = row.enumerated().map { column, cell in
                let blank = String(repeating: " ", count: widths[column] - cell.count)
                return column == 0 ? cell + blank : blank + cell
            }
            return cells.joined(separator: "  ")
        }
        .joined(separator: "\n")
    }

    static func figure(_ value: Double) -> String { String(format: "%.4f", value) }

    static func signed(_ value: Double) -> String { String(format: "%+.4f", value) }

    static func rate(_ value: Double) -> String { String(format: "%.1f", value) }

    /// The mean, and behind it the interval.
    static func estimate(_ estimate: Estimate?) -> String {
        guard let estimate else { return "" }
        return String(format: "%.4f [%.3f, %.3f]", estimate.mean, estimate.lower, estimate.upper)
    }

    /// The rows of a comparison, one for each measure.
    static func comparison(_ pair: RetrievalReport.Pair) -> [[String]] {
        [["\(pair.second) less \(pair.first)", "difference", "95 %", "p", "better", "worse"]]
            + QualityMeasure.allCases.compactMap { measure in
                pair.measures[measure.rawValue].map { found in
                    [
                        measure.title, signed(found.difference.mean),
                        "[\(signed(found.difference.lower)), \(signed(found.difference.upper))]",
                        figure(found.probability), "\(found.wins)", "\(found.losses)",
                    ]
                }
            }
    }
}
