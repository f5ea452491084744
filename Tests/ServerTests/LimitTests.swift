import Engine
import Foundation
import Server
import TestSupport
import Testing

struct LimitTests {
    @Test(arguments: [false, true])
    func `a document over the limit is refused, declared or streamed, and nothing is written`(
        isStreamed: Bool
    )
        async throws
    {
        try await TestServer.run { server in
            let body = [UInt8](repeating: UInt8(ascii: "a"), count: 11 << 20)
            let reply = try await server.client.send(
                "PUT", "/v1/workspaces/mine/documents/big.txt",
                headers: [("Authorization", "Bearer \(server.mine.key(.write))")], body: body,
                isStreamed: isStreamed)
            #expect(reply.status == 413 && reply.headers["connection"] == "close")
            #expect(try TestServer.problem(reply) == "body_too_large")
            let listed = try await server.send("GET", "/v1/workspaces/mine/documents")
            #expect(!listed.text.contains("big.txt"))
        }
    }

    @Test func `a document of exactly the limit is taken`() async throws {
        try await TestServer.run { server in
            // One paragraph without a space: few passages, so that the test is quick.
            let line = String(repeating: "a", count: 1 << 20) + "\n\n"
            var body = Array(String(repeating: line, count: 10).utf8.prefix(IngestItem.byteCountMax))
            body += [UInt8](repeating: UInt8(ascii: "b"), count: IngestItem.byteCountMax - body.count)
            let headers = [("Authorization", "Bearer \(server.mine.key(.write))")]
            let target = "/v1/workspaces/mine/documents/full.txt"
            let taken = try await server.client.send(
                "PUT", target, headers: headers, body: body, isStreamed: true)
            #expect(taken.status == 201, "\(taken.text)")
            let refused = try await server.client.send(
                "PUT", target, headers: headers, body: body + [UInt8(ascii: "c")], isStreamed: true)
            #expect(refused.status == 413)
        }
    }

    @Test func `a body that takes too long is given up, and nothing is written`() async throws {
        var limits = ServerLimits()
        limits.bodyMax = .zero
        try await TestServer.run(limits: limits) { server in
            let reply = try await server.send("PUT", "/v1/workspaces/mine/documents/slow.txt", body: "text")
            #expect(reply.status == 408)
            #expect(try TestServer.problem(reply) == "body_too_slow")
            let found = try await server.send("GET", "/v1/workspaces/mine/documents/slow.txt")
            #expect(found.status == 404)
        }
    }

