package import CoreMetrics
import Synchronization

/// swift-metrics' back end: remembers every series and writes them as Prometheus text.
///
/// A label `http.requests` becomes `http_requests`; a counter's name ends in `_total`, a timer's in `_seconds`.
package final class MetricsRegistry: MetricsFactory {
    /// The one that ``bootstrap()`` installs and `/metrics` shows.
    package static let shared = MetricsRegistry()

    /// Once for a process.
    package static func bootstrap() {
        MetricsSystem.bootstrap(shared)
    }

    /// Series beyond this are counted and not kept: a label that should not have had so many values must not
    /// fill the memory.
    static let mostSeries = 5_000

    private struct Family {
        let kind: String
        var series: [Labels: any Instrument] = [:]
    }
    private struct State {
        var families: [String: Family] = [:]
        var count = 0
        var refused = 0
    }
    private let state = Mutex(State())
    private var nothing: NOOPMetricsHandler { NOOPMetricsHandler.instance }

    package init() {}

    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        instrument(label, "_total", "counter", dimensions) { CounterInstrument() } ?? nothing
    }

    package func makeFloatingPointCounter(
        label: String, dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        instrument(label, "_total", "counter", dimensions) { CounterInstrument() } ?? nothing
    }

    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        instrument(label, "", "gauge", dimensions) { GaugeInstrument() } ?? nothing
    }

    package func makeRecorder(
        label: String, dimensions: [(String, String)], aggregate: Bool
    ) -> any RecorderHandler {
        if aggregate {
            instrument(label, "", "summary", dimensions) { SummaryInstrument() } ?? nothing
        } else {
            instrument(label, "", "gauge", dimensions) { GaugeInstrument() } ?? nothing
        }
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        instrument(label, "_seconds", "histogram", dimensions) { HistogramInstrument() } ?? nothing
    }

    // A series stays when its last user lets go of it: a counter that vanished would look like a restart.
    package func destroyCounter(_ handler: any CounterHandler) {}
    package func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
    package func destroyMeter(_ handler: any MeterHandler) {}
    package func destroyRecorder(_ handler: any RecorderHandler) {}
    package func destroyTimer(_ handler: any TimerHandler) {}

    /// The series of that name and labels, made on first use; nil when the name is taken by another kind, or
    /// when there are too many series.
    private func instrument<Kept: Instrument>(
        _ label: String, _ suffix: String, _ kind: String, _ dimensions: [(String, String)],
        _ make: @Sendable () -> Kept
    ) -> Kept? {
        var name = MetricsText.metricName(label)
        if !name.hasSuffix(suffix) { name += suffix }
        let labels = Labels(dimensions)
        return state.withLock { state in
            var family = state.families[name] ?? Family(kind: kind)
            if let known = family.series[labels] {
                if let known = known as? Kept { return known }
            } else if family.kind == kind, state.count < MetricsRegistry.mostSeries {
                let new = make()
                family.series[labels] = new
                state.families[name] = family
                state.count += 1
                return new
            }
            state.refused += 1
            return nil
        }
    }

    /// Everything as Prometheus text, version 0.0.4, families and series in order.
    package func text() -> String {
        let (families, refused) = state.withLock { ($0.families, $0.refused) }
        var text = MetricsText()
        text.single("mochi_build_info", "gauge", "1", Labels([("version", Version.current)]))
        text.single("mochi_metrics_refused_total", "counter", "\(refused)")
        ProcessMetrics.write(to: &text)
        for (name, family) in families.sorted(by: { $0.key < $1.key }) {
            text.family(name, family.kind)
            let series = family.series.map { (labels: $0.key, order: $0.key.text, instrument: $0.value) }
            for one in series.sorted(by: { $0.order < $1.order }) {
                one.instrument.write(name, one.labels, to: &text)
            }
        }
        return text.text
    }
}
