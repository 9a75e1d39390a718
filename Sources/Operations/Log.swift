import Glibc
package import Logging

/// One event, one line, on standard error; swift-log's back end for every process.
package enum Log {
    /// Once for a process; afterwards every `Logger` writes with the process's name.
    package static func bootstrap(_ configuration: Configuration, process: String) {
        let format = configuration.logFormat
        let level = configuration.logLevel
        LoggingSystem.bootstrap { label in
            LineLogHandler(label: label, process: process, format: format, logLevel: level)
        }
    }
}

/// Writes each event with one system call, so that lines of several processes on one pipe stay whole.
package struct LineLogHandler: LogHandler {
    package var metadata: Logger.Metadata = [:]
    package var metadataProvider: Logger.MetadataProvider?
    package var logLevel: Logger.Level

    private let label: String
    private let process: String
    private let format: Configuration.LogFormat
    private let write: @Sendable ([UInt8]) -> Void

    package init(
        label: String, process: String, format: Configuration.LogFormat, logLevel: Logger.Level,
        write: @escaping @Sendable ([UInt8]) -> Void = { try? Files.writeAll($0, to: STDERR_FILENO) }
    ) {
        self.label = label
        self.process = process
        self.format = format
        self.logLevel = logLevel
        self.write = write
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        var fields = metadata
        if let provided = metadataProvider?.get() { fields.merge(provided) { $1 } }
        if let own = event.metadata { fields.merge(own) { $1 } }
        if let error = event.error { fields["error"] = "\(error)" }

        var line = LogLine(format)
        line.append("time", LogTime.now())
        line.append("level", event.level.rawValue)
        line.append("process", process)
        if label != process { line.append("logger", label) }
        line.append("msg", event.message.description)
        for (key, value) in fields.sorted(by: { $0.key < $1.key }) {
            line.append(LogLine.reserved.contains(key) ? "_" + key : key, value)
        }
        write(line.finished())
    }
}

/// The moment of an event as `2026-11-21T03:30:00.123Z`.
enum LogTime {
    static func now() -> String {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return text(seconds: time.tv_sec, milliseconds: time.tv_nsec / 1_000_000)
    }

    static func text(seconds: Int, milliseconds: Int) -> String {
        var seconds = time_t(seconds)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        let date = "\(parts.tm_year + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))"
        let time = "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))"
        let fraction = "\(1000 + milliseconds)".dropFirst()
        return "\(date)T\(time).\(fraction)Z"
    }

    private static func two(_ number: Int32) -> String {
        number < 10 ? "0\(number)" : "\(number)"
    }
}
