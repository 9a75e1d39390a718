import Foundation

// The JSON scanner: never reads past its bytes, and what it accepts Foundation's own reader accepts too.

func fuzzScanner(_ bytes: UnsafeRawBufferPointer) {
    var scanner = JSONScanner(bytes)
    guard let value = try? scanner.value(), (try? scanner.finish()) != nil else { return }
    let data = Data(bytes)
    guard let other = try? JSONSerialization.jsonObject(with: data, options: .fragmentsAllowed) else {
        fatalError("only the scanner takes this for JSON")
    }
    compare(value, scanner, other)
}

private func compare(_ value: JSONValue, _ scanner: JSONScanner, _ other: Any) {
    switch value {
    case .null: precondition(other is NSNull)
    case .bool(let bool): precondition(other as? Bool == bool)
    case .string(let text):
        // Bytes, not characters: two texts that are canonically equal are not the same.
        precondition(Array(text.utf8) == (other as? String).map { Array($0.utf8) })
    case .number(let range, let integer):
        guard let number = other as? NSNumber else { fatalError("not a number") }
        if let integer { precondition(number.int64Value == Int64(integer)) }
        // Foundation rounds what has many digits twice, through a Decimal.
        guard let exact = Double(scanner.text(range)), exact.isFinite else { fatalError("beyond a Double") }
        precondition(abs(exact - number.doubleValue) <= abs(exact) * 1e-9 || abs(exact) < 1e-120)
    case .object(let range):
        guard let object = JSONObject(.object(range), of: scanner), let members = other as? [String: Any]
        else {
            fatalError("not an object")
        }
        for (key, member) in members {
            guard let found = object[key] else { fatalError("a member is missing") }
            compare(found, object.scanner, member)
        }
    case .array(let range):
        guard let elements = JSONObject.elements(of: scanner.at(range)), let others = other as? [Any],
            elements.count == others.count
        else { fatalError("not an array") }
        for (one, other) in zip(elements, others) { compare(one, scanner, other) }
    }
}
