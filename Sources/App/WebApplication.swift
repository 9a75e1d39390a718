import Auth
import Hummingbird
import HummingbirdCore
package import Logging
package import Operations
import Postgres
package import ServiceLifecycle

/// The web process: marketing page, sign-up, dashboards, API.
package enum WebApplication {
    /// In the order of start; a `ServiceGroup` stops them in reverse.
    package static func services(
        configuration: Configuration, health: Health, logger: Logger
    ) async throws -> [any Service] {
        let app = Database(configuration, as: .app, applicationName: "mochi app", logger: logger)
        let system = Database(configuration, as: .system, applicationName: "mochi app", logger: logger)
        let passwords = PasswordHasher()
        let web = try Web(
            configuration: configuration, app: app, system: system, passwords: passwords, health: health)
        health.register("database") { await app.check() }
        return [app, system, PasswordThreads(passwords: passwords), application(web, logger: logger)]
    }

    static func application(
        _ web: Web, limits: ConnectionGuard.Limits = .init(), logger: Logger
    ) -> Application<RouterResponder<AppContext>> {
        let router = Router(context: AppContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: RequestRecord())
        router.add(middleware: SecurityHeaders(isSecure: web.cookies.isSecure))
        router.add(middleware: KeyRateHeaders(web: web))
        router.add(middleware: ErrorPages(web: web))
        Route.register(Routes.all, in: router, web: web)
        return Application(
            router: router,
            server: .http1(
                configuration: .init(
                    additionalChannelHandlers: [ConnectionGuard(limits: limits)], idleTimeout: .seconds(30),
                    httpDecoderConfiguration: .init(
                        maxHeaderFieldSize: 16 * 1024, maxHeaderListSize: 32 * 1024, maxHeaderFieldCount: 100)
                )),
            configuration: .init(
                address: .hostname(web.configuration.bind, port: web.configuration.appPort),
                availableConnectionsDelegate: MaximumAvailableConnections(2_000)),
            logger: logger)
    }
}

/// Ends the threads on which passwords are hashed, after the last request.
private struct PasswordThreads: Service {
    let passwords: PasswordHasher

    func run() async throws {
        try? await gracefulShutdown()
        await passwords.shutdown()
    }
}
