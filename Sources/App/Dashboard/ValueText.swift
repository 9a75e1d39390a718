import FoundationEssentials
import Stats

/// Values of dimensions as people read them.
enum ValueText {
    static func label(_ value: String, _ dimension: Dimension) -> String {
        if value.isEmpty { return dimension.unknown ?? "Unknown" }
        switch dimension {
        case .country: return Countries.name(value)
        case .language: return languages[value.lowercased()] ?? value
        case .event: return value == "pageview" ? "Page view" : value
        default: return value
        }
    }

    /// The values whose labels contain a text, for dimensions that are shown by other words than they are kept.
    static func values(labelled text: String, _ dimension: Dimension) -> [String]? {
        let text = text.lowercased()
        switch dimension {
        case .country: return Countries.pairs.filter { $1.lowercased().contains(text) }.map(\.code)
        case .language: return languages.filter { $1.lowercased().contains(text) }.map(\.key)
        default: return nil
        }
    }

    /// By ISO 639-1.
    private static let languages = [
        "af": "Afrikaans", "ar": "Arabic", "az": "Azerbaijani", "be": "Belarusian", "bg": "Bulgarian",
        "bn": "Bengali", "bs": "Bosnian", "ca": "Catalan", "cs": "Czech", "cy": "Welsh", "da": "Danish",
        "de": "German", "el": "Greek", "en": "English", "eo": "Esperanto", "es": "Spanish", "et": "Estonian",
        "eu": "Basque", "fa": "Persian", "fi": "Finnish", "fil": "Filipino", "fr": "French", "ga": "Irish",
        "gl": "Galician", "gu": "Gujarati", "he": "Hebrew", "hi": "Hindi", "hr": "Croatian",
        "hu": "Hungarian",
        "hy": "Armenian", "id": "Indonesian", "is": "Icelandic", "it": "Italian", "ja": "Japanese",
        "ka": "Georgian", "kk": "Kazakh", "km": "Khmer", "kn": "Kannada", "ko": "Korean", "lt": "Lithuanian",
        "lv": "Latvian", "mk": "Macedonian", "ml": "Malayalam", "mn": "Mongolian", "mr": "Marathi",
        "ms": "Malay", "my": "Burmese", "nb": "Norwegian Bokmål", "ne": "Nepali", "nl": "Dutch",
        "nn": "Norwegian Nynorsk", "no": "Norwegian", "pa": "Punjabi", "pl": "Polish", "pt": "Portuguese",
        "ro": "Romanian", "ru": "Russian", "si": "Sinhala", "sk": "Slovak", "sl": "Slovenian",
        "sq": "Albanian", "sr": "Serbian", "sv": "Swedish", "sw": "Swahili", "ta": "Tamil", "te": "Telugu",
        "th": "Thai", "tr": "Turkish", "uk": "Ukrainian", "ur": "Urdu", "uz": "Uzbek", "vi": "Vietnamese",
        "zh": "Chinese",
    ]
}

/// Figures as people read them.
enum FigureText {
    /// 12,345; 47%; 2m 5s; 2.41; €1,204.
    static func long(_ figure: Figure, _ metric: Metric) -> String { text(figure, metric, Numbers.whole) }

    /// The same with large counts in short: 1.23M.
    static func headline(_ figure: Figure, _ metric: Metric) -> String {
        text(figure, metric) { $0.magnitude < 1_000_000 ? Numbers.whole($0) : Numbers.short($0) }
    }

    private static func text(_ figure: Figure, _ metric: Metric, _ count: (Int) -> String) -> String {
        switch figure {
        case .none: return "–"
        case .money(let money): return money.map { self.money($0, count) }.joined(separator: " + ")
        case .number(let value):
            switch metric.unit {
            case .count, .money: return count(whole(value))
            case .percent: return percent(value)
            case .seconds: return seconds(value)
            case .ratio: return decimals(value, 2)
            }
        }
    }

    private static func money(_ money: Figure.Money, _ count: (Int) -> String) -> String {
        let amount: String
        if money.amount.magnitude < 1_000, money.amount != money.amount.rounded() {
            let cents = whole(money.amount.magnitude * 100)
            amount =
                "\(money.amount < 0 ? "−" : "")\(cents / 100).\(cents % 100 < 10 ? "0" : "")\(cents % 100)"
        } else {
            amount = count(whole(money.amount))
        }
        let signs = ["EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥"]
        return signs[money.currency].map { $0 + amount } ?? "\(money.currency) \(amount)"
    }

    /// 0.4%, 12%
    static func percent(_ value: Double) -> String {
        value > 0 && value < 9.95 ? decimals(value, 1) + "%" : "\(whole(value))%"
    }

    static func seconds(_ value: Double) -> String {
        let seconds = whole(value)
        if seconds < 60 { return "\(seconds)s" }
        if seconds < 3_600 { return "\(seconds / 60)m \(seconds % 60)s" }
        return "\(Numbers.whole(seconds / 3_600))h \(seconds / 60 % 60)m"
    }

    /// At most so many decimals; none that are zeros.
    static func decimals(_ value: Double, _ places: Int) -> String {
        let scale = (0..<places).reduce(1) { power, _ in power * 10 }
        let scaled = whole(value * Double(scale))
        let (integer, rest) = scaled.magnitude.quotientAndRemainder(dividingBy: UInt(scale))
        let sign = scaled < 0 ? "−" : ""
        guard rest > 0 else { return sign + Numbers.whole(Int(integer)) }
        var digits = String(rest)
        digits = String(repeating: "0", count: places - digits.count) + digits
        while digits.hasSuffix("0") { digits.removeLast() }
        return "\(sign)\(Numbers.whole(Int(integer))).\(digits)"
    }

    /// The nearest whole number; amounts of money may be larger than any.
    private static func whole(_ value: Double) -> Int {
        Int(exactly: value.rounded()) ?? (value < 0 ? .min / 2 : .max / 2)
    }
}
