import Auth
import NIOCore
import NIOHTTP1
import Operations

/// One connection: gathers requests, one at a time, and writes their answers in order.
final class RequestHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = ByteBuffer

    private enum State {
        case idle
        /// A head came, its body is coming.
        case receiving(Request)
        /// The answer is being found out; what comes meanwhile waits in `later`.
        case answering(Outgoing)
        /// Nothing that still comes is read.
        case closing
    }

    private struct Outgoing {
        var keepsAlive: Bool
        var isHead: Bool
    }

    private let loop: LoopContext
    private let peer: Address
    private let isProxy: Bool
    private var context: ChannelHandlerContext?
    private var state = State.idle
    private var later = CircularBuffer<HTTPServerRequestPart>()
    private var idleSince = NIODeadline.now()
    private var unwritableSince: NIODeadline?

    init(_ loop: LoopContext, peer: Address) {
        self.loop = loop
        self.peer = peer
        isProxy = loop.server.proxies.contains(peer)
    }

    // MARK: Coming and going

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        loop.opened(self)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        loop.closed(self)
        loop.server.leave(peer)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        unwritableSince = context.channel.isWritable ? nil : .now()
        context.fireChannelWritabilityChanged()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard error is HTTPParserError || error is ByteToMessageDecoderError.PayloadTooLargeError else {
            context.close(promise: nil)
            return
        }
        switch state {
        case .idle, .receiving:
            let status: Answer.Status =
                error as? HTTPParserError == .headerOverflow || !(error is HTTPParserError)
                ? .tooManyHeaders : .badRequest
            state = .answering(Outgoing(keepsAlive: false, isHead: false))
            write(Answer(status))
        case .answering:
            // What came after the request that is being answered is not one; its answer is the last.
            state = .answering(Outgoing(keepsAlive: false, isHead: false))
        case .closing: break
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard case ChannelEvent.inputClosed? = event as? ChannelEvent else {
            context.fireUserInboundEventTriggered(event)
            return
        }
        // The client says no more. It may still wait for its last answer.
        if case .answering(var outgoing) = state {
            outgoing.keepsAlive = false
            state = .answering(outgoing)
        } else {
            context.close(promise: nil)
        }
    }

    /// Called now and then: cuts those who are too slow.
    func check(_ now: NIODeadline) {
        guard let context else { return }
        let limits = loop.server.limits
        if let unwritableSince, now - unwritableSince > limits.answerTime {
            context.close(promise: nil)
            return
        }
        switch state {
        case .idle: if now - idleSince > limits.idleTime { context.close(promise: nil) }
        case .receiving(let request):
            let extra = TimeAmount.milliseconds(
                Int64(request.bodySize * 1_000 / ConnectionLimits.bytesPerSecond))
            if now - request.began > limits.requestTime + extra {
                state = .answering(Outgoing(keepsAlive: false, isHead: false))
                write(Answer(.timeout))
            }
        case .answering: break
        case .closing: if now - idleSince > limits.answerTime { context.close(promise: nil) }
        }
    }

    /// The server closes: an idle connection ends now, a busy one with its answer.
    func drain() {
        if case .idle = state { context?.close(promise: nil) }
    }

    // MARK: Reading

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = unwrapInboundIn(data)
        if case .answering = state {
            // Pipelined. What was read already is kept, and no more is read until its turn.
            if later.isEmpty { try? context.channel.syncOptions?.setOption(.autoRead, value: false) }
            later.append(part)
        } else {
            receive(part)
        }
    }

    private func receive(_ part: HTTPServerRequestPart) {
        switch (part, state) {
        case (.head(let head), .idle): begin(head)
        case (.body(let bytes), .receiving(let request)): add(bytes, to: request)
        case (.end, .receiving(let request)): finish(request)
        default: break
        }
    }

    private func begin(_ head: HTTPRequestHead) {
        let limits = loop.server.limits
        let headers = RequestHeaders(head.headers)
        guard headers.count <= limits.headerCount, headers.size + head.uri.utf8.count <= limits.headerBytes
        else {
            refuse(head.method, Answer(.tooManyHeaders))
            return
        }
        guard head.uri.utf8.first == UInt8(ascii: "/") || head.uri == "*", head.version.major == 1 else {
            refuse(head.method, Answer(.badRequest))
            return
        }
        let (path, query) = loop.split(head.uri)
        var endpoint: Endpoint?
        if case .endpoint(let found) = Endpoint.find(head.method, path) { endpoint = found }
        if let length = headers.contentLength, length > max(endpoint?.bodyLimit ?? 0, 1 << 14) {
            refuse(head.method, Answer(.tooLarge))
            return
        }
        if headers.expectsContinue, let context {
            context.writeAndFlush(
                wrapOutboundOut(ByteBuffer(string: "HTTP/1.1 100 Continue\r\n\r\n")), promise: nil)
        }
        state = .receiving(
            Request(
                head, headers, path: path, query: query, endpoint: endpoint,
                client: isProxy ? loop.server.proxies.client(peer: peer, headers) : peer,
                isFromProxy: isProxy))
    }

    private func add(_ bytes: ByteBuffer, to request: Request) {
        request.bodySize += bytes.readableBytes
        guard request.bodySize <= request.endpoint?.bodyLimit ?? 1 << 14 else {
            refuse(request.method, Answer(.tooLarge))
            return
        }
        guard request.endpoint != nil else { return }
        if request.body.readableBytes == 0 {
            request.body = bytes
        } else {
            request.body.writeImmutableBuffer(bytes)
        }
    }

    /// Answers before the request is whole, and ends the connection.
    private func refuse(_ method: HTTPMethod, _ answer: Answer) {
        state = .answering(Outgoing(keepsAlive: false, isHead: method == .HEAD))
        write(answer)
    }

    // MARK: Answering

    private func finish(_ request: Request) {
        state = .answering(
            Outgoing(keepsAlive: request.keepsAlive && !loop.isClosing, isHead: request.method == .HEAD))
        if request.method == .OPTIONS {
            write(Endpoint.preflight)
            return
        }
        guard let endpoint = request.endpoint else {
            answerOther(request)
            return
        }
        if let scope = endpoint.scope {
            authenticate(request, endpoint, scope)
        } else {
            collect(request, endpoint)
        }
    }

    private func authenticate(_ request: Request, _ endpoint: Endpoint, _ scope: Scope) {
        guard let context else { return }
        let (keys, authorization) = (loop.server.keys, request.headers.authorization)
        let bound = NIOLoopBound((self, request, endpoint), eventLoop: context.eventLoop)
        context.eventLoop.makeFutureWithTask { await keys.find(authorization, scope: scope) }.whenSuccess {
            finding in
            let (handler, request, endpoint) = bound.value
            switch finding {
            case .account(let account):
                request.account = account
                handler.collect(request, endpoint)
            case .wrong:
                handler.write(
                    .error(.unauthorized, code: "unauthorized", "An API key that may write events is needed.")
                        .with("WWW-Authenticate", "Bearer"))
            case .unknown: handler.write(.unavailable)
            }
        }
    }

    private func collect(_ request: Request, _ endpoint: Endpoint) {
        request.receivedAt = wallClock()
        var exchange = Exchange(request, loop.server.intake, loop.outbox)
        let answer = endpoint.answer(&exchange)
        if exchange.isShed {
            write(.unavailable)
        } else if exchange.isPending {
            let hashes = exchange.viewHashes
            loop.outbox.whenSettled { [self] isStored in
                if !isStored { loop.server.intake.recentViews.forget(hashes) }
                write(isStored ? answer : .unavailable)
            }
        } else if let outcome = exchange.last {
            write(DebugAnswer.make(outcome))
        } else {
            write(answer)
        }
    }

    /// Everything that does not collect: scripts, health, and what does not exist.
    private func answerOther(_ request: Request) {
        let method = request.method
        if case .otherMethods(let methods) = Endpoint.find(method, request.path) {
            write(Answer(.methodNotAllowed).with("Allow", methods))
            return
        }
        guard method == .GET || method == .HEAD else {
            write(Answer(.notFound, "not found"))
            return
        }
        if let script = loop.server.scripts.find(request.path, loop.server.intake.directory) {
            write(script.answer(request.headers))
            return
        }
        guard let context, ["/healthz", "/readyz", "/metrics"].contains(request.path) else {
            write(Answer(.notFound, "not found"))
            return
        }
        let (health, path) = (loop.server.health, String(request.path))
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        context.eventLoop.makeFutureWithTask { await health.answer(path: path) }.whenComplete { result in
            guard case .success(let status?) = result else {
                bound.value.write(Answer(.unavailable))
                return
            }
            bound.value.write(
                Answer(
                    status.status == 200 ? .ok : .unavailable, type: status.contentType,
                    Array(status.body.utf8)))
        }
    }

    private func write(_ answer: Answer) {
        guard let context, case .answering(let outgoing) = state else { return }
        let keepsAlive = outgoing.keepsAlive && !answer.closes && !loop.isClosing
        let buffer = loop.bytes(of: answer, keepsAlive: keepsAlive, withoutBody: outgoing.isHead)
        idleSince = .now()
        if keepsAlive {
            state = .idle
            context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
            if !later.isEmpty { takeLater() }
        } else {
            state = .closing
            later.removeAll()
            let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
            let written = context.eventLoop.makePromise(of: Void.self)
            written.futureResult.whenComplete { _ in
                // Sends the end, and waits a moment for the client's: closing with unread bytes would destroy the
                // answer on its way.
                bound.value.close(mode: .output, promise: nil)
            }
            context.writeAndFlush(wrapOutboundOut(buffer), promise: written)
        }
    }

    /// Goes on with what came while an answer was being found out.
    private func takeLater() {
        while let part = later.popFirst() {
            receive(part)
            if case .answering = state { break }
        }
        if later.isEmpty, let context { try? context.channel.syncOptions?.setOption(.autoRead, value: true) }
    }
}

extension LoopContext {
    /// Path and query of a request's target, the path without the operator's prefix.
    func split(_ uri: String) -> (path: Substring, query: Substring) {
        var path = uri[...]
        var query: Substring = ""
        if let mark = uri.utf8.firstIndex(of: UInt8(ascii: "?")) {
            path = uri[..<mark]
            query = uri[uri.utf8.index(after: mark)...]
        }
        if let prefix = server.pathPrefix, path.hasPrefix(prefix), path.dropFirst(prefix.count).first == "/" {
            path = path.dropFirst(prefix.count)
        }
        return (path, query)
    }
}
