import FoundationEssentials

/// The files that come with the program.
enum Files {
    struct Missing: Error, CustomStringConvertible {
        let description: String
    }

    /// Every file below a directory, by its path from there.
    static func all(in directory: String) throws -> [(path: String, bytes: [UInt8])] {
        // The slash makes it follow a link to a directory.
        guard let paths = try? FileManager.default.subpathsOfDirectory(atPath: directory + "/"),
            !paths.isEmpty
        else {
            throw Missing(description: "The directory \(directory) is empty or cannot be read.")
        }
        return try paths.sorted().compactMap { path in
            var isDirectory = false
            let whole = "\(directory)/\(path)"
            guard FileManager.default.fileExists(atPath: whole, isDirectory: &isDirectory), !isDirectory
            else {
                return nil
            }
            guard let data = FileManager.default.contents(atPath: whole) else {
                throw Missing(description: "The file \(whole) cannot be read.")
            }
            return (path, Array(data))
        }
    }
}
