import NIOCore
import NIOHTTPTypes

/// Cuts connections that are held open without being used: a body that trickles in, a reader that does not
/// read, a body that nobody wants. Headers that trickle in are the server's idle timeout's to cut.
final class ConnectionGuard: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    struct Limits: Sendable {
        /// From a request's head to the end of its body.
        var body: TimeAmount = .seconds(20)
        /// For any part of an answer to leave.
        var write: TimeAmount = .seconds(30)
        /// After an answer that did not wait for the body, for the sender to hear it.
        var linger: TimeAmount = .seconds(2)
    }

    private enum Inbound {
        case idle, reading, discarding
    }

    private let limits: Limits
    private var inbound = Inbound.idle
    private var bodyDeadline: Scheduled<Void>?
    private var writeDeadline: Scheduled<Void>?
    private var unwritten = 0

    init(limits: Limits = Limits()) {
        self.limits = limits
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if case .discarding = inbound { return }
        switch unwrapInboundIn(data) {
        case .head:
            inbound = .reading
            bodyDeadline = closing(context, in: limits.body)
        case .body:
            break
        case .end:
            inbound = .idle
            bodyDeadline?.cancel()
            bodyDeadline = nil
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        var isEnd = false
        if case .end = unwrapOutboundIn(data) { isEnd = true }
        let written = promise ?? context.eventLoop.makePromise(of: Void.self)
        unwritten += 1
        if writeDeadline == nil { writeDeadline = closing(context, in: limits.write) }
        let bound = NIOLoopBound((guarding: self, context: context), eventLoop: context.eventLoop)
        written.futureResult.whenComplete { _ in bound.value.guarding.wrote(bound.value.context) }
        context.write(data, promise: written)

        // The answer came before the whole body did, so the rest is not wanted. Read it away for a moment,
        // since closing at once would reset the connection before the sender has read the answer.
        if isEnd, case .reading = inbound {
            inbound = .discarding
            bodyDeadline?.cancel()
            context.flush()
            context.close(mode: .output, promise: nil)
            bodyDeadline = closing(context, in: limits.linger)
        }
    }

    private func wrote(_ context: ChannelHandlerContext) {
        unwritten -= 1
        writeDeadline?.cancel()
        writeDeadline = unwritten > 0 ? closing(context, in: limits.write) : nil
    }

    private func closing(_ context: ChannelHandlerContext, in time: TimeAmount) -> Scheduled<Void> {
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        return context.eventLoop.scheduleTask(in: time) { bound.value.close(promise: nil) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        cancelDeadlines()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        cancelDeadlines()
    }

    private func cancelDeadlines() {
        bodyDeadline?.cancel()
        bodyDeadline = nil
        writeDeadline?.cancel()
        writeDeadline = nil
    }
}
