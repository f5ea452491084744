import Columnar
import Testing

@Suite struct XXH64Tests {
    /// The reference implementation's own sanity check (xxHash 0.8, cli/xsum_sanity_check.c).
    static let sanity: [(length: Int, seed: UInt64, checksum: UInt64)] = [
        (0, 0, 0xEF46_DB37_51D8_E999), (0, 2_654_435_761, 0xAC75_FDA2_929B_17EF),
        (1, 0, 0xE934_A84A_DB05_2768), (1, 2_654_435_761, 0x5014_6076_43A9_B4C3),
        (4, 0, 0x9136_A0DC_A574_57EE), (14, 0, 0x8282_DCC4_994E_35C8),
        (14, 2_654_435_761, 0xC3BD_6BF6_3DEB_6DF0), (222, 0, 0xB641_AE8C_B691_C174),
        (222, 2_654_435_761, 0x20CB_8AB7_AE10_C14A),
    ]

    @Test(arguments: sanity)
    func `checksums equal the reference implementation's`(length: Int, seed: UInt64, checksum: UInt64) {
        var state: UInt64 = 2_654_435_761
        var bytes: [UInt8] = []
        for _ in 0..<length {
            bytes.append(UInt8(state >> 56))
            state &*= 11_400_714_785_074_694_797
        }
        #expect(XXH64.checksum(bytes.span, seed: seed) == checksum)
    }

    @Test func `checksums of texts equal the published ones`() {
        #expect(XXH64.checksum(Array("a".utf8).span) == 0xD24E_C4F1_A98C_6E5B)
        #expect(XXH64.checksum(Array("abc".utf8).span) == 0x44BC_2CF5_AD77_0999)
    }

    @Test func `every bit of inputs up to 100 bytes matters`() {
        for length in 1...100 {
            var bytes = [UInt8](repeating: 0x5A, count: length)
            let checksum = XXH64.checksum(bytes.span)
            for bit in 0..<(8 * length) {
                bytes[bit / 8] ^= 1 << UInt8(bit % 8)
                #expect(XXH64.checksum(bytes.span) != checksum)
                bytes[bit / 8] ^= 1 << UInt8(bit % 8)
            }
        }
    }
}
