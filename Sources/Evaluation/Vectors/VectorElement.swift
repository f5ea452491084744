/// What a file's numbers are. All are little-endian.
public enum VectorElement: String, Sendable, Codable, CaseIterable {
    case float32, float64, int32, int64, uint8

    /// Bytes of one number.
    public var byteCount: Int {
        switch self {
        case .uint8: 1
        case .float32, .int32: 4
        case .float64, .int64: 8
        }
    }

    /// Those that are read as components of vectors.
    static let components: [VectorElement] = [.float32, .float64, .uint8]

    /// Those that are read as ids.
    static let ids: [VectorElement] = [.int32, .int64]
}

/// How the rows of a file lie.
struct VectorFileLayout: Sendable, Equatable {
    var element: VectorElement
    var rowCount: Int
    var dimension: Int

    /// Where the first row begins.
    var dataOffset: Int

    /// Bytes before each row that repeat the dimension: 4 in the TEXMEX formats, 0 in the others.
    var rowHeaderBytes: Int

    var rowBytes: Int { rowHeaderBytes + dimension * element.byteCount }
    var fileBytes: Int { dataOffset + rowCount * rowBytes }
}

/// The formats, by the end of a file's name.
enum VectorFileFormat: String, CaseIterable {
    /// TEXMEX (http://corpus-texmex.irisa.fr): per row its dimension as int32, then float32, int32 or uint8.
    case fvecs, ivecs, bvecs

    /// Big-ANN benchmarks (https://big-ann-benchmarks.com): row count and dimension as uint32, then the rows.
    case fbin, ibin

    /// NumPy (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html): two-dimensional, C
    /// order.
    case npy

    init(path: String) throws(VectorFileError) {
        let ending = path.split(separator: "/").last?.split(separator: ".").last.map { $0.lowercased() }
        guard let format = ending.flatMap(Self.init(rawValue:)) else {
            throw .unknownFormat(path: path, allowed: Self.allCases.map { ".\($0.rawValue)" })
        }
        self = format
    }

    /// The element that the name alone tells; nil where the header does.
    var element: VectorElement? {
        switch self {
        case .fvecs, .fbin: .float32
        case .ivecs, .ibin: .int32
        case .bvecs: .uint8
        case .npy: nil
        }
    }
}
