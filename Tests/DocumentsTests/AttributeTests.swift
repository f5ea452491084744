import Documents
import Foundation
import TestSupport
import Testing

struct AttributeTests {
    @Test(
        arguments: [
            ("2026-01-31", 1_769_817_600_000), ("1970-01-01T00:00:00Z", 0), ("1969-12-31T23:59:59.999Z", -1),
            ("2024-02-29t12:00:00.5z", 1_709_208_000_500),
            ("2026-01-31T09:30:00.1239-05:00", 1_769_869_800_123),
            ("0000-01-01", -62_167_219_200_000), ("9999-12-31T23:59:59.999Z", 253_402_300_799_999),
        ] as [(String, Int64)])
    func `a date is a day or a moment of RFC 3339`(text: String, expected: Int64) {
        #expect(AttributeDate.milliseconds(of: text) == expected)
    }

    @Test(arguments: [
        "", "2026", "2026-1-31", "2026-13-01", "2026-02-29", "1900-02-29", "2026-01-31T", "2026-01-31T09:30",
        "2026-01-31T09:30:00", "2026-01-31 09:30:00Z", "2026-01-31T24:00:00Z", "2026-01-31T09:30:60Z",
        "2026-01-31T09:30:00.Z", "2026-01-31T09:30:00+0100", "2026-01-31T09:30:00Z ", "+2026-01-31",
        "0000-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00", "２026-01-31",
    ])
    func `nothing else is a date`(text: String) {
        #expect(AttributeDate.milliseconds(of: text) == nil)
    }

    @Test(arguments: 1...8 as ClosedRange<UInt64>)
    func `a date's text is read as the same date, and is the one that Foundation writes`(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        for _ in 0..<500 {
            let moment = Int64.random(in: AttributeDate.bounds, using: &generator)
            let text = AttributeDate.text(milliseconds: moment)
            #expect(AttributeDate.milliseconds(of: text) == moment, "\(text)")
            // Before 1583 Foundation counts by another calendar.
            guard moment > -12_000_000_000_000 else { continue }
            let whole = moment - moment % 1_000
            let date = Date(timeIntervalSince1970: TimeInterval(whole / 1_000))
            #expect(AttributeDate.text(milliseconds: whole) == date.formatted(.iso8601))
        }
    }

    @Test(
        arguments: [
            (#""x""#, "x"), ("3.5", 3.5), ("2026", 2_026), ("true", true), (#"["a","b"]"#, ["a", "b"]),
            ("[]", []),
            (#"{"date":"2026-01-31T00:00:00Z"}"#, .date(milliseconds: 1_769_817_600_000)),
            (#""2026-01-31""#, "2026-01-31"),
        ] as [(String, AttributeValue)])
    func `a value is kept as the JSON that a person would write`(json: String, value: AttributeValue) throws {
        let encoder = JSONEncoder()
        #expect(String(decoding: try encoder.encode(value), as: UTF8.self) == json)
        #expect(try JSONDecoder().decode(AttributeValue.self, from: Data(json.utf8)) == value)
    }

    @Test(arguments: ["null", "{}", "[1]", #"{"date":"soon"}"#, #"{"date":1}"#])
    func `what is no value is not read as one`(json: String) {
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode(AttributeValue.self, from: Data(json.utf8))
        }
    }

    @Test func `a text is cut between two characters`() {
        #expect("aé".prefix(byteCount: 2) == "a")
        #expect("e\u{301}x".prefix(byteCount: 2).isEmpty)
        #expect("abc".prefix(byteCount: 3) == "abc")
    }
}
