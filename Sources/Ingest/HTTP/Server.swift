import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import ServiceLifecycle

/// Listens and accepts. At shutdown it first stops accepting, then answers what it has, then closes.
struct Server: Service {
    let context: ServerContext
    let host: String
    let port: Int
    let group: MultiThreadedEventLoopGroup
    let logger: Logger
    /// Told the port that it listens on, which is another than asked for if that was 0.
    var started: @Sendable (Int) -> Void = { _ in }

    func run() async throws {
        let loops = Loops(group, context)
        let channel = try await bootstrap(loops).bind(host: host, port: port).get()
        logger.info(
            "Listening.", metadata: ["address": "\(host)", "port": "\(channel.localAddress?.port ?? port)"])
        started(channel.localAddress?.port ?? port)
        let sweeps = loops.all.map { loop, context in
            loop.scheduleRepeatedTask(initialDelay: .milliseconds(500), delay: .milliseconds(500)) { _ in
                context.value.sweep()
            }
        }
        try? await gracefulShutdown()
        try? await channel.close()
        for (loop, context) in loops.all { try? await loop.submit { context.value.drain() }.get() }
        // The spool answers within a sync; a client that is still sending may be cut.
        let end = ContinuousClock.now + .seconds(5)
        while self.context.connectionCount > 0, ContinuousClock.now < end {
            try? await Task.sleep(for: .milliseconds(20))
        }
        for sweep in sweeps { sweep.cancel() }
    }

    private func bootstrap(_ loops: Loops) -> ServerBootstrap {
        ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 2_048)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.maxMessagesPerRead, value: 64)
            .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { [context] channel in
                channel.eventLoop.makeCompletedFuture {
                    let peer = Address(channel.remoteAddress)
                    guard context.enter(peer) else {
                        channel.close(promise: nil)
                        return
                    }
                    var limits = NIOHTTPDecoderLimitConfiguration()
                    limits.maxHeaderFieldCount = context.limits.headerCount
                    limits.maxHeaderListSize = context.limits.headerBytes
                    limits.maxHeaderFieldSize = context.limits.headerBytes
                    let decoder = HTTPRequestDecoder(
                        leftOverBytesStrategy: .dropBytes, limitConfiguration: limits)
                    let sync = channel.pipeline.syncOperations
                    try sync.addHandler(ByteToMessageHandler(decoder, maximumBufferSize: 64 << 10))
                    try sync.addHandler(RequestHandler(loops.context(of: channel.eventLoop), peer: peer))
                }
            }
    }
}

/// The context of each event loop.
private struct Loops: Sendable {
    let all: [(loop: any EventLoop, context: NIOLoopBoundBox<LoopContext>)]

    init(_ group: MultiThreadedEventLoopGroup, _ server: ServerContext) {
        all = group.makeIterator().map { loop in
            (loop, .makeBoxSendingValue(LoopContext(loop: loop, server: server), eventLoop: loop))
        }
    }

    func context(of loop: any EventLoop) -> LoopContext {
        for other in all where other.loop === loop { return other.context.value }
        preconditionFailure("a connection on an event loop of another group")
    }
}
