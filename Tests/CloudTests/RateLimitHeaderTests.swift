import Cloud
import Foundation
import Testing

struct RateLimitHeaderTests {
    /// 2023-11-14 22:13:20 GMT.
    private static let date = Date(timeIntervalSince1970: 1_700_000_000)

    private func read(_ headers: [String: String]) -> RateLimitHeaders {
        RateLimitHeaders(headers, date: Self.date)
    }

    @Test(arguments: [
        (["retry-after": "7"], Duration.seconds(7)),
        (["retry-after": "0.25"], .milliseconds(250)),
        (["retry-after": "0"], .zero),
        (["retry-after": "Tue, 14 Nov 2023 22:14:20 GMT"], .seconds(60)),
        // The provider's own clock is what its date is by.
        (
            ["retry-after": "Tue, 14 Nov 2023 23:00:09 GMT", "date": "Tue, 14 Nov 2023 23:00:00 GMT"],
            .seconds(9)
        ),
        (["retry-after": "Tue, 14 Nov 2023 22:00:00 GMT"], .zero),
        (["retry-after-ms": "1500", "retry-after": "2"], .milliseconds(1_500)),
        (["x-ms-retry-after-ms": "20"], .milliseconds(20)),
        (["retry-after": "99999999"], .seconds(86_400)),
    ])
    func `when to come back is read in seconds, milliseconds and as a date`(
        headers: [String: String], expected: Duration
    ) {
        #expect(read(headers).retryAfter == expected)
    }

    @Test(arguments: ["", "soon", "-3", "nan", "inf", "14 Nov 2023", "Tue, 99 Nov 2023 22:14:20 GMT"])
    func `what is no time to come back is none`(text: String) {
        #expect(read(["retry-after": text]).retryAfter == nil)
    }

    @Test(arguments: [
        "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
    ])
    func `a date of HTTP is read in each of its three forms`(text: String) {
        #expect(HTTPDate.date(text) == Date(timeIntervalSince1970: 784_111_777))
    }

    @Test(arguments: [
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0), ("Sat, 29 Feb 2020 12:00:00 GMT", 1_582_977_600),
        ("Fri, 31 Dec 1999 23:59:59 GMT", 946_684_799), ("Wed, 01 Mar 2000 00:00:00 GMT", 951_868_800),
    ])
    func `days are counted as the calendar counts them`(text: String, seconds: Double) {
        #expect(HTTPDate.date(text)?.timeIntervalSince1970 == seconds)
    }

    @Test(arguments: [
        ("6m0s", Duration.seconds(360)), ("250ms", .milliseconds(250)), ("1.5s", .milliseconds(1_500)),
        ("1h2m3s", .seconds(3_723)), ("30", .seconds(30)), ("1700000012", .seconds(12)),
        ("1700000012500", .milliseconds(12_500)),
    ])
    func `a reset is read as a span or as a moment`(text: String, expected: Duration) {
        #expect(RateLimitHeaders.span(text, date: Self.date) == expected)
    }

    @Test(arguments: ["", "s", "5x", "1s2", "-1", "never"])
    func `what is no span is none`(text: String) {
        #expect(RateLimitHeaders.span(text, date: Self.date) == nil)
    }

    @Test func `OpenAI's allowances are read, and Azure's that mean nothing are not`() {
        let headers = read([
            "x-ratelimit-remaining-requests": "59", "x-ratelimit-limit-requests": "60",
            "x-ratelimit-reset-requests": "1s", "x-ratelimit-remaining-tokens": "149984",
            "x-ratelimit-limit-tokens": "150000", "x-ratelimit-reset-tokens": "6ms",
        ])
        #expect(
            headers.requests
                == .init(remaining: 59, limit: 60, reset: .seconds(1), refillsSteadily: true))
        #expect(
            headers.tokens
                == .init(remaining: 149_984, limit: 150_000, reset: .milliseconds(6), refillsSteadily: true))
        let azure = read([
            "x-ratelimit-remaining-tokens": "-1", "x-ratelimit-limit-tokens": "-1",
            "x-ratelimit-reset-tokens": "0",
        ])
        #expect(azure.tokens == nil && azure.requests == nil)
    }

    @Test(arguments: [
        ["ratelimit": #""default";r=50;t=30"#], ["ratelimit": "limit=100, remaining=50, reset=30"],
        ["ratelimit-remaining": "50", "ratelimit-reset": "30"],
        ["x-ratelimit-remaining": "50", "x-ratelimit-reset": "1700000030"],
    ])
    func `allowances of the draft standard and of those before it are read`(headers: [String: String]) {
        let found = read(headers).requests
        #expect(found?.remaining == 50 && found?.reset == .seconds(30))
    }
}

struct RateWindowTests {
    @Test func `what is left may be used at once, and then what has come back`() {
        var window = RateWindow(
            .init(remaining: 10, limit: 60, reset: .seconds(50), refillsSteadily: true), now: .zero)
        #expect(window.wait(for: 10, now: .zero) == nil)
        window.use(10)
        // One a second, and fifty that are missing after fifty seconds.
        #expect(window.wait(for: 5, now: .zero) == .seconds(25.0 / 6 * 1))
        #expect(window.wait(for: 5, now: .seconds(5)) == nil)
        #expect(window.wait(for: 1_000, now: .zero) == .seconds(50))
        #expect(window.wait(for: 1_000, now: .seconds(50)) == nil)
    }

    @Test func `an allowance that comes back all at once is waited for to its end`() {
        var window = RateWindow(
            .init(remaining: 1, limit: 100, reset: .seconds(9), refillsSteadily: false), now: .seconds(1))
        #expect(window.wait(for: 1, now: .seconds(2)) == nil)
        window.use(1)
        #expect(window.wait(for: 1, now: .seconds(2)) == .seconds(10))
    }

    @Test func `a header is not believed for longer than a minute`() {
        let window = RateWindow(
            .init(remaining: 0, limit: nil, reset: .seconds(80_000), refillsSteadily: true), now: .zero)
        #expect(window.wait(for: 1, now: .zero) == .seconds(60))
    }
}
