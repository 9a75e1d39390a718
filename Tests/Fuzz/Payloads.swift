import Auth
import Days
import FoundationEssentials
import Glibc
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import Operations

// Every payload format through its endpoint and the pipeline. The first byte of an input chooses the endpoint; the
// rest is the body, or what follows the question mark. What comes out keeps its limits, can be framed, and holds
// nothing that the database refuses; no answer has more lines than it should.

private let endpoints: [(method: HTTPMethod, path: Substring)] = [
    (.POST, "/api/event"), (.POST, "/api/track"), (.POST, "/api/send"), (.POST, "/api/batch"),
    (.POST, "/api/events"), (.POST, "/fuzzfuzz/api/v0/count"), (.GET, "/fuzzfuzz/count"),
    (.GET, "/pixel.gif"),
]

private let salts = Salts()

private let intake: Intake = {
    let directory = SiteDirectory()
    directory.replaceAll([
        SiteEntry(
            id: UUID(uuidString: "00000000-0000-4000-8000-000000000001")!, account: 1, domain: "site.test",
            hostnames: [], duplicateWindow: 0, keys: [.init(key: "fuzzfuzz", isRevoked: false)],
            zones: [.init(from: Day(rawValue: 0), zone: "Europe/Berlin")], exclusions: Exclusions(),
            keptParameters: ["a", "q"], personalPatterns: PersonalPatterns(["/user/*", "x-*"]), salts: salts)
    ])
    return Intake(directory: directory)
}()

// Used by the one thread that fuzzes.
nonisolated(unsafe) private let outbox: Outbox = {
    var folder = Array("/tmp/mochi-fuzz-XXXXXX".utf8CString)
    _ = folder.withUnsafeMutableBufferPointer { mkdtemp($0.baseAddress!) }
    let path = folder.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
    guard
        let spool = try? Spool(
            Spool.Options(directory: path), disk: RealDisk(), logger: Logger(label: "fuzz"))
    else { fatalError("no spool in \(path)") }
    return Outbox(loop: MultiThreadedEventLoopGroup.singleton.next(), spool: spool)
}()

func fuzzPayloads(_ bytes: UnsafeRawBufferPointer) {
    guard let first = bytes.first else { return }
    let (method, path) = endpoints[Int(first) % endpoints.count]
    let rest = UnsafeRawBufferPointer(rebasing: bytes.dropFirst())
    guard case .endpoint(let endpoint) = Endpoint.find(method, path) else { fatalError("no such endpoint") }
    // A trial: goes all the way, and leaves nothing behind.
    let headers: HTTPHeaders = [
        "X-Debug-Request": "true", "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Firefox/128.0",
    ]
    let isQuery = method == .GET
    // The parser of requests lets no such byte into an address.
    if isQuery, rest.contains(where: { $0 <= 0x20 || $0 == 0x7F }) { return }
    let request = Request(
        HTTPRequestHead(version: .http1_1, method: method, uri: String(path)), RequestHeaders(headers),
        path: path,
        query: isQuery ? String(decoding: rest, as: UTF8.self)[...] : "", endpoint: endpoint,
        client: Address("192.0.2.1")!, isFromProxy: false)
    request.account = endpoint.scope == nil ? nil : 1
    request.body = isQuery ? ByteBuffer() : ByteBuffer(bytes: rest)
    request.receivedAt = 1_795_233_600_000_000
    var exchange = Exchange(request, intake, outbox)
    let answer = endpoint.answer(&exchange)
    check(answer)
    if let last = exchange.last {
        check(DebugAnswer.make(last))
        if case .event(let event) = last { check(event) }
    }
}

private func check(_ answer: Answer) {
    for header in answer.headers {
        precondition(!(header.name + header.value).utf8.contains { $0 == 13 || $0 == 10 || $0 == 0 })
    }
    if answer.type == "application/json" {
        answer.body.withUnsafeBytes { bytes in
            var scanner = JSONScanner(bytes)
            guard (try? scanner.value()) != nil, (try? scanner.finish()) != nil else {
                fatalError("an answer is no JSON")
            }
        }
    }
}

private func check(_ event: Event) {
    precondition(event.name.utf8.count <= Hit.maximumName && event.title.utf8.count <= Hit.maximumTitle)
    precondition(event.pathname.utf8.count <= Hit.maximumURL + KeptQuery.maximum)
    precondition(event.referrer.utf8.count <= Hit.maximumURL && event.hostname.utf8.count <= 253)
    var frames: [UInt8] = []
    Record.append(event, to: &frames)
    frames.withUnsafeBytes { bytes in
        guard let payload = Record.payload(in: bytes, at: 0) else {
            fatalError("a frame cannot be read again")
        }
        var reader = ByteReader(payload)
        guard (try? reader.take(1)) != nil, (try? LoadBatch.check(reader)) != nil else {
            fatalError("a frame is not what the loader reads")
        }
    }
    let texts = [
        event.name, event.hostname, event.pathname, event.title, event.referrer, event.source,
        event.utmSource,
        event.utmMedium, event.utmCampaign, event.utmContent, event.utmTerm, event.language, event.country,
    ]
    for text in texts { precondition(!text.utf8.contains(0)) }
    precondition(!event.props.contains(0))
}
