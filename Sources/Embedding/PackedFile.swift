import Columnar
import Foundation
import Kernels

// A model's maps, packed: the columns of a `packed.<form>` file, version 1
// =======================================================================
//
// Derived from the weights and the calibration beside it, and good for nothing but to be mapped in place of packing
// them at each start, by every process the same pages. The container is specified in Columnar/ColumnFileFormat.swift;
// its header says kind 4 and kind version 1. The header's row count is that of the weights, its dimension the number of
// maps; its number and sequences mean nothing. The maps follow each other in the order in which the model uses them.
//
//   id  name     element           elements
//    1  key      uint8             UTF-8: which file was packed, and the form and shape of each map
//    2  weight   float32 or uint8  as the form has them: rows outputs × inputs, panels and bytes as CKernels'
//                                  ckernels_linear.h says
//    3  sum      uint32            of bytes only: each output's sum of weights, the bits of an Int32
//    4  scale    float32           of bytes only: what a whole number of an output's weights stands for
//    5  factor   float32           of bytes only: what inputs are multiplied by, where rounding is fitted to maxima
//    6  maximum  float32           of bytes only: the maxima that it is fitted to
//
// Validity: the key and the maxima are compared with what is at hand, and every checksum is computed when the file is
// opened: 42 MB in about 5 ms, a fiftieth of what packing takes, and the pages are those that the first text needs
// anyway. The weights themselves are not read for that. Their file is told by the digest that the manifest states, its
// length, and the time of its last change: who replaces it by another changes that.
//
// A file that is not there, is damaged, or belongs to other weights is replaced. Nobody is told: it is derived.
//
// History
//   1  (2026) first.
struct PackedFile {
    /// Where the file is, and what is in it.
    struct Place: Sendable {
        let url: URL

        /// Of the weights, as the model's manifest states it.
        let sha256: String

        init(_ manifest: ModelManifest, in directory: URL, precision: Precision) {
            // Machines that share a folder and want different forms do not take turns with one name.
            let form = StoredMap.Form(precision, outputCount: FloatMap.outputUnit)
            url = directory.appending(path: "packed.\(form.rawValue)")
            sha256 = manifest.weightsFile.sha256
        }
    }

    fileprivate static let kind: UInt32 = 4

    /// Counted up when the same weights are laid out or rounded in another way.
    fileprivate static let kindVersion: UInt32 = 1

    private let file: ColumnFile
    private let stored: [StoredMap]

    /// The maps, from the file if it has them; else packed, and put there for the next one.
    ///
    /// - Parameter place: nil to keep nothing.
    static func maps(of stored: [StoredMap], at place: Place?) -> [BertWeights.Map] {
        guard let place else { return stored.map { $0.packed() } }
        if let maps = try? PackedFile(stored, at: place)?.maps() { return maps }
        let maps = stored.map { $0.packed() }
        do {
            try PackedFileContent(stored, at: place).write(maps, to: place.url.path)
            // From here on in the pages that others have too.
            return try PackedFile(stored, at: place)?.maps() ?? maps
        } catch {
            // A folder that cannot be written to, a disk that is full: what is in memory is as good.
            return maps
        }
    }

    /// Nil if the file was made from something else.
    ///
    /// - Throws: what is wrong with it.
    private init?(_ stored: [StoredMap], at place: Place) throws(ColumnFileError) {
        file = try ColumnFile(opening: place.url.path)
        self.stored = stored
        let expected = PackedFileContent(stored, at: place)
        guard file.identity == expected.identity, file.columns == expected.columns else { return nil }
        try file.verify()
        guard try copy(.key, of: UInt8.self) == expected.key else { return nil }
        let maxima = expected.maxima
        if !maxima.isEmpty, try copy(.maximum, of: Float.self) != maxima { return nil }
    }

