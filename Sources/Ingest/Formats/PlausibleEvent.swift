/// `POST /api/event`: Plausible's events, and ours, which add `k` (tracking key), `id`, `tz`, `w` and `t`.
///
/// Long and short names mean the same; where both are given the short one counts.
enum PlausibleEvent {
    /// What is wrong, by field, in Plausible's words.
    struct Invalid: Error, Equatable {
        var errors: [String: String]

        var answer: Answer {
            .json(.badRequest) { write(to: &$0) }
        }

        func write(to json: inout JSONWriter) {
            json.key("errors")
            json.object { json in
                for (field, message) in errors.sorted(by: { $0.key < $1.key }) {
                    json.key(field)
                    json.array { $0.value(message) }
                }
            }
        }
    }

    private enum Field: Int, CaseIterable {
        case name, url, domain, referrer, props, revenue, interactive, hashMode, scrollDepth, engagement, key,
            id
        case timeZone, width, title
    }

    private static let fields: [String: (field: Field, isShort: Bool)] = [
        "n": (.name, true), "name": (.name, false), "u": (.url, true), "url": (.url, false),
        "d": (.domain, true),
        "domain": (.domain, false), "r": (.referrer, true), "referrer": (.referrer, false),
        "p": (.props, true),
        "m": (.props, true), "props": (.props, false), "meta": (.props, false), "$": (.revenue, true),
        "revenue": (.revenue, false), "i": (.interactive, true), "interactive": (.interactive, false),
        "h": (.hashMode, true), "hashMode": (.hashMode, false), "sd": (.scrollDepth, true),
        "e": (.engagement, true),
        "k": (.key, true), "id": (.id, true), "tz": (.timeZone, true), "w": (.width, true),
        "t": (.title, true),
    ]

    /// The fields of one letter, by its code: all that our own script sends. A dictionary takes ten times as long.
    private static let letters: [(field: Field, isShort: Bool)?] = (0..<128).map {
        fields[String(Unicode.Scalar(UInt8($0)))]
    }

    private static func field(_ key: String) -> (field: Field, isShort: Bool)? {
        if key.utf8.count == 1, let letter = key.utf8.first, letter < 128 { return letters[Int(letter)] }
        return fields[key]
    }

    /// The values as they came.
    private struct Raw {
        private var values = [JSONValue?](repeating: nil, count: Field.allCases.count)
        /// A bit for each field whose short name was given: then the long one does not count.
        private var short = 0

        mutating func add(_ field: Field, _ value: JSONValue, isShort: Bool) {
            let bit = 1 << field.rawValue
            if isShort ? short & bit != 0 : values[field.rawValue] != nil { return }
            if isShort { short |= bit }
            values[field.rawValue] = value
        }

        subscript(_ field: Field) -> JSONValue? { values[field.rawValue] }

        func text(_ field: Field) -> String? {
            if case .string(let text)? = self[field] { return text }
            return nil
        }
    }

    /// One hit for each of the domains, which are separated by commas.
    static func hits(_ body: UnsafeRawBufferPointer) throws(Invalid) -> [Hit] {
        var scanner = JSONScanner(body)
        let raw: Raw
        do throws(JSONError) {
            raw = try read(&scanner)
            try scanner.finish()
        } catch {
            throw Invalid(errors: ["body": error == .malformed ? "is not a JSON object" : "\(error)"])
        }
        return try hits(raw, scanner)
    }

    /// The same for an object within another text.
    static func hits(_ scanner: JSONScanner) throws(Invalid) -> [Hit] {
        var scanner = scanner
        let raw: Raw
        do throws(JSONError) { raw = try read(&scanner) } catch {
            throw Invalid(errors: ["body": "is not a JSON object"])
        }
        return try hits(raw, scanner)
    }

    private static func read(_ scanner: inout JSONScanner) throws(JSONError) -> Raw {
        var raw = Raw()
        try scanner.object { scanner, key throws(JSONError) in
            let value = try scanner.value()
            if let (field, isShort) = field(key) { raw.add(field, value, isShort: isShort) }
        }
        return raw
    }

    private static func hits(_ raw: Raw, _ scanner: JSONScanner) throws(Invalid) -> [Hit] {
        var errors: [String: String] = [:]
        var hit = Hit(target: .domain(""))
        hit.name = name(raw[.name], &errors)
        hit.page = page(raw, &errors)
        if let referrer = raw.text(.referrer) { hit.referrer = referrer }
        if let title = raw.text(.title) { hit.title = title.cut(toBytes: Hit.maximumTitle) }
        props(raw[.props], scanner, &hit, &errors)
        if hit.name != "pageview" { hit.revenue = revenue(raw[.revenue], scanner) }
        if case .bool(false)? = raw[.interactive] { hit.interactive = false }
        if hit.name == "engagement" { engagement(raw, &hit, &errors) }
        if let zone = raw.text(.timeZone), zone.utf8.count <= 64 { hit.timeZone = zone }
        if case .number(_, let width?)? = raw[.width], (1...32_767).contains(width) {
            hit.viewportWidth = width
        }
        switch raw[.id] {
        case .string(let id)? where !id.isEmpty && id.utf8.count <= Hit.maximumID: hit.id = id
        case nil, .null?: break
        default: errors["id"] = "must be a text of at most 200 bytes"
        }
        let targets = targets(raw, &errors)
        guard errors.isEmpty else { throw Invalid(errors: errors) }
        if targets.count == 1 {
            hit.target = targets[0]
            return [hit]
        }
        return targets.map { target in
            var copy = hit
            copy.target = target
            return copy
        }
    }

