import Glibc

/// What the kernel says about this process, under the names that Prometheus' own clients use.
enum ProcessMetrics {
    static func write(to text: inout MetricsText) {
        let page = sysconf(Int32(_SC_PAGESIZE))
        if let memory = numbers("/proc/self/statm"), memory.count > 1 {
            text.single("process_virtual_memory_bytes", "gauge", "\(memory[0] * page)")
            text.single("process_resident_memory_bytes", "gauge", "\(memory[1] * page)")
        }
        let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
        if let fields = statFields(), fields.count > 19 {
            // Fields 14, 15 (user and system time) and 22 (start) of proc(5), after pid and name.
            let seconds = Double(fields[11] + fields[12]) / ticks
            text.single("process_cpu_seconds_total", "counter", MetricsText.number(seconds))
            text.single("process_threads", "gauge", "\(fields[17])")
            if let boot = bootTime() {
                let start = Double(boot) + Double(fields[19]) / ticks
                text.single("process_start_time_seconds", "gauge", MetricsText.number(start))
            }
        }
        if let files = openFiles() { text.single("process_open_fds", "gauge", "\(files)") }
        var limit = rlimit()
        if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
            text.single("process_max_fds", "gauge", "\(limit.rlim_cur)")
        }
    }

    private static func content(_ path: String) -> String? {
        (try? Files.read(path)).map { String(decoding: $0, as: UTF8.self) }
    }

    private static func numbers(_ path: String) -> [Int]? {
        content(path)?.split(whereSeparator: \.isWhitespace).map { Int($0) ?? 0 }
    }

    /// The fields after the name, which stands in parentheses and may itself hold some.
    private static func statFields() -> [Int]? {
        guard let line = content("/proc/self/stat"), let end = line.lastIndex(of: ")") else { return nil }
        return line[line.index(after: end)...].split(separator: " ").map { Int($0) ?? 0 }
    }

    private static func bootTime() -> Int? {
        content("/proc/stat")?.split(separator: "\n").first { $0.hasPrefix("btime ") }
            .flatMap { Int($0.dropFirst("btime ".count)) }
    }

    private static func openFiles() -> Int? {
        guard let directory = opendir("/proc/self/fd") else { return nil }
        defer { closedir(directory) }
        var count = 0
        while let entry = readdir(directory) {
            if entry.pointee.d_name.0 != CChar(UInt8(ascii: ".")) { count += 1 }
        }
        // Without the one that this directory is read with.
        return count - 1
    }
}
