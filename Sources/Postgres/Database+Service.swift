import ServiceLifecycle

extension Database: Service {
    package func run() async throws {
        try? await gracefulShutdown()
        await close()
    }
}
