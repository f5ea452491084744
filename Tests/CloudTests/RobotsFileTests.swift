import Cloud
import Testing

struct RobotsFileTests {
    private func allows(_ path: String, _ text: String) -> Bool {
        RobotsFile(Array(text.utf8), for: "carrel").allows(path)
    }

    /// The examples of RFC 9309, sections 5.1 and 5.2, and its rules for matching in 2.2.2 and 2.2.3.
    @Test(arguments: [
        ("/", "", true), ("/a", "User-agent: *\nDisallow: /\n", false),
        ("/a", "User-agent: *\nDisallow:\n", true),
        ("/a", "User-agent: other\nDisallow: /\n", true),
        (
            "/example/page/disallowed.gif",
            "user-agent: carrel\nallow: /example/page/\ndisallow: /example/page/disallowed.gif\n", false
        ),
        (
            "/example/page/x",
            "User-Agent: *\nDisallow: *.gif$\nDisallow: /example/\nUser-Agent: carrel\nAllow: /example/\n",
            true
        ),
        ("/a.gif", "User-agent: *\nDisallow: *.gif$\n", false),
        ("/a.gif?x", "User-agent: *\nDisallow: *.gif$\n", true),
        ("/this/x/exactly", "User-agent: *\nDisallow: /this/*/exactly\n", false),
        ("/a", "User-agent: *\nAllow: /a\nDisallow: /a\n", true),
        ("/foo/bar/ツ", "User-agent: *\nDisallow: /foo/bar/%E3%83%84\n", false),
        ("/foo/bar/%E3%83%84", "User-agent: *\nDisallow: /foo/bar/ツ\n", false),
        ("/~x", "User-agent: *\nDisallow: /%7Ex\n", false),
        ("/a%3cd", "User-agent: *\nDisallow: /a%3Cd\n", false),
        ("/robots.txt", "User-agent: *\nDisallow: /\n", true),
        ("/a", "User-agent: x\nUser-agent: CARREL/2.0\nDisallow: /a # why\n", false),
        ("/b", "User-agent: carrel\nDisallow: /a\n\nUser-agent: carrel\nDisallow: /b\n", false),
        ("/a", "User-agent: carrel\nSitemap: http://x/\nDisallow: /a\n", false),
        ("/a", "Disallow: /a\n", true), ("/a", "\u{feff}User-agent: *\r\nDisallow: /a\r\n", false),
    ])
    func `a path is allowed as the RFC says`(path: String, text: String, isAllowed: Bool) {
        #expect(allows(path, text) == isAllowed)
    }

    @Test func `what stands behind the bound is not read`() {
        let text = "User-agent: *\n" + String(repeating: "#\n", count: 300_000) + "Disallow: /\n"
        #expect(allows("/a", text))
    }

    @Test func `a pattern made to be slow is not`() {
        let pattern = String(repeating: "*a", count: 500) + "b"
        let elapsed = ContinuousClock().measure {
            #expect(
                allows("/" + String(repeating: "a", count: 2_000), "User-agent: *\nDisallow: \(pattern)\n"))
        }
        #expect(elapsed < .seconds(5), "observed 0.01 s")
    }
}
