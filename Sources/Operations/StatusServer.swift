package import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import ServiceLifecycle
import Synchronization

/// A small HTTP server that answers with a process's state and nothing else.
///
/// One request per connection, no bodies, few connections, and a deadline: there is nothing here to wait for.
package struct StatusServer: Service {
    static let mostConnections = 64
    static let deadline: TimeAmount = .seconds(10)

    private let host: String
    private let port: Int
    private let health: Health
    private let logger: Logger
    private let onListening: @Sendable (Int) -> Void

    /// `onListening` is told the port, which matters when 0 was asked for.
    package init(
        host: String, port: Int, health: Health, logger: Logger,
        onListening: @escaping @Sendable (Int) -> Void = { _ in }
    ) {
        self.host = host
        self.port = port
        self.health = health
        self.logger = logger
        self.onListening = onListening
    }

    package func run() async throws {
        let server = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.maxMessagesPerRead, value: 1)
            .bind(host: host, port: port) { channel in
                channel.eventLoop.makeCompletedFuture { try Connection.configure(channel) }
            }
        let port = server.channel.localAddress?.port ?? port
        logger.info("Listening.", metadata: ["port": "\(port)"])
        onListening(port)
        let open = OpenConnections()
        try await withGracefulShutdownHandler {
            try await server.executeThenClose { connections in
                try await withThrowingDiscardingTaskGroup { group in
                    for try await connection in connections {
                        guard open.enter() else {
                            try await connection.channel.close()
                            continue
                        }
                        group.addTask {
                            defer { open.leave() }
                            await Connection.answer(connection, health)
                        }
                    }
                }
            }
        } onGracefulShutdown: {
            server.channel.close(promise: nil)
        }
    }
}

private final class OpenConnections: Sendable {
    private let count = Mutex(0)

    func enter() -> Bool {
        count.withLock { count in
            guard count < StatusServer.mostConnections else { return false }
            count += 1
            return true
        }
    }

    func leave() {
        count.withLock { $0 -= 1 }
    }
}

private typealias StatusChannel = NIOAsyncChannel<HTTPServerRequestPart, HTTPServerResponsePart>

private enum Connection {
    static func configure(_ channel: any Channel) throws -> StatusChannel {
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(Deadline())
        try pipeline.configureHTTPServerPipeline(withErrorHandling: true)
        return try StatusChannel(wrappingChannelSynchronously: channel)
    }

    /// A connection that fails concerns its client alone.
    static func answer(_ connection: StatusChannel, _ health: Health) async {
        try? await connection.executeThenClose { requests, responses in
            for try await part in requests {
                guard case .head(let head) = part else { continue }
                let answer = await answer(to: head, health)
                let body = ByteBuffer(string: answer.body)
                let headers: HTTPHeaders = [
                    "content-type": answer.contentType, "content-length": "\(body.readableBytes)",
                    "cache-control": "no-store", "connection": "close",
                ]
                let response = HTTPResponseHead(
                    version: .http1_1, status: HTTPResponseStatus(statusCode: answer.status), headers: headers
                )
                try await responses.write(.head(response))
                if head.method != .HEAD { try await responses.write(.body(.byteBuffer(body))) }
                try await responses.write(.end(nil))
                return
            }
        }
    }

    private static func answer(to head: HTTPRequestHead, _ health: Health) async -> StatusAnswer {
        guard head.method == .GET || head.method == .HEAD else {
            return StatusAnswer(status: 405, contentType: "text/plain", body: "GET only\n")
        }
        let path = head.uri.prefix { $0 != "?" }
        return await health.answer(path: String(path))
            ?? StatusAnswer(status: 404, contentType: "text/plain", body: "Not found\n")
    }
}

/// Closes the connection when its time is up, whatever it is doing.
private final class Deadline: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private var timer: Scheduled<Void>?

    func handlerAdded(context: ChannelHandlerContext) {
        let channel = context.channel
        timer = context.eventLoop.scheduleTask(in: StatusServer.deadline) { channel.close(promise: nil) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        timer?.cancel()
        context.fireChannelInactive()
    }
}