    private func maps() throws(ColumnFileError) -> [BertWeights.Map] {
        let weights = try file.handle(.weight, shape: file.identity.rowCount)
        guard stored.first?.form == .bytes else {
            var end = 0
            return stored.map { map in
                end += map.weightCount
                return map.over(MappedFloats(file: file, handle: weights, rows: end - map.weightCount..<end))
            }
        }
        return try roundedMaps(weights)
    }

    private func roundedMaps(_ weights: ColumnHandle) throws(ColumnFileError) -> [BertWeights.Map] {
        let sums = try copy(.sum, of: UInt32.self).map { Int32(bitPattern: $0) }
        let scales = try copy(.scale, of: Float.self)
        let factors = stored.allSatisfy(\.inputMaxima.isEmpty) ? [] : try copy(.factor, of: Float.self)
        var (weightEnd, outputEnd, factorEnd) = (0, 0, 0)
        return stored.map { map in
            weightEnd += map.weightCount
            outputEnd += map.outputCount
            factorEnd += map.inputMaxima.count
            let outputs = outputEnd - map.outputCount..<outputEnd
            let rounded = ByteMap.Rounded(
                weights: MappedBytes(
                    file: file, handle: weights, rows: weightEnd - map.weightCount..<weightEnd),
                sums: Array(sums[outputs]), scales: Array(scales[outputs]),
                factors: Array(factors[factorEnd - map.inputMaxima.count..<factorEnd]))
            return .bytes(ByteMap(rounded: rounded, bias: map.bias, inputCount: map.inputCount))
        }
    }

    private func copy<Element: ColumnElement>(
        _ id: ColumnID, of type: Element.Type
    ) throws(ColumnFileError) -> [Element] {
        let count = file.columns.first { $0.id == id }?.shape.rowCount ?? 0
        return try file.withColumn(id, rows: 0..<count, as: type) {
            (elements: Span<Element>) throws(ColumnFileError) -> [Element] in
            elements.indices.map { elements[$0] }
        }
    }
}

extension StoredMap {
    /// The same map with weights that lie somewhere in the form's order.
    fileprivate func over(_ weights: MappedFloats) -> BertWeights.Map {
        form == .panels
            ? .packed(FloatMap(packed: weights, bias: bias, inputCount: inputCount))
            : .floats(BertWeights.Linear(weight: weights, bias: bias, inputCount: inputCount))
    }
}

/// What the file of some maps has to hold.
private struct PackedFileContent {
    let stored: [StoredMap]
    let key: [UInt8]

    init(_ stored: [StoredMap], at place: PackedFile.Place) {
        self.stored = stored
        let source = stored.first?.weights.first?.file
        let lines =
            [
                """
                \(source?.name ?? ""): \(source?.byteCount ?? 0) bytes, changed at \
                \(source?.modifiedNanoseconds ?? 0) ns, sha256 \(place.sha256)
                """
            ] + stored.map { "\($0.form.rawValue) \($0.outputCount) × \($0.inputCount)" }
        key = Array(lines.joined(separator: "\n").utf8)
    }

    private var weightCount: Int { stored.reduce(0) { $0 + $1.weightCount } }
    private var outputCount: Int { stored.reduce(0) { $0 + $1.outputCount } }
    private var areBytes: Bool { stored.first?.form == .bytes }

    var maxima: [Float] { stored.flatMap(\.inputMaxima) }

    var identity: ColumnFileIdentity {
        ColumnFileIdentity(
            kind: PackedFile.kind, kindVersion: PackedFile.kindVersion, number: 0, rowCount: weightCount,
            dimension: UInt32(stored.count), sequences: 0...0)
    }

    var columns: [ColumnDescription] {
        var columns: [(id: ColumnID, type: ColumnElementType, count: Int)] = [
            (.key, .uint8, key.count), (.weight, areBytes ? .uint8 : .float32, weightCount),
        ]
        if areBytes {
            columns += [(.sum, .uint32, outputCount), (.scale, .float32, outputCount)]
            let maximaCount = maxima.count
            if maximaCount > 0 {
                columns += [(.factor, .float32, maximaCount), (.maximum, .float32, maximaCount)]
            }
        }
        return columns.map {
            ColumnDescription(
                id: $0.id, elementType: $0.type, shape: ColumnShape(rowCount: $0.count, rowElements: 1))
        }
    }

