import CCurl
import Glibc

/// What libcurl calls during a transfer, on the transfer's own thread.
extension Transfer {
    private static func at(_ context: UnsafeMutableRawPointer?) -> Transfer {
        Unmanaged<Transfer>.fromOpaque(context!).takeUnretainedValue()
    }

    /// A count other than the one that was offered ends the transfer.
    static let write: curl_write_callback = { bytes, size, count, context in
        let transfer = at(context)
        guard transfer.received.count + size * count <= transfer.limit else {
            transfer.overflowed = true
            return 0
        }
        transfer.received.append(contentsOf: UnsafeRawBufferPointer(start: bytes, count: size * count))
        return size * count
    }

    /// One line of a response's head. Each hop of a redirect begins a new head; only the last is kept.
    static let header: curl_write_callback = { bytes, size, count, context in
        let transfer = at(context)
        let line = UnsafeRawBufferPointer(start: bytes, count: size * count)
        if line.starts(with: "HTTP/".utf8) { transfer.head.removeAll() }
        guard transfer.head.count + line.count <= headLimit else {
            transfer.overflowed = true
            return 0
        }
        transfer.head.append(contentsOf: line)
        return line.count
    }

    static let read: curl_read_callback = { bytes, size, count, context in
        let transfer = at(context)
        let length = min(size * count, transfer.upload.count - transfer.sent)
        guard length > 0, let bytes else { return 0 }
        transfer.upload.withUnsafeBytes { upload in
            UnsafeMutableRawPointer(bytes).copyMemory(
                from: upload.baseAddress! + transfer.sent, byteCount: length)
        }
        transfer.sent += length
        return length
    }

    /// Called at least once a second; anything but 0 ends the transfer.
    static let progress: curl_xferinfo_callback = { context, _, _, _, _ in
        at(context).patience.isCancelled ? 1 : 0
    }

    /// Looks at the address in the moment of connecting, after every resolution of a name: a redirect, a second
    /// answer of the DNS or an odd spelling of an address all come by here.
    static let openSocket: curl_opensocket_callback = { context, _, address in
        guard let address else { return -1 }
        let transfer = at(context)
        if let guarding = transfer.guarding {
            // The C structure's last member is really longer than it says.
            let offset = MemoryLayout<curl_sockaddr>.offset(of: \.addr)!
            let bytes = UnsafeRawBufferPointer(
                start: UnsafeRawPointer(address) + offset, count: Int(address.pointee.addrlen))
            guard let ip = Address(sockaddr: bytes), guarding.allows(ip) else {
                transfer.refused = Address(sockaddr: bytes)?.description ?? "not an internet address"
                return -1
            }
        }
        return socket(
            address.pointee.family, address.pointee.socktype | Int32(SOCK_CLOEXEC.rawValue),
            address.pointee.protocol)
    }
}
