import Auth
import Foundation
import Postgres
import TestSupport
import Testing

@testable import Ingest

/// The cases of three peers' clients that lie beside the repository, against a whole collector. What differs on
/// purpose is listed with each, and why in docs/compatibility.md.
@Suite struct SharedEventCases {
    /// A file of cases; nil, and said, when it is not here.
    static func cases(_ name: String) throws -> [String: Any]? {
        guard let data = shared("cases/\(name)") else {
            print("cases/\(name) is not here: skipped")
            return nil
        }
        return try JSONSerialization.jsonObject(with: data) as? [String: Any]
    }

    static func object(_ text: String) -> [String: Any] {
        (try? JSONSerialization.jsonObject(with: Data(text.utf8))) as? [String: Any] ?? [:]
    }

    /// Compared as values: the order of a dictionary's members means nothing.
    static func isEqual(_ one: Any?, _ other: Any?) -> Bool {
        switch (one, other) {
        case (nil, nil): true
        case (let one?, let other?):
            NSDictionary(dictionary: ["": one]) == NSDictionary(dictionary: ["": other])
        default: false
        }
    }

    /// An address of its own for each case, so that none repeats another.
    static func visitor(_ number: Int) -> String { "198.51.\(100 + number / 250).\(number % 250 + 1)" }
}
