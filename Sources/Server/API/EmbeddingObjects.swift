import Engine
import Foundation
import NIOCore
import NIOFoundationCompat

/// How a vector is written.
enum VectorFormat: String, Sendable, CaseIterable {
    /// An array of numbers, each the shortest that reads back as the same Float32.
    case float

    /// The memory of the Float32 values, little-endian.
    case base64
}

/// Texts to be embedded, as OpenAI's API has them.
struct EmbeddingsObject: RequestObject {
    var model: String
    var input: InputValue
    var encodingFormat: String?
    var dimensions: Int?

    /// Whom the request is for, by the caller's own name: read, and not used.
    var user: String?
    var inputType: String?

    enum CodingKeys: String, CodingKey, CaseIterable {
        case model, input, dimensions, user
        case encodingFormat = "encoding_format"
        case inputType = "input_type"
    }

    /// - Throws: `ServerError.fieldInvalid`.
    func request() throws(ServerError) -> EmbeddingRequest {
        EmbeddingRequest(
            model: model, inputs: input.inputs,
            purpose: try Self.choice(inputType, of: .document, "/input_type"), dimension: dimensions)
    }

    /// - Throws: `ServerError.fieldInvalid`.
    func format() throws(ServerError) -> VectorFormat {
        try Self.choice(encodingFormat, of: .float, "/encoding_format")
    }

    private static func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ text: String?, of fallback: Choice, _ pointer: String
    ) throws(ServerError) -> Choice {
        guard let text else { return fallback }
        guard let choice = Choice(rawValue: text) else {
            let names = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            throw .fieldInvalid(pointer: pointer, expected: names)
        }
        return choice
    }

    static let schemaName = "Embeddings"
    static let fields = [
        Field("model", .string("The model's id, of `GET /v1/models`."), example: "all-minilm-l6-v2"),
        Field(
            "input",
            .anyOf(
                """
                What is embedded: up to \(EmbeddingRequest.inputCountBounds.upperBound) inputs, none empty, none \
                longer than the model's window, and up to \(EmbeddingRequest.tokensMax) tokens together. What is \
                longer is refused, not cut.
                """,
                [
                    .string("One text."), .array("Texts.", .string("")),
                    .array("One text, as token ids of the model's vocabulary.", .integer("", 0...Int.max)),
                    .array("Texts, as token ids.", .array("", .integer("", 0...Int.max))),
                ]),
            example: "The generator starts by itself when the wind drops."),
        Field(
            "encoding_format",
            .choice(
                "`float` (if absent): numbers. `base64`: the bytes of the Float32 values, little-endian.",
                VectorFormat.allCases.map(\.rawValue)),
            isRequired: false),
        Field(
            "dimensions",
            .integer("The model's own dimension, which is the only one it has.", 1...Int.max),
            isRequired: false),
        Field("user", .string("The caller's name for its own user; not used."), isRequired: false),
        Field(
            "input_type",
            .choice(
                "What the vectors are for, which some models must know; `document` if absent. Not in OpenAI's API.",
                EmbeddingRequest.Purpose.allCases.map(\.rawValue)),
            isRequired: false),
    ]
}

/// `input`: a text, texts, or tokens in their place.
struct InputValue: Decodable, Sendable {
    var inputs: [EmbeddingRequest.Input]

    /// Whether it was one input and no list of them.
    var isAlone: Bool

    private static let expectation =
        "a text, texts, token ids, or lists of token ids"

    init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if let text = try? value.decode(String.self) {
            (inputs, isAlone) = ([.text(text)], true)
            return
        }
        let pointer = JSONPointer.text(decoder.codingPath)
        guard var list = try? decoder.unkeyedContainer() else {
            throw ServerError.fieldInvalid(pointer: pointer, expected: Self.expectation)
        }
        // The first says what all must be.
        if list.isAtEnd {
            (inputs, isAlone) = ([], false)
        } else if (try? list.decode(String.self)) != nil {
            (inputs, isAlone) = (try value.decode([String].self).map { .text($0) }, false)
        } else if (try? list.decode(Int.self)) != nil {
            (inputs, isAlone) = ([.tokens(try value.decode(TokenList.self).ids)], true)
        } else if (try? list.nestedUnkeyedContainer()) != nil {
            (inputs, isAlone) = (try value.decode([TokenList].self).map { .tokens($0.ids) }, false)
        } else {
            throw ServerError.fieldInvalid(pointer: pointer + "/0", expected: Self.expectation)
        }
    }
}

