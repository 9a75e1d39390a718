import Glibc

/// Tab-separated text, as PostgreSQL and ClickHouse read it.
struct TSVFile {
    struct Failure: Error {
        let path: String
    }

    private let file: UnsafeMutablePointer<FILE>

    init(_ path: String) throws {
        guard let file = fopen(path, "w") else { throw Failure(path: path) }
        self.file = file
    }

    func write(_ values: [String]) {
        var line: [UInt8] = []
        for value in values {
            if !line.isEmpty { line.append(UInt8(ascii: "\t")) }
            for byte in value.utf8 {
                switch byte {
                case UInt8(ascii: "\t"): line += [UInt8(ascii: "\\"), UInt8(ascii: "t")]
                case UInt8(ascii: "\n"): line += [UInt8(ascii: "\\"), UInt8(ascii: "n")]
                case UInt8(ascii: "\\"): line += [UInt8(ascii: "\\"), UInt8(ascii: "\\")]
                default: line.append(byte)
                }
            }
        }
        line.append(UInt8(ascii: "\n"))
        fwrite(line, 1, line.count, file)
    }

    func close() {
        fclose(file)
    }
}
