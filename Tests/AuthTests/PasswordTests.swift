import Testing

@testable import Auth

struct PasswordTests {
    private func isTaken(_ password: String, email: String = "", words: [String] = []) -> Bool {
        (try? Password.check(password, email: email, words: words)) != nil
    }

    @Test func `what is tried first is refused, with its simple variants`() {
        let common = CommonPasswords.words
        #expect(common.count > 3_000)
        var tried = 0
        for word in common where word.allSatisfy(\.isLetter) {
            let variants = [
                word, word + "123", word.prefix(1).uppercased() + word.dropFirst() + "2026!", "1" + word,
                word + word, String(word.reversed()),
                word.replacing("a", with: "@").replacing("o", with: "0") + "1",
            ]
            for variant in variants where variant.count >= 8 {
                tried += 1
                if isTaken(variant) { Issue.record("\(variant) is taken") }
            }
        }
        #expect(tried > 10_000)
    }

    @Test(arguments: [
        "12345678", "87654321", "abcdefgh", "aaaaaaaa", "abababab", "P@ssw0rd", "$ummer2026", "tr0ub1e!",
        "drowssap", "letmein!!!", "Qwertyuiop",
    ])
    func `tricks make none of them better`(password: String) { #expect(!isTaken(password)) }

    @Test(arguments: [
        "rice cake steam", "correct horse battery", "summer-83719264", "xk2 9qz7", "zufällig gewählt",
        "日本語のパスワード",
        "tulips at the station", "mochi eats my homework", "ada wrote the first program",
    ])
    func `what is long or odd enough needs nothing else`(password: String) {
        #expect(isTaken(password, email: "ada@example.org", words: ["Ada Lovelace"]))
    }

    @Test(arguments: [
        "ada.lovelace", "Lovelace1815", "adalovelace!", "lovelaceada", "AdaExample", "ada@example.org",
        "exampleorg1",
        "mochi2026", "mochimochi", "M0chi-Ada", "l0vel4ce", "poetical2026", "adapassword",
    ])
    func `one's own name, address and site are refused`(password: String) {
        #expect(!isTaken(password, email: "ada@example.org", words: ["Ada Lovelace", "poetical.example"]))
    }

    @Test func `seven characters are too few, and 257 too many`() {
        #expect(!isTaken("k8 2qx!") && isTaken("k8 2qx!z"))
        let long = String(repeating: "k8 2qx!z", count: 32)
        #expect(isTaken(long) && !isTaken(long + "a"))
    }
}
