import Foundation
import TestSupport
import Testing

struct ConfigTests {
    private let folder: TemporaryFolder
    private let carrel: Command

    init() throws {
        folder = try TemporaryFolder()
        carrel = Command(dataDirectory: folder.url.appending(path: "data"))
    }

    private func check(
        file: String? = nil, environment: [String: String] = [:], _ flags: String...
    ) throws -> Command.Result {
        let named = try file.map { ["--config", try folder.write($0, to: "carrel.yaml").path] } ?? []
        return try carrel.run(["config", "check"] + named + flags, environment: environment)
    }

    @Test
    func `flags come before the environment, the environment before the file, the file before the rest`()
        throws
    {
        let result = try check(
            file: "http:\n  host: 127.0.0.2\n  port: 1001\n  uploads: 3\n",
            environment: ["CARREL_HTTP_HOST": "127.0.0.3", "CARREL_HTTP_IDLE_SECONDS": "9"])
        #expect(result.exitCode == 0, "\(result.errors)")
        func line(_ setting: String) -> String {
            result.output.split(separator: "\n").first { $0.hasPrefix(setting + " ") }.map(String.init) ?? ""
        }
        #expect(line("http.host").hasSuffix("127.0.0.3  (CARREL_HTTP_HOST)"))
        #expect(line("http.port").hasSuffix("1001  (carrel.yaml)"))
        #expect(line("http.uploads").hasSuffix("3  (carrel.yaml)"))
        #expect(line("http.idle-seconds").hasSuffix("9  (CARREL_HTTP_IDLE_SECONDS)"))
        #expect(line("http.requests").hasSuffix("(default)"))
        let flagged = try check(
            environment: ["CARREL_MODEL": "/nowhere"], "--model", "Models/all-minilm-l6-v2")
        #expect(flagged.output.contains("Models/all-minilm-l6-v2  (--model)"), "\(flagged.output)")
    }

    @Test func `everything that is wrong is said at once, each with where it stands and what is allowed`()
        throws
    {
        let result = try check(
            file: "http:\n  prot: 1\n  port: 70000\nlog:\n  level: loud\n",
            environment: [
                "CARREL_HTTP_UPLOADS": "none", "CARREL_HTTP_PROT": "1", "CARREL_SEARCH_RECALL_SAMPLING": "2",
                "CARREL_EMBEDDER_SHAPE": "ollama", "CARREL_EMBEDDER_PRICE": "-1",
                "CARREL_EMBEDDER_TEXTS_PER_CALL": "2049", "CARREL_RERANKER_SHAPE": "ollama",
                "CARREL_RERANKER_DEADLINE_SECONDS": "61",
            ])
        #expect(result.exitCode == 1)
        for words in [
            "sets 'http.prot', which is no setting; did you mean 'http.port'?",
            "http.port (carrel.yaml): found '70000', expected a whole number from 0 to 65535",
            "log.level (carrel.yaml): found 'loud', expected trace, debug, info",
            "http.uploads (CARREL_HTTP_UPLOADS): found 'none', expected a whole number from 1 to 1024",
            "search.recall-sampling (CARREL_SEARCH_RECALL_SAMPLING): found '2', expected a number from 0 to 1",
            "embedder.shape (CARREL_EMBEDDER_SHAPE): found 'ollama', expected openai, azure, cohere, voyage",
            "reranker.shape (CARREL_RERANKER_SHAPE): found 'ollama', expected cohere, jina, tei",
            "reranker.deadline-seconds (CARREL_RERANKER_DEADLINE_SECONDS): found '61', expected a whole number from",
            "embedder.price (CARREL_EMBEDDER_PRICE): found '-1', expected a number from 0 to 1000000",
            "embedder.texts-per-call (CARREL_EMBEDDER_TEXTS_PER_CALL): found '2049', expected a whole number from 1",
            "sets 'CARREL_HTTP_PROT', which is no setting; did you mean 'CARREL_HTTP_PORT'?",
        ] {
            #expect(result.errors.contains(words), "missing: \(words)\n\(result.errors)")
        }
    }

    @Test func `secrets are not shown, not even wrong ones`() throws {
        let result = try check(environment: [
            "CARREL_EMBEDDER_KEY": "sesame-open", "CARREL_EMBEDDER_PROXY": "socks5://me:sesame@proxy",
            "CARREL_EMBEDDER_URL": "https://me:sesame@x.test/?key=sesame", "CARREL_EMBEDDER_MODEL": "m",
            "CARREL_EMBEDDER_DIMENSION": "8",
        ])
        #expect(result.exitCode == 1 && result.errors.contains("the proxy of the embeddings API"))
        #expect(result.output.contains("embedder.key") && result.output.contains("(set)"))
        #expect(result.output.contains("embedder.url               https://x.test/?…  (CARREL_EMBEDDER_URL)"))
        #expect(!(result.output + result.errors).contains("sesame"))
    }

