import CoreMetrics
import Synchronization

/// Something that counts or measures, under one name and one set of labels, and writes its samples.
protocol Instrument: AnyObject, Sendable {
    func write(_ family: String, _ labels: Labels, to text: inout MetricsText)
}

final class CounterInstrument: CounterHandler, FloatingPointCounterHandler, Instrument {
    private let whole = Atomic<Int64>(0)
    private let fraction = Mutex<Double>(0)

    func increment(by amount: Int64) {
        if amount > 0 { whole.wrappingAdd(amount, ordering: .relaxed) }
    }

    func increment(by amount: Double) {
        if amount > 0, amount.isFinite { fraction.withLock { $0 += amount } }
    }

    func reset() {
        whole.store(0, ordering: .relaxed)
        fraction.withLock { $0 = 0 }
    }

    func write(_ family: String, _ labels: Labels, to text: inout MetricsText) {
        let fraction = fraction.withLock { $0 }
        let whole = whole.load(ordering: .relaxed)
        if fraction == 0 {
            text.sample(family, labels, "\(whole)")
        } else {
            text.sample(family, labels, MetricsText.number(Double(whole) + fraction))
        }
    }
}

/// A meter, or a recorder that keeps the last value only.
final class GaugeInstrument: MeterHandler, RecorderHandler, Instrument {
    private let value = Mutex<Double>(0)

    func set(_ new: Int64) { value.withLock { $0 = Double(new) } }
    func set(_ new: Double) { value.withLock { $0 = new } }
    func increment(by amount: Double) { value.withLock { $0 += amount } }
    func decrement(by amount: Double) { value.withLock { $0 -= amount } }
    func record(_ new: Int64) { set(new) }
    func record(_ new: Double) { set(new) }

    func write(_ family: String, _ labels: Labels, to text: inout MetricsText) {
        text.sample(family, labels, MetricsText.number(value.withLock { $0 }))
    }
}

/// A recorder that aggregates: how many values, and their sum. Its unit is unknown here, so it has no buckets.
final class SummaryInstrument: RecorderHandler, Instrument {
    private let state = Mutex<(count: Int, sum: Double)>((0, 0))

    func record(_ value: Int64) { record(Double(value)) }
    func record(_ value: Double) {
        state.withLock { state in
            state.count += 1
            state.sum += value
        }
    }

    func write(_ family: String, _ labels: Labels, to text: inout MetricsText) {
        let state = state.withLock { $0 }
        text.sample(family + "_sum", labels, MetricsText.number(state.sum))
        text.sample(family + "_count", labels, "\(state.count)")
    }
}

/// A timer: a histogram in seconds.
final class HistogramInstrument: TimerHandler, Instrument {
    /// In nanoseconds, with the label that Prometheus gets.
    static let buckets: [(bound: Int64, label: String)] = [
        (100_000, "0.0001"), (500_000, "0.0005"), (1_000_000, "0.001"), (2_500_000, "0.0025"),
        (5_000_000, "0.005"), (10_000_000, "0.01"), (25_000_000, "0.025"), (50_000_000, "0.05"),
        (100_000_000, "0.1"), (250_000_000, "0.25"), (500_000_000, "0.5"), (1_000_000_000, "1"),
        (2_500_000_000, "2.5"), (5_000_000_000, "5"), (10_000_000_000, "10"), (60_000_000_000, "60"),
    ]

    private struct State {
        var counts = [Int](repeating: 0, count: HistogramInstrument.buckets.count + 1)
        var nanoseconds = 0.0
    }
    private let state = Mutex(State())

    func recordNanoseconds(_ duration: Int64) {
        let duration = max(duration, 0)
        let index = HistogramInstrument.buckets.firstIndex { duration <= $0.bound }
        state.withLock { state in
            state.counts[index ?? HistogramInstrument.buckets.count] += 1
            state.nanoseconds += Double(duration)
        }
    }

    func write(_ family: String, _ labels: Labels, to text: inout MetricsText) {
        let state = state.withLock { $0 }
        var total = 0
        for (index, bucket) in HistogramInstrument.buckets.enumerated() {
            total += state.counts[index]
            text.sample(family + "_bucket", labels.adding("le", bucket.label), "\(total)")
        }
        total += state.counts[HistogramInstrument.buckets.count]
        text.sample(family + "_bucket", labels.adding("le", "+Inf"), "\(total)")
        text.sample(family + "_sum", labels, MetricsText.number(state.nanoseconds / 1_000_000_000))
        text.sample(family + "_count", labels, "\(total)")
    }
}
