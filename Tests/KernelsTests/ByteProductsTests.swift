import Kernels
import TestSupport
import Testing

@Suite struct ByteProductsTests {
    static let dimensions = [1, 2, 3, 4, 5, 7, 9, 16, 33, 63, 100, 384, 511, 768, 1_535, 1_536]
    static let sets = InstructionSet.available

    @Test(arguments: dimensions, sets)
    func `every set gives the scalar twin's products`(dimension: Int, set: InstructionSet) {
        var random = SplitMix64(seed: UInt64(dimension))
        for groupCount in [0, 1, 3, 4, 5, 9] {
            let matrix = Matrix(rowCount: groupCount * ByteProducts.groupRows, dimension: dimension) { _, _ in
                UInt8.random(in: 0...255, using: &random)
            }
            let vector = matrix.padded(
                (0..<dimension).map { _ in Int8.random(in: -127...127, using: &random) })
            #expect(matrix.products(with: vector, set) == matrix.products(with: vector, .scalar))
        }
    }

    @Test(arguments: sets)
    func `products at the ends of the ranges are exact`(set: InstructionSet) {
        for dimension in [1, 4, 1_536] {
            for component in [Int8(-127), 127] {
                for byte in [UInt8(0), 255] {
                    let matrix = Matrix(rowCount: 16, dimension: dimension) { _, _ in byte }
                    let vector = matrix.padded([Int8](repeating: component, count: dimension))
                    let expected = Int32(dimension) * (Int32(byte) - 128) * Int32(component)
                    #expect(matrix.products(with: vector, set).allSatisfy { $0 == expected })
                }
            }
        }
    }

    @Test(arguments: [1, 5, 30, 384])
    func `a product is the sum over the components, the matrix less 128`(dimension: Int) {
        var random = SplitMix64(seed: 2)
        let vector = (0..<dimension).map { _ in Int8.random(in: -127...127, using: &random) }
        let rows = (0..<19).map { _ in (0..<dimension).map { _ in UInt8.random(in: 0...255, using: &random) }
        }
        let matrix = Matrix(rowCount: rows.count, dimension: dimension) { rows[$0][$1] }
        let found = matrix.products(with: matrix.padded(vector), .scalar)
        for (row, product) in zip(rows, found) {
            #expect(product == zip(row, vector).reduce(Int32(0)) { $0 + (Int32($1.0) - 128) * Int32($1.1) })
        }
    }

    @Test(arguments: dimensions, sets)
    func `products with rows here and there are the sums over their components`(
        dimension: Int, set: InstructionSet
    ) {
        var random = SplitMix64(seed: UInt64(dimension))
        let vector = (0..<dimension).map { _ in Int8.random(in: -127...127, using: &random) }
        let rows = (0..<(9 * dimension)).map { _ in UInt8.random(in: 0...255, using: &random) }
        let positions: [UInt32] = [8, 0, 3, 3, 7, 1, 8]
        var products = [Int32](repeating: -1, count: 8)
        var room = products.mutableSpan
        ByteProducts.gathered(
            of: vector.span, against: rows.span, at: positions.span, count: 7, into: &room, using: set)
        for (position, product) in zip(positions, products) {
            let row = rows[(Int(position) * dimension)...].prefix(dimension)
            #expect(product == zip(row, vector).reduce(0) { $0 + (Int32($1.0) - 128) * Int32($1.1) })
        }
        #expect(products[7] == -1)
    }

    @Test func `rows are rounded to the nearest whole number of a unit, ties to even, and kept within 127`() {
        let values: [Float] = [0, 0.5, 1.5, -1.5, 2.49, -2.51, 127, -127, 300, -.infinity, 126.5]
        var bytes = [UInt8](repeating: 0, count: values.count)
        var room = bytes.mutableSpan
        ByteProducts.round(values.span, unit: 1, into: &room)
        #expect(bytes.map { Int($0) - 128 } == [0, 0, 2, -2, 2, -3, 127, -127, 127, -127, 126])
        room = bytes.mutableSpan
        ByteProducts.round(values.span, unit: 0, into: &room)
        #expect(bytes.prefix(9).allSatisfy { $0 == 128 })
    }

    @Test(arguments: dimensions)
    func `a quantised vector stays within half a step of the vector, and within 127`(dimension: Int) {
        var random = SplitMix64(seed: UInt64(dimension))
        for scale in [Float(1e-30), 1, 1e30] {
            let vector = random.floats(dimension).map { $0 * scale }
            let (bytes, step) = quantized(vector, padding: 3)
            #expect(bytes.allSatisfy { $0 >= -127 } && bytes.map(abs).max() == 127)
            for (component, byte) in zip(vector, bytes) {
                #expect(abs(Float(byte) * step - component) <= step * 0.5001)
            }
            #expect(bytes.suffix(3) == [0, 0, 0])
        }
    }

    @Test(arguments: [Float(0), -0.0, .leastNonzeroMagnitude, .leastNormalMagnitude / 2])
    func `a vector of next to nothing becomes zero`(component: Float) {
        let (bytes, step) = quantized([component, component], padding: 0)
        #expect(bytes == [0, 0] && step == 0)
    }

    private func quantized(_ vector: [Float], padding: Int) -> ([Int8], Float) {
        var bytes = [Int8](repeating: 99, count: vector.count + padding)
        var room = bytes.mutableSpan
        let step = QueryTables.quantize(vector.span, into: &room)
        return (bytes, step)
    }
}

private struct Matrix {
    let shape: ByteProducts.Shape
    var bytes: [UInt8]

    init(rowCount: Int, dimension: Int, _ component: (Int, Int) -> UInt8) {
        shape = ByteProducts.Shape(rowCount: rowCount, dimension: dimension)
        bytes = [UInt8](repeating: 128, count: shape.byteCount)
        for row in 0..<rowCount {
            for i in 0..<dimension { bytes[shape.offset(row: row, component: i)] = component(row, i) }
        }
    }

    func padded(_ vector: [Int8]) -> [Int8] {
        vector + [Int8](repeating: 0, count: shape.paddedDimension - vector.count)
    }

    func products(with vector: [Int8], _ set: InstructionSet) -> [Int32] {
        var products = [Int32](repeating: 0, count: shape.paddedRowCount)
        var room = products.mutableSpan
        ByteProducts.products(of: vector.span, with: bytes.span, shape: shape, into: &room, using: set)
        return products
    }
}