    /// Writes the file beside its place, then moves it there whole.
    ///
    /// Where somebody else is at it, or was when the machine stopped, his file goes, and none is made this time: the
    /// next one finds the way free. Whatever happens between two of them, a file that is not whole is not believed.
    func write(_ maps: [BertWeights.Map], to path: String) throws {
        let part = path + ".part"
        do {
            let writer = try ColumnFileWriter(creating: part, identity: identity, columns: columns)
            try writer.append(key.span, to: .key)
            for map in maps { try append(map, to: writer) }
            if !maxima.isEmpty { try writer.append(maxima.span, to: .maximum) }
            _ = try writer.finish()
            try FileMove.move(part, onto: path)
        } catch {
            try? FileManager.default.removeItem(atPath: part)
            throw error
        }
    }

    private func append(_ map: BertWeights.Map, to writer: ColumnFileWriter) throws(ColumnFileError) {
        switch map {
        case .floats(let map): try writer.append(lent: map.weight, to: .weight)
        case .packed(let map): try writer.append(lent: map.weights, to: .weight)
        case .bytes(let map):
            try writer.append(lent: map.rounded.weights, to: .weight)
            try writer.append(map.rounded.sums.map { UInt32(bitPattern: $0) }.span, to: .sum)
            try writer.append(map.rounded.scales.span, to: .scale)
            if !map.rounded.factors.isEmpty { try writer.append(map.rounded.factors.span, to: .factor) }
        }
    }
}

extension ColumnFileWriter {
    fileprivate func append<Element: ColumnElement & LentNumber>(
        lent numbers: any LentNumbers<Element>, to id: ColumnID
    ) throws(ColumnFileError) {
        var result = Result<Void, ColumnFileError>.success(())
        numbers.withNumbers { elements in
            do throws(ColumnFileError) {
                try append(elements, to: id)
            } catch {
                result = .failure(error)
            }
        }
        try result.get()
    }
}

extension ColumnFile {
    fileprivate func handle(_ id: ColumnID, shape count: Int) throws(ColumnFileError) -> ColumnHandle {
        let type = columns.first { $0.id == id }?.elementType ?? .uint8
        return try handle(id, type, ColumnShape(rowCount: count, rowElements: 1))
    }
}

extension ColumnID {
    fileprivate static let key = ColumnID(rawValue: 1)
    fileprivate static let weight = ColumnID(rawValue: 2)
    fileprivate static let sum = ColumnID(rawValue: 3)
    fileprivate static let scale = ColumnID(rawValue: 4)
    fileprivate static let factor = ColumnID(rawValue: 5)
    fileprivate static let maximum = ColumnID(rawValue: 6)
}

/// Numbers of one map in a file every checksum of which was found right.
private struct MappedFloats: LentNumbers {
    let file: ColumnFile
    let handle: ColumnHandle
    let rows: Range<Int>

    var count: Int { rows.count }

    func withNumbers(_ body: (Span<Float>) -> Void) {
        do {
            try file.withFloats(handle, rows: rows, body)
        } catch {
            preconditionFailure("\(rows) were checked before, and now: \(error)")
        }
    }
}

/// The same of bytes.
private struct MappedBytes: LentNumbers {
    let file: ColumnFile
    let handle: ColumnHandle
    let rows: Range<Int>

    var count: Int { rows.count }

    func withNumbers(_ body: (Span<UInt8>) -> Void) {
        do {
            try file.withBytes(handle, rows: rows, body)
        } catch {
            preconditionFailure("\(rows) were checked before, and now: \(error)")
        }
    }
}
