import NIOCore

/// What a client may ask of the server, so that none can hold more of it than a client needs.
struct ConnectionLimits: Sendable {
    var headerCount = 100
    /// Names and values together.
    var headerBytes = 16 << 10
    /// From the first byte of a request to its last; a longer body gets a second more for each 32 KiB that came.
    var requestTime: TimeAmount = .seconds(10)
    /// Between requests.
    var idleTime: TimeAmount = .seconds(75)
    /// For a client to take an answer.
    var answerTime: TimeAmount = .seconds(10)
    var connectionsPerAddress = 512
    var connections = 16_384

    static let bytesPerSecond = 32 << 10
}
