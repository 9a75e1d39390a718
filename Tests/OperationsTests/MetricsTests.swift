import Metrics
import Operations
import Testing

@Suite struct MetricsTests {
    /// The lines of the program's own families, without those of the process.
    func lines(_ registry: MetricsRegistry) -> [String] {
        registry.text().split(separator: "\n").map(String.init).filter { line in
            !line.contains("process_") && !line.contains("mochi_build_info")
                && !line.contains("mochi_metrics_refused_total")
        }
    }

    @Test func `each kind of metric has its type, its unit and its labels`() {
        let registry = MetricsRegistry()
        Counter(
            label: "http.requests", dimensions: [("status", "200"), ("route", "/\"a\\b\n")], factory: registry
        )
        .increment(by: 3)
        Counter(label: "http.requests", dimensions: [("status", "404")], factory: registry).increment()
        Counter(label: "http.requests", dimensions: [("status", "404")], factory: registry).increment()
        Meter(label: "queue-length", factory: registry).set(7)
        Recorder(label: "batch_rows", factory: registry).record(10)
        Recorder(label: "batch_rows", factory: registry).record(2.5)
        #expect(
            lines(registry) == [
                "# TYPE batch_rows summary", "batch_rows_sum 12.5", "batch_rows_count 2",
                "# TYPE http_requests_total counter",
                #"http_requests_total{route="/\"a\\b\n",status="200"} 3"#,
                #"http_requests_total{status="404"} 2"#,
                "# TYPE queue_length gauge", "queue_length 7",
            ])
    }

    @Test func `a timer is a histogram in seconds whose buckets add up`() {
        let registry = MetricsRegistry()
        let timer = Timer(label: "request_seconds", dimensions: [("a", "b")], factory: registry)
        timer.recordMilliseconds(1)
        timer.recordMilliseconds(30)
        timer.recordSeconds(120)
        let lines = lines(registry)
        #expect(lines.first == "# TYPE request_seconds histogram")
        #expect(lines.contains(#"request_seconds_bucket{a="b",le="0.001"} 1"#))
        #expect(lines.contains(#"request_seconds_bucket{a="b",le="0.05"} 2"#))
        #expect(lines.contains(#"request_seconds_bucket{a="b",le="60"} 2"#))
        #expect(
            lines.suffix(3) == [
                #"request_seconds_bucket{a="b",le="+Inf"} 3"#, #"request_seconds_sum{a="b"} 120.031"#,
                #"request_seconds_count{a="b"} 3"#,
            ])
    }

    @Test func `one name has one type`() {
        let registry = MetricsRegistry()
        Meter(label: "things", factory: registry).set(1)
        Recorder(label: "things", factory: registry).record(2)
        #expect(lines(registry) == ["# TYPE things gauge", "things 1"])
        #expect(registry.text().contains("\nmochi_metrics_refused_total 1\n"))
    }

    @Test func `a label with too many values does not fill the memory`() {
        let registry = MetricsRegistry()
        for number in 0..<6_000 {
            Counter(label: "visits", dimensions: [("n", "\(number)")], factory: registry).increment()
        }
        #expect(lines(registry).count == 5_001)
    }

    @Test(arguments: ["process_resident_memory_bytes", "process_cpu_seconds_total", "process_open_fds"])
    func `the process reports itself`(name: String) throws {
        let line = try #require(
            MetricsRegistry().text().split(separator: "\n").first { $0.hasPrefix(name + " ") })
        #expect(try #require(line.split(separator: " ").last.flatMap { Double($0) }) >= 0)
    }
}