    private static func name(_ value: JSONValue?, _ errors: inout [String: String]) -> String {
        switch value {
        case .string(let name)? where name.isBlank: errors["event_name"] = "can't be blank"
        case .string(let name)? where name.utf8.count > Hit.maximumName && name.count > Hit.maximumName:
            errors["event_name"] = "should be at most 120 character(s)"
        case .string(let name)?: return name
        case nil, .null?: errors["event_name"] = "can't be blank"
        default: errors["event_name"] = "is invalid"
        }
        return ""
    }

    private static func page(_ raw: Raw, _ errors: inout [String: String]) -> PageURL? {
        let hashMode =
            switch raw[.hashMode] {
            case .bool(let isOn)?: isOn
            case .number(_, let number)?: number == 1
            default: false
            }
        switch raw[.url] {
        case .string(let url)? where url.utf8.count <= Hit.maximumURL:
            if let page = PageURL(url, hashMode: hashMode) { return page }
            errors["url"] = url.isEmpty ? "is required" : "must be a valid url"
        case nil, .null?: errors["url"] = "is required"
        default: errors["url"] = "must be a valid url"
        }
        return nil
    }

    private static func props(
        _ value: JSONValue?, _ scanner: JSONScanner, _ hit: inout Hit, _ errors: inout [String: String]
    ) {
        do throws(Props.TooLong) {
            switch value {
            case .object(let range)?: try hit.props.add(objectAt: scanner.at(range))
            // Plausible's older scripts send the object as a text.
            case .string(var text)?:
                let props = text.withUTF8 { objectText(UnsafeRawBufferPointer($0)) }
                if let props = try props.get() { hit.props = props }
            default: break
            }
        } catch {
            errors["props"] = "keys should have at most 300 bytes and values 2000 bytes"
        }
    }

    /// Nil when the text is not an object.
    private static func objectText(_ bytes: UnsafeRawBufferPointer) -> Result<Props?, Props.TooLong> {
        var scanner = JSONScanner(bytes)
        guard case .object(let range)? = try? scanner.value(), (try? scanner.finish()) != nil else {
            return .success(nil)
        }
        var props = Props()
        do throws(Props.TooLong) {
            try props.add(objectAt: scanner.at(range))
            return .success(props)
        } catch {
            return .failure(error)
        }
    }

    /// What is not a revenue is passed over: the event counts all the same.
    private static func revenue(_ value: JSONValue?, _ scanner: JSONScanner) -> Revenue? {
        switch value {
        case .object(let range)?: return revenue(scanner.at(range))
        case .string(var text)?:
            return text.withUTF8 { bytes in
                var inner = JSONScanner(UnsafeRawBufferPointer(bytes))
                guard case .object(let range)? = try? inner.value() else { return nil }
                return revenue(inner.at(range))
            }
        default: return nil
        }
    }

    private static func revenue(_ scanner: JSONScanner) -> Revenue? {
        var scanner = scanner
        var amount: String?
        var currency: String?
        try? scanner.object { scanner, key throws(JSONError) in
            switch (key, try scanner.value()) {
            case ("amount", .string(let text)): amount = text
            case ("amount", .number(let range, _)): amount = scanner.text(range)
            case ("currency", .string(let text)): currency = text
            default: break
            }
        }
        guard let amount, let currency else { return nil }
        return Revenue(amount: amount, currency: currency)
    }

    private static func engagement(_ raw: Raw, _ hit: inout Hit, _ errors: inout [String: String]) {
        var isValid = false
        if case .number(_, let depth?)? = raw[.scrollDepth], depth >= 0 {
            hit.scrollDepth = Int16(min(depth, 100))
            isValid = true
        }
        if case .number(_, let time?)? = raw[.engagement], time >= 0 {
            // Nobody looks at one page for longer than a day.
            hit.engagementMilliseconds = Int32(min(time, 86_400_000))
            isValid = true
        }
        if !isValid {
            errors["event_name"] =
                "engagement event requires a valid integer value for at least one of 'sd' or 'e' fields"
        }
        hit.interactive = false
    }

    private static func targets(_ raw: Raw, _ errors: inout [String: String]) -> [Hit.Target] {
        if let key = raw.text(.key), !key.isEmpty {
            // Under Umami's snippet a site's id stands for its key; no key is as long.
            return [key.utf8.count == 36 ? .id(key) : .key(key)]
        }
        guard let text = raw.text(.domain) else {
            errors["domain"] = "can't be blank"
            return []
        }
        if !text.utf8.contains(UInt8(ascii: ",")), !text.isBlank { return [.domain(text)] }
        let domains = text.split(separator: ",").map { $0.drop { $0 == " " } }.filter { !$0.isEmpty }
        if domains.isEmpty { errors["domain"] = "can't be blank" }
        if domains.count > 20 { errors["domain"] = "should be at most 20 domains" }
        return domains.map { .domain(String($0)) }
    }
}
