/// What kind of program an agent is: the detail of a drop.
enum BotClass: String, CaseIterable, Sendable {
    case artificialIntelligence = "ai"
    case searchEngine = "search engine"
    case linkPreview = "link preview"
    case monitoring
    case feedReader = "feed reader"
    case marketing
    case scanner
    case archive
    case headless
    case library = "http library"
    case crawler
    case forged
    /// It gives an address to read about it, or to write to.
    case address = "names its operator"
    case empty = "no user agent"
    /// One word, or a cipher.
    case unlike = "unlike a browser"
}

/// Tells programs from people by what they say of themselves: ``BotWords`` first, then the form of the whole.
///
/// It errs on the side of people. Who hides behind a browser's string is not found here.
enum Bots {
    static func judge(_ text: UnsafeBufferPointer<UInt8>, _ seen: Sightings) -> BotClass? {
        if seen.bot < BotWords.all.count { return BotWords.all[seen.bot].class }
        guard text.contains(where: { $0 > 0x20 }) else { return .empty }
        if isUnlikeBrowser(text) { return .unlike }
        return seen.traits.contains(.at) && hasMailAddress(text) ? .address : nil
    }

    /// `123`, `iphone`, and what is long and has neither spaces nor a version: nothing that a browser sends.
    private static func isUnlikeBrowser(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        var isWord = true
        for byte in text {
            if byte == 0x20 || byte == UInt8(ascii: "(") || byte == UInt8(ascii: "[") { return false }
            if !byte.isLetterOrDigit, byte != UInt8(ascii: "-"), byte != UInt8(ascii: "_"),
                byte != UInt8(ascii: ".")
            {
                isWord = false
            }
        }
        return isWord || text.count > 80
    }

    /// `name@host.tld`; neither `en_IR@calendar=persian` nor `android@111.0`.
    private static func hasMailAddress(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        for at in text.indices where text[at] == UInt8(ascii: "@") {
            guard at > 0, text[at - 1].isLetterOrDigit else { continue }
            var index = at + 1
            var hasDot = false
            while index < text.count,
                text[index].isLetterOrDigit || text[index] == UInt8(ascii: "-")
                    || text[index] == UInt8(ascii: ".")
            {
                if text[index] == UInt8(ascii: ".") { hasDot = true }
                index += 1
            }
            if hasDot, index > at + 3, text[index - 1].isLetter { return true }
        }
        return false
    }
}
