import Foundation

/// One engine on a plot.
public struct PlotSeries: Sendable, Equatable {
    public struct Point: Sendable, Equatable {
        public var recall: Double
        public var qps: Double

        /// The least and the greatest rate that was measured.
        public var extent: ClosedRange<Double>?
        public var label: String

        public init(recall: Double, qps: Double, extent: ClosedRange<Double>? = nil, label: String = "") {
            (self.recall, self.qps, self.extent, self.label) = (recall, qps, extent, label)
        }
    }

    public var name: String
    public var points: [Point]

    public init(name: String, points: [Point]) {
        (self.name, self.points) = (name, points)
    }

    /// The series of a report, by engine, in the report's order; recall@10 against QPS. Points without a
    /// recall are left out.
    public static func all(of report: BenchmarkReport) -> [PlotSeries] {
        var series: [PlotSeries] = []
        for record in report.points {
            guard let recall = record.recallAt10 else { continue }
            let extent = record.spread["qps"].flatMap { $0.min <= $0.max ? $0.min...$0.max : nil }
            let point = Point(recall: recall, qps: record.qps, extent: extent, label: record.point)
            if let index = series.firstIndex(where: { $0.name == record.engine }) {
                series[index].points.append(point)
            } else {
                series.append(PlotSeries(name: record.engine, points: [point]))
            }
        }
        return series
    }

    /// The points that no other beats in both, by ascending recall.
    public var paretoPoints: [Point] {
        var best = -Double.infinity
        var front: [Point] = []
        for point in points.sorted(by: { ($0.recall, $0.qps) > ($1.recall, $1.qps) }) where point.qps > best {
            best = point.qps
            front.append(point)
        }
        return front.reversed()
    }
}

/// Recall against queries per second, as SVG: up and to the right is better.
public struct RecallPlot: Sendable {
    public var title: String
    public var subtitle: String
    public var series: [PlotSeries]

    private static let (width, height) = (820.0, 520.0)
    private static let frame = (left: 78.0, right: 24.0, top: 70.0, bottom: 58.0)
    private static let legendRow = 20.0

    public init(title: String, subtitle: String = "", series: [PlotSeries]) {
        (self.title, self.subtitle, self.series) = (title, subtitle, series)
    }

    /// The picture: a whole SVG document, with no script and nothing from elsewhere.
    public func svg() -> String {
        let points = series.flatMap(\.points)
        let recall = PlotScale.recall(points.map(\.recall))
        let rates = points.flatMap {
            [$0.qps, $0.extent?.lowerBound ?? $0.qps, $0.extent?.upperBound ?? $0.qps]
        }
        let rate = PlotScale.rate(rates)
        let lines =
            [head] + axes(recall, rate)
            + series.enumerated().flatMap { drawing(of: $1, index: $0, recall, rate) } + legend + ["</svg>"]
        return lines.joined(separator: "\n") + "\n"
    }

    private var head: String {
        let legendHeight = Double(series.count) * Self.legendRow + 8
        return SVGDrawing.head(
            title: title, subtitle: subtitle, width: Self.width, height: Self.height + legendHeight,
            left: Self.frame.left)
    }

    private func axes(_ recall: PlotScale, _ rate: PlotScale) -> [String] {
        let frame = Self.frame
        let (right, bottom) = (Self.width - frame.right, Self.height - frame.bottom)
        var lines: [String] = []
        for tick in recall.ticks where tick >= recall.least - 1e-9 {
            let x = Self.x(recall, tick)
            lines.append(SVGDrawing.line(x, frame.top, x, bottom, "#e4e4e4"))
            lines.append(SVGDrawing.text(x, bottom + 20, String(format: "%.2f", tick), anchor: "middle"))
        }
        for tick in rate.ticks {
            let y = Self.y(rate, tick)
            lines.append(SVGDrawing.line(frame.left, y, right, y, "#e4e4e4"))
            lines.append(SVGDrawing.text(frame.left - 8, y + 4, Self.rate(tick), anchor: "end"))
        }
        lines.append(SVGDrawing.line(frame.left, bottom, right, bottom, "#333"))
        lines.append(SVGDrawing.line(frame.left, frame.top, frame.left, bottom, "#333"))
        lines.append(
            SVGDrawing.text((frame.left + right) / 2, Self.height - 14, "recall@10", anchor: "middle"))
        let middle = SVGDrawing.number((frame.top + bottom) / 2)
        lines.append(
            """
            <text transform="translate(20 \(middle)) rotate(-90)" text-anchor="middle">queries per second \
            (log)</text>
            """)
        return lines
    }

    /// The line along the points that count, then every point with its spread.
    private func drawing(
        of series: PlotSeries, index: Int, _ recall: PlotScale, _ rate: PlotScale
    ) -> [String] {
        let colour = SVGDrawing.colour(index)
        let path = series.paretoPoints.map {
            "\(SVGDrawing.number(Self.x(recall, $0.recall))),\(SVGDrawing.number(Self.y(rate, $0.qps)))"
        }
        var lines = [
            """
            <polyline points="\(path.joined(separator: " "))" fill="none" stroke="\(colour)" stroke-width="2" \
            stroke-linejoin="round"/>
            """
        ]
        for point in series.points {
            let (x, y) = (Self.x(recall, point.recall), Self.y(rate, point.qps))
            if let extent = point.extent {
                lines.append(
                    SVGDrawing.line(
                        x, Self.y(rate, extent.lowerBound), x, Self.y(rate, extent.upperBound), colour))
            }
            let words =
                "\(series.name), \(point.label): recall \(String(format: "%.4f", point.recall)), "
                + "\(ReportTable.figure(point.qps)) QPS"
            lines.append(SVGDrawing.marker(index, x, y, colour, title: words))
        }
        return lines
    }

    /// Under the axis, where no line runs through it.
    private var legend: [String] {
        let (top, left) = (Self.height, Self.frame.left - 8)
        var lines: [String] = []
        for (index, series) in series.enumerated() {
            let colour = SVGDrawing.colour(index)
            let y = top + (Double(index) + 0.5) * Self.legendRow
            lines.append(SVGDrawing.line(left + 8, y, left + 30, y, colour, width: 2))
            lines.append(SVGDrawing.marker(index, left + 19, y, colour, title: series.name))
            lines.append(SVGDrawing.text(left + 38, y + 4, series.name, anchor: "start"))
        }
        return lines
    }
}

/// The parts of the drawing.
extension RecallPlot {
    private static func x(_ scale: PlotScale, _ value: Double) -> Double {
        frame.left + scale.position(of: value) * (width - frame.left - frame.right)
    }

    private static func y(_ scale: PlotScale, _ value: Double) -> Double {
        height - frame.bottom - scale.position(of: value) * (height - frame.top - frame.bottom)
    }

    private static func rate(_ value: Double) -> String {
        switch value {
        case 1_000_000...: String(format: "%g M", value / 1_000_000)
        case 1_000...: String(format: "%g k", value / 1_000)
        default: String(format: "%g", value)
        }
    }
}
