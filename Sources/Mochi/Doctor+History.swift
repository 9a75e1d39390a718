import FoundationEssentials
import Postgres
import Worker

/// Sealed history: whether it grows as it should, and agrees with itself.
extension Doctor {
    /// Days that are over and could not be sealed.
    func sealing(_ owner: Database) async -> DoctorCheck {
        do {
            let state = try await HistoryState(owner, now: Date())
            if let first = state.quarantined.first {
                return .failing(
                    "sealing",
                    "\(state.quarantined.count) days are over for three days and not sealed: \(first)",
                    "Look for a collector that does not get on (its log, mochi_loader_lag_seconds), and at the worker's log."
                )
            }
            if let first = state.failing.first {
                return .warning(
                    "sealing", "\(state.failing.count) days could not be sealed: \(first)",
                    "They are tried again.")
            }
            if let schedule = state.failedSchedules.first {
                return .warning("sealing", "the schedule \(schedule)", "It is tried again within a minute.")
            }
            return .ok("sealing", "\(state.sealed) days sealed, \(state.open) open")
        } catch {
            return .failing("sealing", sentence(for: error), "Run `mochi migrate`.")
        }
    }

    /// What the hourly recount found.
    func scrub(_ owner: Database) async -> DoctorCheck {
        do {
            let findings = try await HistoryState(owner, now: Date()).findings
            guard let first = findings.first else {
                return .ok("history", "agrees with itself, as far as it was counted again")
            }
            return .failing(
                "history", "\(findings.count) sealed days do not agree with themselves: \(first)",
                "Restore these rows of site_days from a backup; the disk or the memory may be failing.")
        } catch {
            return .failing("history", sentence(for: error), "Run `mochi migrate`.")
        }
    }
}
