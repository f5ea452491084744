/// What the door itself refuses, before or beside the product.
package enum ServerError: Error, Sendable, Equatable {
    case malformedRequest(reason: String)
    case headersTooLarge(byteCountMax: Int)
    case targetTooLong(byteCount: Int, byteCountMax: Int)
    case methodUnknown(String)
    case methodNotAllowed(found: String, allowed: [String])
    case routeNotFound

    case keyMissing

    /// A page in a browser that is nobody's whom the operator named.
    case originForbidden(found: String)

    case parameterUnknown(name: String, allowed: [String])
    case parameterInvalid(name: String, found: String, expected: String)
    case headerInvalid(name: String, expected: String)
    case cursorInvalid

    case bodyTooLarge(byteCountMax: Int)
    case bodyIncomplete
    case bodyTooSlow(secondsMax: Int64)
    case mediaTypeUnsupported(found: String, allowed: [String])
    case encodingUnsupported(found: String)
    case multipartInvalid(reason: String)
    case jsonInvalid(reason: String)
    case fieldUnknown(pointer: String, allowed: [String])
    case fieldInvalid(pointer: String, expected: String)

    /// What came as a message of MCP is none, or none that is served.
    case message(MessageFault)

    /// More requests, or uploads, than are served at once.
    case overloaded(countMax: Int)
}
