import Foundation
import TestSupport

/// A file of cases that lies beside the repository where the project is built; nil, and a line in the report, where
/// it is not there.
func sharedCases<Case: Decodable>(_ name: String, _ key: String = "cases", of type: Case.Type = Case.self)
    throws -> [Case]?
{
    guard let data = shared("cases/\(name).json") else {
        print("cases/\(name).json is not here: skipped")
        return nil
    }
    let object = try JSONSerialization.jsonObject(with: data) as? [String: Any]
    let cases = try JSONSerialization.data(withJSONObject: object?[key] ?? [])
    return try JSONDecoder().decode([Case].self, from: cases)
}
