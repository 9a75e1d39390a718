import Glibc
import NIOCore
import Operations
import Synchronization

/// What all connections of one event loop share. Used on that loop alone.
final class LoopContext {
    let loop: any EventLoop
    let server: ServerContext
    let outbox: Outbox
    private var dateLine = DateLine()
    /// The bytes of each ``Answer/Frequent``, with the date of this second.
    private var frequent: [ByteBuffer] = []
    private var frequentSecond: Int64 = -1
    private var connections: [ObjectIdentifier: RequestHandler] = [:]
    private(set) var isClosing = false

    init(loop: any EventLoop, server: ServerContext) {
        self.loop = loop
        self.server = server
        outbox = Outbox(loop: loop, spool: server.spool)
    }

    /// An answer as it goes over the wire.
    func bytes(of answer: Answer, keepsAlive: Bool, withoutBody: Bool) -> ByteBuffer {
        let second = wallClock() / 1_000_000
        guard let kind = answer.frequent, keepsAlive, !withoutBody else {
            return make(answer, second, keepsAlive: keepsAlive, withoutBody: withoutBody)
        }
        if second != frequentSecond {
            frequentSecond = second
            frequent = Answer.Frequent.allCases.map {
                make($0.answer, second, keepsAlive: true, withoutBody: false)
            }
        }
        return frequent[kind.rawValue]
    }

    private func make(_ answer: Answer, _ second: Int64, keepsAlive: Bool, withoutBody: Bool) -> ByteBuffer {
        var buffer = ByteBuffer()
        buffer.reserveCapacity(256 + answer.body.count)
        answer.write(to: &buffer, date: dateLine.at(second), keepsAlive: keepsAlive, withoutBody: withoutBody)
        return buffer
    }

    func opened(_ handler: RequestHandler) {
        connections[ObjectIdentifier(handler)] = handler
    }

    func closed(_ handler: RequestHandler) {
        connections[ObjectIdentifier(handler)] = nil
    }

    /// Cuts those who are too slow. One look at all of them costs less than a timer for each request.
    func sweep() {
        let now = NIODeadline.now()
        for handler in connections.values { handler.check(now) }
    }

    /// Answers what is under way, and nothing after it.
    func drain() {
        isClosing = true
        for handler in connections.values { handler.drain() }
    }
}

/// What all event loops share.
final class ServerContext: Sendable {
    let intake: Intake
    let spool: Spool
    let health: Health
    let proxies: TrustedProxies
    let pathPrefix: String?
    let limits: ConnectionLimits
    let scripts: Scripts
    let keys: KeyCheck
    private let perAddress = Mutex<[Address: Int]>([:])
    private let total = Atomic<Int>(0)

    init(
        intake: Intake, spool: Spool, health: Health, proxies: TrustedProxies, pathPrefix: String?,
        limits: ConnectionLimits, scripts: Scripts, keys: KeyCheck
    ) {
        self.intake = intake
        self.spool = spool
        self.health = health
        self.proxies = proxies
        self.pathPrefix = pathPrefix
        self.limits = limits
        self.scripts = scripts
        self.keys = keys
    }

    /// Whether another connection from there is welcome; then ``leave(_:)`` must follow.
    func enter(_ peer: Address) -> Bool {
        guard total.add(1, ordering: .relaxed).newValue <= limits.connections else {
            total.subtract(1, ordering: .relaxed)
            return false
        }
        if proxies.contains(peer) { return true }
        let isWelcome = perAddress.withLock { perAddress in
            let count = perAddress[peer.network, default: 0]
            guard count < limits.connectionsPerAddress else { return false }
            perAddress[peer.network] = count + 1
            return true
        }
        if !isWelcome { total.subtract(1, ordering: .relaxed) }
        return isWelcome
    }

    func leave(_ peer: Address) {
        total.subtract(1, ordering: .relaxed)
        if proxies.contains(peer) { return }
        perAddress.withLock { perAddress in
            let count = perAddress[peer.network, default: 1]
            perAddress[peer.network] = count > 1 ? count - 1 : nil
        }
    }

    var connectionCount: Int { total.load(ordering: .relaxed) }
}

/// The wall clock, in microseconds since 1970.
func wallClock() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000
}

extension Address {
    /// A peer without an address sits on this machine, behind a Unix socket.
    init(_ socket: SocketAddress?) {
        self = socket?.ipAddress.flatMap { Address($0) } ?? Address(version4: 0x7F00_0001)
    }
}