/// Token ids. Of a number that is none, the decoder says not where it stands, and in an error of its own.
private struct TokenList: Decodable {
    let ids: [Int]

    init(from decoder: any Decoder) throws {
        do {
            ids = try decoder.singleValueContainer().decode([Int].self)
        } catch {
            throw ServerError.fieldInvalid(
                pointer: Self.placeOfFault(in: decoder), expected: "token ids, which are whole numbers")
        }
    }

    private static func placeOfFault(in decoder: any Decoder) -> String {
        let pointer = JSONPointer.text(decoder.codingPath)
        guard var list = try? decoder.unkeyedContainer() else { return pointer }
        while (try? list.decode(Int.self)) != nil {}
        return pointer + "/\(list.currentIndex)"
    }
}

/// Vectors as OpenAI's API has them. Written by hand: a coder takes many times as long for numbers.
struct EmbeddingsResultObject: Sendable, APIObject {
    enum CodingKeys: String, CodingKey, CaseIterable {
        case object, data, model, usage
    }

    let response: EmbeddingResponse
    let format: VectorFormat

    /// - Throws: never, for a model's id is text.
    func json() throws -> ByteBuffer {
        let model = try JSONEncoder().encode(response.model)
        var buffer = ByteBuffer()
        let rowBytes = format == .float ? 13 * response.dimension : 16 * response.dimension / 3
        buffer.reserveCapacity(response.rowCount * (rowBytes + 64) + 256)
        buffer.writeStaticString("{\"object\":\"list\",\"data\":[")
        for row in 0..<response.rowCount {
            if row > 0 { buffer.writeStaticString(",") }
            buffer.writeString("{\"object\":\"embedding\",\"index\":\(row),\"embedding\":")
            switch format {
            case .float: writeNumbers(of: row, to: &buffer)
            case .base64: writeBytes(of: row, to: &buffer)
            }
            buffer.writeStaticString("}")
        }
        buffer.writeStaticString("],\"model\":")
        buffer.writeBytes(model)
        let tokens = response.tokenCount
        buffer.writeString(",\"usage\":{\"prompt_tokens\":\(tokens),\"total_tokens\":\(tokens)}}\n")
        return buffer
    }

    private func writeNumbers(of row: Int, to buffer: inout ByteBuffer) {
        let start = row * response.dimension
        buffer.writeStaticString("[")
        for index in start..<start + response.dimension {
            if index > start { buffer.writeStaticString(",") }
            // The shortest decimal that reads back as the same Float32.
            buffer.writeString(response.values[index].description)
        }
        buffer.writeStaticString("]")
    }

    private func writeBytes(of row: Int, to buffer: inout ByteBuffer) {
        let start = row * response.dimension
        var bytes: [UInt8] = []
        bytes.reserveCapacity(4 * response.dimension)
        for index in start..<start + response.dimension {
            let bits = response.values[index].bitPattern
            bytes.append(UInt8(truncatingIfNeeded: bits))
            bytes.append(UInt8(truncatingIfNeeded: bits >> 8))
            bytes.append(UInt8(truncatingIfNeeded: bits >> 16))
            bytes.append(UInt8(truncatingIfNeeded: bits >> 24))
        }
        buffer.writeStaticString("\"")
        buffer.writeBytes(Data(bytes).base64EncodedData())
        buffer.writeStaticString("\"")
    }

    static let schemaName = "EmbeddingsResult"
    static let fields = [
        Field("object", .choice("", ["list"])),
        Field(
            "data",
            .array(
                "One for each input, in order.",
                .object(
                    "",
                    [
                        Field("object", .choice("", ["embedding"])),
                        Field("index", .integer("Which input.", 0...Int.max)),
                        Field(
                            "embedding",
                            .anyOf(
                                "A vector of length 1, in the form that was asked for.",
                                [.array("", .number("")), .string("")])),
                    ]))),
        Field("model", .string("The model that made them.")),
        Field(
            "usage",
            .object(
                "",
                [
                    Field(
                        "prompt_tokens",
                        .integer("Tokens that the model read, its special ones included.", 0...Int.max)),
                    Field("total_tokens", .integer("The same.", 0...Int.max)),
                ])),
    ]
}
