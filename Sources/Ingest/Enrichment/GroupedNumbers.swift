/// Numbers that people write in groups: `+49 170 1234567`, `4111 1111 1111 1111`, `123-45-6789`.
enum GroupedNumbers {
    static func masked(_ text: String) -> String {
        text.withBytes { bytes -> String? in
            guard bytes.contains(where: { $0.isDigit }) else { return nil }
            var result: [UInt8] = []
            var copied = 0
            var index = 0
            while index < bytes.count {
                let byte = bytes[index]
                guard byte == UInt8(ascii: "+") || byte.isDigit,
                    index == 0 || !bytes[index - 1].isLetterOrDigit
                else {
                    index += 1
                    continue
                }
                let end = groupsEnd(bytes, from: index)
                if isPersonal(UnsafeBufferPointer(rebasing: bytes[index..<end])) {
                    result += bytes[copied..<index]
                    result.append(PersonalData.mask)
                    copied = end
                }
                index = max(end, index + 1)
            }
            guard copied > 0 else { return nil }
            return String(decoding: result + bytes[copied...], as: UTF8.self)
        } ?? text
    }

    /// Where digits, and single marks between them, end.
    private static func groupsEnd(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        var end = start + 1
        var index = end
        while index < bytes.count {
            let byte = bytes[index]
            if byte.isDigit {
                end = index + 1
            } else if index > end || !isMark(byte) {
                // `) ` and ` (` are the two marks that stand together.
                guard isMark(byte), index == end + 1, byte == 0x28 || byte == 0x20 else { break }
            }
            index += 1
        }
        return end
    }

    private static func isMark(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x20, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "("), UInt8(ascii: ")"): true
        default: false
        }
    }

    private static func isPersonal(_ number: UnsafeBufferPointer<UInt8>) -> Bool {
        // The shortest is `+` and eight digits.
        if number.count < 9 { return false }
        let digits = number.reduce(0) { $0 + ($1.isDigit ? 1 : 0) }
        if number[0] == UInt8(ascii: "+") { return digits >= 8 }
        var shape: [Int] = [0]
        for byte in number {
            if byte.isDigit { shape[shape.count - 1] += 1 } else { shape.append(0) }
        }
        return shape == [4, 4, 4, 4] || shape == [3, 2, 4] && number[3] == UInt8(ascii: "-")
    }
}
