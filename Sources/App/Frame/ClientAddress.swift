import HTTPTypes
import Hummingbird
import NIOCore
import Operations

/// From where a request really comes. For the throttle alone, in memory alone.
enum ClientAddress {
    /// Four or sixteen bytes; empty if unknown. Forwarding headers count when the connection comes from a
    /// trusted proxy: then it is the right-most address that is not one of them.
    static func bytes(_ request: Request, peer: SocketAddress?, trusting proxies: [CIDR]) -> [UInt8] {
        guard let text = peer?.ipAddress, let connection = CIDR.addressBytes(text) else { return [] }
        guard proxies.contains(where: { $0.contains(connection) }) else { return connection }
        let forwarded = request.headers[values: HTTPField.Name("X-Forwarded-For")!]
            .flatMap { $0.split(separator: ",") }
        for entry in forwarded.reversed() {
            guard let address = CIDR.addressBytes(trimmed(entry)) else { break }
            if !proxies.contains(where: { $0.contains(address) }) { return address }
        }
        return connection
    }

    private static func trimmed(_ entry: Substring) -> String {
        String(entry.drop { $0 == " " }.prefix { $0 != " " })
    }
}