    @Test func `a JSON body over its own limit is refused before it is parsed`() async throws {
        try await TestServer.run { server in
            let reply = try await server.send(
                "POST", "/v1/workspaces/mine/search",
                body: #"{"query": ""# + String(repeating: "a", count: 1_100_000) + #""}"#)
            #expect(reply.status == 413)
            #expect(try TestServer.problem(reply) == "body_too_large")
        }
    }

    @Test func `a refused body that goes on for ever does not hold the connection for ever`() async throws {
        try await TestServer.run { server in
            // Declared far beyond what is read and thrown away: the answer comes, and the connection ends.
            let head = WireClient.request(
                "PUT", "/v1/workspaces/mine/documents/endless.txt",
                headers: [
                    ("Authorization", "Bearer \(server.mine.key(.write))"),
                    ("Content-Length", "1000000000000"),
                ])
            let sent = head + [UInt8](repeating: UInt8(ascii: "a"), count: 40 << 20)
            let received = try await server.client.exchange(sent)
            if !received.isEmpty { #expect(try WireClient.reply(in: received).status == 413) }
            #expect(try await server.client.send("GET", "/livez").status == 200)
        }
    }

    @Test func `a client that takes nothing of its answers is cut off, and makes room for others`()
        async throws
    {
        var limits = ServerLimits()
        limits.connectionsMax = 1
        limits.stallMax = .milliseconds(50)
        try await TestServer.run(limits: limits) { server in
            let requests = (0..<2_000).flatMap { _ in WireClient.request("GET", "/openapi.json") }
            let end = try await server.client.sendWithoutReading(requests)
            // The only connection is taken: this one waits in the system's queue until the other is gone.
            #expect(try await server.client.send("GET", "/livez").status == 200)
            end()
        }
    }

    @Test(arguments: ["close", "Close", "keep-alive, CLOSE"])
    func `a client that wants the connection closed is told that it is`(word: String) async throws {
        try await TestServer.run { server in
            let reply = try await server.send("GET", "/livez", headers: [("Connection", word)])
            #expect(reply.status == 200 && reply.headers["connection"] == "close")
        }
    }

    @Test func `headers over the limit are refused with a problem`() async throws {
        try await TestServer.run { server in
            let long = ("X-Long", String(repeating: "a", count: 40_000))
            let many = (0..<150).map { ("X-\($0)", "a") }
            for headers in [[long], many] {
                let reply = try await server.client.send("GET", "/livez", headers: headers)
                #expect(reply.status == 431)
                #expect(try TestServer.problem(reply) == "headers_too_large")
            }
        }
    }

    @Test
    func
        `beyond its share of requests a workspace is told to come again, and others and health still answer`()
        async throws
    {
        let embedder = HeldEmbedder()
        var limits = ServerLimits()
        // A workspace's share is half.
        limits.requestsMax = 6
        try await TestServer.run(limits: limits, embedder: embedder) { server in
            embedder.hold()
            try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<3 {
                    group.addTask {
                        try await server.send(
                            "POST", "/v1/workspaces/mine/search", body: #"{"query": "alpha"}"#
                        ).status
                    }
                }
                await embedder.arrived(3)
                let other = try await server.send(
                    "GET", "/v1/workspaces/theirs", key: server.theirs.key(.read))
                #expect(other.status == 200, "one workspace starves another")
                let turnedAway = try await server.send("GET", "/v1/workspaces/mine")
                #expect(turnedAway.status == 503 && turnedAway.headers["retry-after"] == "1")
                #expect(try TestServer.problem(turnedAway) == "overloaded")
                #expect(try await server.client.send("GET", "/readyz").status == 200)
                embedder.release()
                for try await status in group { #expect(status == 200) }
            }
            #expect(try await server.send("GET", "/v1/workspaces/mine").status == 200)
        }
    }

    @Test func `beyond the uploads held at once, others wait for a place, and searches go on`() async throws {
        let embedder = HeldEmbedder()
        var limits = ServerLimits()
        limits.uploadsMax = 1
        limits.uploadsWaitingMax = 1
        try await TestServer.run(limits: limits, embedder: embedder) { server in
            embedder.hold()
            try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<3 {
                    group.addTask {
                        try await server.send(
                            "PUT", "/v1/workspaces/mine/documents/u\(number).txt", body: "text \(number)"
                        ).status
                    }
                }
                await embedder.arrived(1)
                // One is inside, one waits, one is turned away: whichever came last.
                let turnedAway = try await group.next()
                #expect(turnedAway == 503)
                embedder.release()
                while let status = try await group.next() { #expect(status == 201) }
            }
        }
    }
}

struct AdmissionGateTests {
    @Test func `one tenant gets its share and no more, and leaves the rest to others`() async throws {
        let gate = AdmissionGate(countMax: 4, share: 2, waitingMax: 4, waitMax: .seconds(600))
        let held = (0..<3).map { _ in AsyncStream.makeStream(of: Void.self) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for stream in held {
                group.addTask { try await gate.run(for: "greedy") { for await _ in stream.stream { break } } }
                while gate.counts.inside + gate.counts.waiting < 1 { await Task.yield() }
            }
            while gate.counts != (2, 1) { await Task.yield() }
            // There is room, and somebody waits; another tenant walks past.
            try await gate.run(for: "other") { #expect(gate.counts == (3, 1)) }
            #expect(gate.counts == (2, 1))
            for stream in held { stream.continuation.yield() }
            try await group.waitForAll()
        }
        #expect(gate.counts == (0, 0))
    }

    @Test func `who waits is let in, in order, as others leave`() async throws {
        let gate = AdmissionGate(countMax: 1, waitingMax: 8, waitMax: .seconds(600))
        let (order, entered) = AsyncStream.makeStream(of: Int.self)
        let held = AsyncStream.makeStream(of: Void.self)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await gate.run { for await _ in held.stream { break } } }
            while gate.counts.inside == 0 { await Task.yield() }
            for number in 0..<8 {
                group.addTask { try await gate.run { _ = entered.yield(number) } }
                while gate.counts.waiting <= number { await Task.yield() }
            }
            await #expect(throws: ServerError.overloaded(countMax: 1)) { try await gate.run {} }
            held.continuation.yield()
            try await group.waitForAll()
        }
        entered.finish()
        #expect(await order.reduce(into: []) { $0.append($1) } == Array(0..<8))
        #expect(gate.counts == (0, 0))
    }

    @Test func `who has waited too long, or was cancelled, is turned away and leaves no place taken`()
        async throws
    {
        let gate = AdmissionGate(countMax: 1, waitingMax: 8, waitMax: .milliseconds(1))
        let held = AsyncStream.makeStream(of: Void.self)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await gate.run { for await _ in held.stream { break } } }
            while gate.counts.inside == 0 { await Task.yield() }
            await #expect(throws: ServerError.overloaded(countMax: 1)) { try await gate.run {} }
            #expect(gate.counts == (1, 0))
            held.continuation.yield()
            try await group.waitForAll()
        }
        let patient = AdmissionGate(countMax: 1, waitingMax: 8, waitMax: .seconds(600))
        let other = AsyncStream.makeStream(of: Void.self)
        let inside = Task { try await patient.run { for await _ in other.stream { break } } }
        while patient.counts.inside == 0 { await Task.yield() }
        let waiting = Task { try await patient.run {} }
        while patient.counts.waiting == 0 { await Task.yield() }
        waiting.cancel()
        await #expect(throws: ServerError.overloaded(countMax: 1)) { try await waiting.value }
        #expect(patient.counts == (1, 0))
        other.continuation.yield()
        try await inside.value
        #expect(patient.counts == (0, 0))
    }
}
