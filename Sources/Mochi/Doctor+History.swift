import FoundationEssentials
import Postgres
import Worker

/// Sealed history: whether it grows as it should, and agrees with itself.
extension Doctor {
    /// Days that are over and could not be sealed.
    func sealing(_ owner: Database) async -> DoctorCheck {
        do {
            let state = try await HistoryState(owner, now: Date())
            if !state.quarantined.isEmpty {
                return .failing(
                    "sealing", "over for three days and not sealed: \(some(state.quarantined))",
                    "Look at the collectors (their logs, mochi_loader_lag_seconds) and at the worker's log.")
            }
            if !state.failing.isEmpty {
                return .warning(
                    "sealing", "could not be sealed: \(some(state.failing))", "It is tried again.")
            }
            if !state.failedSchedules.isEmpty {
                return .warning("sealing", some(state.failedSchedules), "It is tried again within a minute.")
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
            guard !findings.isEmpty else {
                return .ok("history", "agrees with itself where it was counted again")
            }
            return .failing(
                "history", "does not agree with itself: \(some(findings))",
                "Restore these rows of site_days from a backup; the disk or the memory may be failing.")
        } catch {
            return .failing("history", sentence(for: error), "Run `mochi migrate`.")
        }
    }

    private func some(_ list: [String]) -> String {
        list.prefix(3).joined(separator: "; ") + (list.count > 3 ? "; and others" : "")
    }
}
