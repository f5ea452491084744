import Engine

/// What the server takes of anybody. Every bound is one that a client can meet, and its answer names it.
package struct ServerLimits: Sendable, Hashable {
    /// Connections beyond this wait in the system's own queue.
    package var connectionsMax = 1_024

    /// Requests answered at once, health checks aside. More are refused with `overloaded`: a queue as long as
    /// this is already seconds of searching.
    package var requestsMax = 256

    /// Uploads whose bodies are held in memory at once: 8 × 10 MiB and what parsing makes of them.
    package var uploadsMax = 8

    /// Uploads that wait for one of these to end, their bodies unread, and for how long.
    package var uploadsWaitingMax = 128
    package var uploadWaitMax = Duration.seconds(30)

    /// Large requests for embeddings that are held in memory at once, each with up to 4 MiB of JSON and the 50 MB that
    /// reading it may take, 3 MB of vectors and 9 MB of answer.
    package var embeddingsMax = 8

    /// Such requests that wait for one of these to end, their bodies unread, and for how long.
    package var embeddingsWaitingMax = 128
    package var embeddingWaitMax = Duration.seconds(30)

    /// Streams of events that are open at once.
    package var streamsMax = 256

    /// How often a stream looks for news, and says that it is alive.
    package var streamTimes = StreamTimes()

    /// Pages in browsers that may speak to `/mcp`, beside those of this machine: origins as browsers write them.
    package var originsAllowed: [String] = []

    /// A connection on which nothing arrives for this long is closed.
    package var idleMax = Duration.seconds(75)

    /// A body takes this long at most: 10 MiB at 35 KB/s.
    package var bodyMax = Duration.seconds(300)

    /// A client that takes nothing of its answer for this long is cut off.
    package var stallMax = Duration.seconds(75)

    /// After a stop is asked for, running requests have this long to finish.
    package var shutdownMax = Duration.seconds(30)

    package init() {}

    /// What one workspace may take of the requests and of the uploads, so that it does not starve the others.
    static func share(of countMax: Int) -> Int { max(countMax / 2, 1) }

    /// An address: a document's path of 1,024 bytes, each escaped, fits with room to spare.
    static let targetBytesMax = 8_192

    /// Header fields together: a key and what proxies add take about 2 KiB.
    static let headerBytesMax = 32_768
    static let headerFieldsMax = 100

    /// A JSON body: the longest query, every character escaped, fits.
    static let jsonBytesMax = 1_048_576

    /// Texts to embed: 300,000 tokens of 13 bytes. English has five a token, an escaped emoji twelve.
    static let embeddingsBytesMax = 4 * 1_048_576

    /// A body that is read without asking whether there is room for it: some thousand words.
    static let smallBodyBytesMax = 16_384

    /// Numbers of an answer that are written where the request is served: half a millisecond.
    static let smallAnswerNumbersMax = 8_192

    /// A stream or an archive of documents: it goes to the disk first.
    static let importBytesMax = 256 * 1_048_576

    /// Documents of one import, and with them the lines of its answer: some 3 MB.
    static let importDocumentsMax = 10_000

    /// Bytes that are written to the disk at a time.
    static let spoolBytes = 1_048_576

    /// A document as it is uploaded.
    static let documentBytesMax = IngestItem.byteCountMax

    /// A form with documents: held in memory as it comes. Whoever has more sends an archive.
    static let formBytesMax = 32 * 1_048_576

    /// Documents of a form.
    static let formDocumentsMax = 50

    /// After an answer to a request whose body was not read whole, this much of the rest is read and thrown
    /// away, so that the client gets to see the answer.
    static let lingerBytesMax = 16 * 1_048_576
    static let lingerMax = Duration.seconds(2)

    /// A body with less than this to come is read to its end instead of closing the connection.
    static let drainBytesMax = 65_536
}

/// The rhythm of a stream of events.
package struct StreamTimes: Sendable, Hashable {
    /// Between two looks at the Store, 20 microseconds each.
    package var look = Duration.milliseconds(250)

    /// After so long without an event a comment is sent.
    package var heartbeat = Duration.seconds(15)

    package init() {}
}
