// What a stored event takes, and how quickly days are folded, written and read: see README.md.
let numbers = CommandLine.arguments.dropFirst().compactMap { Int($0) }
try Measurement(events: numbers.first ?? 33_000, days: numbers.dropFirst().first ?? 30).run()
