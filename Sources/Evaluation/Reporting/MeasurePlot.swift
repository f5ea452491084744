import Foundation

/// Measures from 0 to 1 with their intervals, as SVG: bars side by side for runs, or lines for a sweep.
public struct MeasurePlot: Sendable {
    public enum Form: Sendable {
        /// A group for each category, in it a bar for each series.
        case bars

        /// A line for each series over the categories, which are in order.
        case lines
    }

    /// One run, or one measure of a sweep.
    public struct Series: Sendable, Equatable {
        public var name: String

        /// One for each category; nil where nothing was measured.
        public var estimates: [Estimate?]

        public init(name: String, estimates: [Estimate?]) {
            (self.name, self.estimates) = (name, estimates)
        }
    }

    public var title: String
    public var subtitle: String
    public var form: Form

    /// What the categories are, below their axis.
    public var axis: String
    public var categories: [String]
    public var series: [Series]

    private static let (width, height) = (820.0, 460.0)
    private static let frame = (left: 58.0, right: 24.0, top: 70.0, bottom: 58.0)
    private static let legendRow = 20.0

    /// The share of a category's width that its bars fill.
    private static let filled = 0.8

    public init(
        title: String, subtitle: String = "", form: Form, axis: String = "", categories: [String],
        series: [Series]
    ) {
        (self.title, self.subtitle, self.form, self.axis) = (title, subtitle, form, axis)
        (self.categories, self.series) = (categories, series)
    }

    /// The picture: a whole SVG document, with no script and nothing from elsewhere.
    public func svg() -> String {
        let head = SVGDrawing.head(
            title: title, subtitle: subtitle, width: Self.width,
            height: Self.height + Double(series.count) * Self.legendRow + 8, left: Self.frame.left)
        let drawn = series.enumerated().flatMap { index, series in
            form == .bars ? bars(of: series, index) : line(of: series, index)
        }
        return ([head] + axes + drawn + legend + ["</svg>"]).joined(separator: "\n") + "\n"
    }

    private var axes: [String] {
        let frame = Self.frame
        let (right, bottom) = (Self.width - frame.right, Self.height - frame.bottom)
        var lines: [String] = []
        for tenths in stride(from: 0, through: 10, by: 2) {
            let y = Self.y(Double(tenths) / 10)
            lines.append(SVGDrawing.line(frame.left, y, right, y, tenths == 0 ? "#333" : "#e4e4e4"))
            let words = String(format: "%.1f", Double(tenths) / 10)
            lines.append(SVGDrawing.text(frame.left - 8, y + 4, words, anchor: "end"))
        }
        for (place, category) in categories.enumerated() {
            lines.append(SVGDrawing.text(middle(of: place), bottom + 20, category, anchor: "middle"))
        }
        lines.append(SVGDrawing.line(frame.left, frame.top, frame.left, bottom, "#333"))
        lines.append(SVGDrawing.text((frame.left + right) / 2, Self.height - 14, axis, anchor: "middle"))
        return lines
    }

    private func bars(of series: Series, _ index: Int) -> [String] {
        let width = slot * Self.filled / Double(max(self.series.count, 1))
        return marked(series).flatMap { place, estimate in
            let left = middle(of: place) - slot * Self.filled / 2 + Double(index) * width
            let (top, bottom) = (Self.y(estimate.mean), Self.y(0))
            let numbers = [left, top, width * 0.94, bottom - top].map(SVGDrawing.number)
            let bar = """
                <rect x="\(numbers[0])" y="\(numbers[1])" width="\(numbers[2])" height="\(numbers[3])" \
                fill="\(SVGDrawing.colour(index))"><title>\(words(series, place, estimate))</title></rect>
                """
            return [bar] + whisker(at: left + width * 0.47, estimate, "#333")
        }
    }

    private func line(of series: Series, _ index: Int) -> [String] {
        let colour = SVGDrawing.colour(index)
        let points = marked(series).map { place, estimate in
            "\(SVGDrawing.number(middle(of: place))),\(SVGDrawing.number(Self.y(estimate.mean)))"
        }
        let path = """
            <polyline points="\(points.joined(separator: " "))" fill="none" stroke="\(colour)" stroke-width="2" \
            stroke-linejoin="round"/>
            """
        return [path]
            + marked(series).flatMap { place, estimate in
                let (x, y) = (middle(of: place), Self.y(estimate.mean))
                let title = words(series, place, estimate, escapes: false)
                return whisker(at: x, estimate, colour)
                    + [SVGDrawing.marker(index, x, y, colour, title: title)]
            }
    }

    /// The interval, with a short bar at each end.
    private func whisker(at x: Double, _ estimate: Estimate, _ colour: String) -> [String] {
        let (top, bottom) = (Self.y(estimate.upper), Self.y(estimate.lower))
        return [
            SVGDrawing.line(x, top, x, bottom, colour), SVGDrawing.line(x - 4, top, x + 4, top, colour),
            SVGDrawing.line(x - 4, bottom, x + 4, bottom, colour),
        ]
    }

    /// Under the axis, where no line runs through it.
    private var legend: [String] {
        series.enumerated().flatMap { index, series in
            let y = Self.height + (Double(index) + 0.5) * Self.legendRow
            return [
                SVGDrawing.marker(
                    index, Self.frame.left + 11, y, SVGDrawing.colour(index), title: series.name),
                SVGDrawing.text(Self.frame.left + 26, y + 4, series.name, anchor: "start"),
            ]
        }
    }

    /// What was measured, with its place among the categories.
    private func marked(_ series: Series) -> [(place: Int, estimate: Estimate)] {
        zip(categories.indices, series.estimates).compactMap { place, estimate in
            estimate.map { (place, $0) }
        }
    }

    private func words(
        _ series: Series, _ place: Int, _ estimate: Estimate, escapes: Bool = true
    ) -> String {
        let figures = String(format: "%.4f (%.4f–%.4f)", estimate.mean, estimate.lower, estimate.upper)
        let words = "\(series.name), \(categories[place]): \(figures)"
        return escapes ? SVGDrawing.escaped(words) : words
    }

    private var slot: Double {
        (Self.width - Self.frame.left - Self.frame.right) / Double(max(categories.count, 1))
    }

    private func middle(of place: Int) -> Double {
        Self.frame.left + (Double(place) + 0.5) * slot
    }

    private static func y(_ value: Double) -> Double {
        height - frame.bottom - min(max(value, 0), 1) * (height - frame.top - frame.bottom)
    }
}