    @Test(arguments: [
        ("http: [", "cannot be read"), ("- a\n- b\n", "cannot be read"),
        ("http:\n  port: [1]\n", "one value"),
    ])
    func `a file that is no configuration is refused with its name`(text: String, words: String) throws {
        let result = try check(file: text)
        #expect(result.exitCode != 0 && result.errors.contains(words), "\(result.errors)")
        #expect(result.errors.contains("carrel.yaml"))
    }

    @Test func `a file that is not there, or a setting that is wrong, stops every command`() throws {
        let missing = try carrel.run("admin", "list", "--config", "/nowhere/carrel.yaml")
        #expect(missing.exitCode == 2 && missing.errors.contains("/nowhere/carrel.yaml cannot be read"))
        let wrong = try carrel.run(["serve", "--port", "70000"])
        #expect(
            wrong.exitCode == 2 && wrong.errors.contains("http.port (--port): found '70000'"),
            "\(wrong.errors)")
    }

    @Test func `a key's file that cannot be read is named, and so is a certificate's`() throws {
        let remote = [
            "--embedder-url", "https://x.test/v1", "--embedder-model", "m", "--embedder-dimension", "8",
        ]
        let key = try carrel.run(
            ["config", "check"] + remote, environment: ["CARREL_EMBEDDER_KEY_FILE": "/nowhere/key"])
        #expect(key.exitCode == 1 && key.errors.contains("cannot be read from /nowhere/key"), "\(key.errors)")
        let certificate = try carrel.run(
            ["config", "check"] + remote, environment: ["CARREL_EMBEDDER_CA_FILE": "/nowhere/ca.pem"])
        #expect(certificate.errors.contains("embedder.ca-file: /nowhere/ca.pem cannot be read"))
        let well = try carrel.run(["config", "check"] + remote)
        #expect(well.exitCode == 0 && well.output.contains("all well"), "\(well.errors)")
    }

    @Test func `the embeddings API wants all three of its settings`() throws {
        let result = try carrel.run(
            "search", "x", "--workspace", "w", "--embedder-url", "http://127.0.0.1:1/")
        #expect(
            result.exitCode == 2 && result.errors.contains("embedder.model is missing"), "\(result.errors)")
    }

    // MARK: The reranker

    @Test func `the reranker's secrets are not shown, not even wrong ones, and its faults are said of it`()
        throws
    {
        let result = try check(environment: [
            "CARREL_RERANKER_KEY": "sesame-open", "CARREL_RERANKER_PROXY": "socks5://me:sesame@proxy",
            "CARREL_RERANKER_URL": "https://me:sesame@x.test/?key=sesame",
        ])
        #expect(result.exitCode == 1)
        #expect(
            result.errors.contains("reranker: the proxy of the reranking API: expected"), "\(result.errors)")
        #expect(result.output.contains("reranker.url               https://x.test/?…  (CARREL_RERANKER_URL)"))
        #expect(result.output.contains("reranker.deadline-seconds  5  (default)"))
        #expect(!(result.output + result.errors).contains("sesame"))
        let address = try check(environment: ["CARREL_RERANKER_URL": "https://me:sesame@x.test/"])
        #expect(address.errors.contains("reranker.url: found 'x.test/'"), "\(address.errors)")
        #expect(!address.errors.contains("sesame"))
    }

    @Test func `the reranking API wants its model, unless it is of a kind that serves one`() throws {
        let missing = try check("--reranker-url", "https://api.jina.ai")
        #expect(
            missing.exitCode == 1 && missing.errors.contains("reranker.model is missing"), "\(missing.errors)"
        )
        let url = try check("--reranker-shape", "tei")
        #expect(url.exitCode == 1 && url.errors.contains("reranker.url is missing"), "\(url.errors)")
        for flags in [
            ["--reranker-url", "https://api.jina.ai", "--reranker-model", "m"],
            ["--reranker-url", "http://127.0.0.1:1"],
            ["--reranker-url", "http://127.0.0.1:1/v2", "--reranker-shape", "tei"],
        ] {
            let well = try carrel.run(["config", "check"] + flags)
            #expect(well.exitCode == 0 && well.output.contains("all well"), "\(well.errors)")
        }
        let key = try carrel.run(
            ["config", "check", "--reranker-url", "http://127.0.0.1:1"],
            environment: ["CARREL_RERANKER_KEY_FILE": "/nowhere/key"])
        #expect(
            key.exitCode == 1
                && key.errors.contains("the key of the reranking API cannot be read from /nowhere/key"),
            "\(key.errors)")
    }

    @Test func `a local model that is not there, or is for something else, is no reranker`() throws {
        let unknown = try check("--reranker-model", "no-such-model")
        #expect(
            unknown.exitCode == 1 && unknown.errors.contains("reranker: there is no model 'no-such-model'"))
        let other = try check("--reranker-model", "all-minilm-l6-v2")
        #expect(
            other.exitCode == 1 && other.errors.contains("task is embed, expected rerank"), "\(other.errors)")
    }
}
