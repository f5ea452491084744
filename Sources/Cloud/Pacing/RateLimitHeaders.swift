package import Foundation

/// What the header fields of an answer say about when to call again.
package struct RateLimitHeaders: Sendable, Equatable {
    /// What is left of one allowance, as of the answer.
    package struct Allowance: Sendable, Equatable {
        package var remaining: Double
        package var limit: Double?

        /// Until all of it is there again.
        package var reset: Duration

        /// It fills again little by little, as OpenAI's do; otherwise all at once at the reset.
        package var refillsSteadily: Bool

        package init(remaining: Double, limit: Double?, reset: Duration, refillsSteadily: Bool) {
            self.remaining = remaining
            self.limit = limit
            self.reset = reset
            self.refillsSteadily = refillsSteadily
        }
    }

    /// Do not call before this has passed.
    package var retryAfter: Duration?
    package var requests: Allowance?
    package var tokens: Allowance?

    /// - Parameters:
    ///   - headers: by names in lower case.
    ///   - date: what the calendar says here, for dates where the answer has none of its own.
    package init(_ headers: [String: String], date: Date) {
        let there = headers["date"].flatMap(HTTPDate.date) ?? date
        retryAfter = Self.retryAfter(headers, date: there)
        requests =
            Self.steady(headers, "requests", date: there) ?? Self.window(headers, date: there)
            ?? Self.structured(headers["ratelimit"])
        tokens = Self.steady(headers, "tokens", date: there)
    }

    /// Longer than anybody waits. What is beyond is an error somewhere, and is read as this.
    private static let durationMax = Duration.seconds(86_400)

    // MARK: Retry-After

    /// Seconds, also broken ones, or a date (RFC 9110, 10.2.3); or milliseconds, as OpenAI and Azure add.
    private static func retryAfter(_ headers: [String: String], date now: Date) -> Duration? {
        for name in ["retry-after-ms", "x-ms-retry-after-ms"] {
            if let number = headers[name].flatMap({ Double($0) }), number.isFinite, number >= 0 {
                return min(durationMax, .milliseconds(min(number, 1e9)))
            }
        }
        guard let text = headers["retry-after"]?.trimmingCharacters(in: .whitespaces) else { return nil }
        if let seconds = Double(text) {
            return seconds.isFinite && seconds >= 0 ? min(durationMax, .seconds(min(seconds, 1e6))) : nil
        }
        return HTTPDate.date(text).map { duration(from: now, to: $0) }
    }

    private static func duration(from now: Date, to then: Date) -> Duration {
        .seconds(min(max(then.timeIntervalSince(now), 0), 86_400))
    }

    // MARK: Allowances

    /// `x-ratelimit-remaining-tokens: 149984`, `x-ratelimit-limit-tokens: 150000`, `x-ratelimit-reset-tokens: 6ms`.
    private static func steady(_ headers: [String: String], _ what: String, date: Date) -> Allowance? {
        guard
            let remaining = number(headers["x-ratelimit-remaining-\(what)"]),
            let reset = headers["x-ratelimit-reset-\(what)"].flatMap({ span($0, date: date) })
        else { return nil }
        return Allowance(
            remaining: remaining, limit: number(headers["x-ratelimit-limit-\(what)"]), reset: reset,
            refillsSteadily: true)
    }

    /// `ratelimit-remaining` and `ratelimit-reset`, with or without `x-`.
    private static func window(_ headers: [String: String], date: Date) -> Allowance? {
        for prefix in ["ratelimit", "x-ratelimit"] {
            guard let remaining = number(headers["\(prefix)-remaining"]),
                let reset = headers["\(prefix)-reset"].flatMap({ span($0, date: date) })
            else { continue }
            return Allowance(
                remaining: remaining, limit: number(headers["\(prefix)-limit"]), reset: reset,
                refillsSteadily: false)
        }
        return nil
    }

    /// `RateLimit: "default";r=50;t=30`, and the older `RateLimit: limit=100, remaining=50, reset=30`
    /// (draft-ietf-httpapi-ratelimit-headers, 10 and 07).
    private static func structured(_ text: String?) -> Allowance? {
        guard let text else { return nil }
        var fields: [Substring: Double] = [:]
        // Of several policies the first is read: it is the one that is nearest to its end, where a server sorts.
        for part in text.split(whereSeparator: { ";, ".contains($0) }) {
            guard let equals = part.firstIndex(of: "="),
                let value = number(String(part[part.index(after: equals)...]))
            else { continue }
            let name = part[..<equals]
            if fields[name] == nil { fields[name] = value }
        }
        guard let remaining = fields["r"] ?? fields["remaining"],
            let reset = fields["t"] ?? fields["reset"]
        else { return nil }
        return Allowance(
            remaining: remaining, limit: fields["limit"], reset: min(durationMax, .seconds(min(reset, 1e6))),
            refillsSteadily: false)
    }

    /// Azure says -1 where it knows nothing.
    private static func number(_ text: String?) -> Double? {
        guard let number = text.flatMap({ Double($0.trimmingCharacters(in: .whitespaces)) }),
            number.isFinite, number >= 0
        else { return nil }
        return number
    }

    /// `6m0s`, `250ms`, `1.5s`, `30` (seconds), or the moment as seconds or milliseconds since 1970.
    package static func span(_ text: String, date now: Date) -> Duration? {
        let text = text.trimmingCharacters(in: .whitespaces)
        if let number = Double(text) {
            guard number.isFinite, number >= 0 else { return nil }
            // Nobody waits thirty years: a larger number is a moment.
            if number > 1e11 { return duration(from: now, to: Date(timeIntervalSince1970: number / 1_000)) }
            if number > 1e9 { return duration(from: now, to: Date(timeIntervalSince1970: number)) }
            return min(durationMax, .seconds(min(number, 1e6)))
        }
        return units(text)
    }

    private static func units(_ text: String) -> Duration? {
        let seconds = [
            "d": 86_400.0, "h": 3_600, "m": 60, "s": 1, "ms": 0.001, "us": 0.000_001, "µs": 0.000_001,
        ]
        var total = 0.0
        var rest = Substring(text)
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isNumber || $0 == "." }
            rest = rest.dropFirst(digits.count)
            let unit = rest.prefix { $0.isLetter }
            rest = rest.dropFirst(unit.count)
            guard let number = Double(digits), let length = seconds[String(unit)] else { return nil }
            total += number * length
        }
        return text.isEmpty ? nil : min(durationMax, .seconds(min(total, 1e6)))
    }
}
