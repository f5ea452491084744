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

    /// Okabe and Ito 2008, told apart by the colour-blind; black last.
    private static let colours = [
        "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000",
    ]

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
        let (width, height) = (Self.number(Self.width), Self.number(Self.height + legendHeight))
        let left = Self.number(Self.frame.left)
        return """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(width) \(height)" width="\(width)" \
            height="\(height)" font-family="system-ui, sans-serif" font-size="13" role="img">
            <title>\(Self.escaped(title))</title>
            <rect width="100%" height="100%" fill="white"/>
            <text x="\(left)" y="26" font-size="17" font-weight="600">\(Self.escaped(title))</text>
            <text x="\(left)" y="48" fill="#555">\(Self.escaped(subtitle))</text>
            """
    }

    private func axes(_ recall: PlotScale, _ rate: PlotScale) -> [String] {
        let frame = Self.frame
        let (right, bottom) = (Self.width - frame.right, Self.height - frame.bottom)
        var lines: [String] = []
        for tick in recall.ticks where tick >= recall.least - 1e-9 {
            let x = Self.x(recall, tick)
            lines.append(Self.line(x, frame.top, x, bottom, "#e4e4e4"))
            lines.append(Self.text(x, bottom + 20, String(format: "%.2f", tick), anchor: "middle"))
        }
        for tick in rate.ticks {
            let y = Self.y(rate, tick)
            lines.append(Self.line(frame.left, y, right, y, "#e4e4e4"))
            lines.append(Self.text(frame.left - 8, y + 4, Self.rate(tick), anchor: "end"))
        }
        lines.append(Self.line(frame.left, bottom, right, bottom, "#333"))
        lines.append(Self.line(frame.left, frame.top, frame.left, bottom, "#333"))
        lines.append(Self.text((frame.left + right) / 2, Self.height - 14, "recall@10", anchor: "middle"))
        let middle = Self.number((frame.top + bottom) / 2)
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
        let colour = Self.colours[index % Self.colours.count]
        let path = series.paretoPoints.map {
            "\(Self.number(Self.x(recall, $0.recall))),\(Self.number(Self.y(rate, $0.qps)))"
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
                    Self.line(
                        x, Self.y(rate, extent.lowerBound), x, Self.y(rate, extent.upperBound), colour))
            }
            let words =
                "\(series.name), \(point.label): recall \(String(format: "%.4f", point.recall)), "
                + "\(ReportTable.figure(point.qps)) QPS"
            lines.append(Self.marker(index, x, y, colour, title: words))
        }
        return lines
    }

    /// Under the axis, where no line runs through it.
    private var legend: [String] {
        let (top, left) = (Self.height, Self.frame.left - 8)
        var lines: [String] = []
        for (index, series) in series.enumerated() {
            let colour = Self.colours[index % Self.colours.count]
            let y = top + (Double(index) + 0.5) * Self.legendRow
            lines.append(Self.line(left + 8, y, left + 30, y, colour, width: 2))
            lines.append(Self.marker(index, left + 19, y, colour, title: series.name))
            lines.append(Self.text(left + 38, y + 4, series.name, anchor: "start"))
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

    private static func line(
        _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ colour: String, width: Double = 1
    ) -> String {
        """
        <line x1="\(number(x1))" y1="\(number(y1))" x2="\(number(x2))" y2="\(number(y2))" stroke="\(colour)" \
        stroke-width="\(number(width))"/>
        """
    }

    private static func text(_ x: Double, _ y: Double, _ words: String, anchor: String) -> String {
        "<text x=\"\(number(x))\" y=\"\(number(y))\" text-anchor=\"\(anchor)\">\(escaped(words))</text>"
    }

    /// Circle, square, diamond, triangle, by turns: colour alone does not tell engines apart.
    private static func marker(
        _ index: Int, _ x: Double, _ y: Double, _ colour: String, title: String
    ) -> String {
        let corners: [(Double, Double)] =
            switch index % 4 {
            case 1: [(-4, -4), (4, -4), (4, 4), (-4, 4)]
            case 2: [(0, -5.5), (5.5, 0), (0, 5.5), (-5.5, 0)]
            default: [(0, -5.5), (5, 4), (-5, 4)]
            }
        let shape =
            index % 4 == 0
            ? "<circle cx=\"\(number(x))\" cy=\"\(number(y))\" r=\"4.5\" fill=\"\(colour)\">"
            : "<polygon points=\""
                + corners.map { "\(number(x + $0.0)),\(number(y + $0.1))" }.joined(separator: " ")
                + "\" fill=\"\(colour)\">"
        let end = index % 4 == 0 ? "</circle>" : "</polygon>"
        return "\(shape)<title>\(escaped(title))</title>\(end)"
    }

    private static func rate(_ value: Double) -> String {
        switch value {
        case 1_000_000...: String(format: "%g M", value / 1_000_000)
        case 1_000...: String(format: "%g k", value / 1_000)
        default: String(format: "%g", value)
        }
    }

    private static func number(_ value: Double) -> String {
        String(format: "%.1f", value)
    }

    private static func escaped(_ words: String) -> String {
        words.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            .replacing("\"", with: "&quot;")
    }
}
