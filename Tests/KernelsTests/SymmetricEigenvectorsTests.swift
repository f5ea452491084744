import Kernels
import TestSupport
import Testing

@Suite struct SymmetricEigenvectorsTests {
    static let orders = [1, 2, 3, 7, 16, 65, 200]

    @Test(arguments: orders)
    func `the matrix stretches each vector by its value`(order: Int) throws {
        let matrix = symmetric(order)
        let found = try #require(SymmetricEigenvectors(of: matrix, order: order))
        let size = found.values.map(abs).max() ?? 0
        for (index, value) in found.values.enumerated() {
            let vector = found.vectors[index * order..<(index + 1) * order]
            for row in 0..<order {
                let product = dot(matrix[row * order..<(row + 1) * order], vector)
                let expected = Double(value) * Double(vector[vector.startIndex + row])
                #expect(abs(product - expected) <= 1e-5 * Double(size) * Double(order).squareRoot())
            }
        }
    }

    @Test(arguments: orders)
    func `vectors have length 1 and stand upright on each other`(order: Int) throws {
        let found = try #require(SymmetricEigenvectors(of: symmetric(order), order: order))
        for i in 0..<order {
            for j in 0...i {
                let product = dot(
                    found.vectors[i * order..<(i + 1) * order], found.vectors[j * order..<(j + 1) * order])
                #expect(abs(product - (i == j ? 1 : 0)) <= 1e-5)
            }
        }
    }

    @Test(arguments: orders)
    func `values descend, and their sum is the matrix's trace`(order: Int) throws {
        let matrix = symmetric(order)
        let found = try #require(SymmetricEigenvectors(of: matrix, order: order))
        #expect(found.values.count == order && found.values == found.values.sorted(by: >))
        let trace = (0..<order).reduce(0.0) { $0 + Double(matrix[$1 * order + $1]) }
        let sum = found.values.reduce(0.0) { $0 + Double($1) }
        #expect(abs(sum - trace) <= 1e-4 * Double(order))
    }

    @Test func `a diagonal matrix's vectors are the axes, the greatest first`() throws {
        let found = try #require(SymmetricEigenvectors(of: [2, 0, 0, 0, 5, 0, 0, 0, -1], order: 3))
        #expect(found.values == [5, 2, -1])
        #expect(found.vectors.map(abs) == [0, 1, 0, 1, 0, 0, 0, 0, 1])
    }

    @Test func `nothing below the diagonal is read`() throws {
        let upper: [Float] = [1, 2, 3, .nan, 4, 5, .nan, .nan, 6]
        let whole: [Float] = [1, 2, 3, 2, 4, 5, 3, 5, 6]
        let found = try #require(SymmetricEigenvectors(of: upper, order: 3))
        let expected = try #require(SymmetricEigenvectors(of: whole, order: 3))
        #expect(found.values == expected.values && found.vectors == expected.vectors)
    }

    private func symmetric(_ order: Int) -> [Float] {
        var random = SplitMix64(seed: UInt64(order))
        var matrix = random.floats(order * order)
        for row in 0..<order {
            for column in 0..<row { matrix[row * order + column] = matrix[column * order + row] }
        }
        return matrix
    }

    private func dot(_ a: ArraySlice<Float>, _ b: ArraySlice<Float>) -> Double {
        zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
}
