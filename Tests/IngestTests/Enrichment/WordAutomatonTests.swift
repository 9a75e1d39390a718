import Testing

@testable import Ingest

struct WordAutomatonTests {
    private func found(_ patterns: [String], _ text: String) -> [String] {
        let automaton = WordAutomaton(patterns)
        var found: [String] = []
        text.withBytes { automaton.scan($0) { word, end in found.append("\(patterns[word])@\(end)") } }
        return found
    }

    @Test(arguments: [
        (["he", "she", "his", "hers"], "ushers", ["she@4", "he@4", "hers@6"]),
        (["bot>"], "Bot/1 bots robot2", ["bot>@3", "bot>@16"]),
        (["<bot"], "robot bot2 _bot", ["<bot@9", "<bot@15"]),
        (["^curl"], "curl/8 curl", ["^curl@4"]),
        (["okhttp$"], "okhttp/4 okhttp", ["okhttp$@15"]),
        (["bot>", "!cubot"], "CUBOT bot", ["bot>@9"]),
        (["a", "aa", "aaa"], "aaa", ["a@1", "aa@2", "a@2", "aaa@3", "aa@3", "a@3"]),
        (["x"], "", []),
        (["é"], "CAFÉ café", ["é@11"]),
    ])
    func `every word is found where it ends, under its marks`(
        patterns: [String], text: String, expected: [String]
    ) {
        #expect(found(patterns, text) == expected)
    }

    @Test func `it finds what a search for each word finds`() {
        var seed: UInt64 = 1
        func next(_ bound: Int) -> Int {
            seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(seed >> 33) % bound
        }
        func word(_ longest: Int) -> String {
            String((0..<1 + next(longest)).map { _ in Array("abc/")[next(4)] })
        }
        for _ in 0..<300 {
            let patterns = Array(Set((0..<1 + next(12)).map { _ in word(4) })).sorted()
            let text = (0..<next(20)).map { _ in word(3) }.joined()
            let bytes = Array(text.utf8)
            var expected: Set<String> = []
            for pattern in patterns {
                let word = Array(pattern.utf8)
                for start in 0..<max(0, bytes.count - word.count + 1)
                where Array(bytes[start..<start + word.count]) == word {
                    expected.insert("\(pattern)@\(start + word.count)")
                }
            }
            #expect(Set(found(patterns, text)) == expected, "\(patterns) in \(text)")
        }
    }
}
