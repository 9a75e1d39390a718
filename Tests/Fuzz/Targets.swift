import Glibc

// One program for all targets; which one it is, ./run says in the environment.

private enum Target: String {
    case enrichment, headers, payloads, scanner, segments, urls
}

private let target = Target(rawValue: getenv("MOCHI_FUZZ_TARGET").map { String(cString: $0) } ?? "")

@_cdecl("LLVMFuzzerTestOneInput")
func fuzz(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    let bytes = UnsafeRawBufferPointer(start: data, count: size)
    switch target {
    case .enrichment: fuzzEnrichment(bytes)
    case .headers: fuzzHeaders(bytes)
    case .payloads: fuzzPayloads(bytes)
    case .scanner: fuzzScanner(bytes)
    case .segments: fuzzSegments(bytes)
    case .urls: fuzzURLs(bytes)
    case nil: fatalError("MOCHI_FUZZ_TARGET names no target")
    }
    return 0
}
