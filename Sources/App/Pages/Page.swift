import Auth
import HTTPTypes
import Hummingbird
import Mustache
import Operations

/// A page: a template and everything that it shows.
protocol Page: Sendable {
    static var template: String { get }
    /// Whether a visitor who is not signed in gets a form, and with it a cookie that the form is tied to.
    static var hasForm: Bool { get }
    var title: String { get }
    /// For search engines; nil for pages that are nobody else's business.
    var description: String? { get }
    /// The entry of the menu that is marked as the current one.
    var place: Place? { get }
    var model: Model { get }
}

enum Place: String, CaseIterable {
    case sites, docs, account, person, login
}

extension Page {
    static var hasForm: Bool { false }
    var description: String? { nil }
    var place: Place? { nil }
}

extension Web {
    /// Draws a page in the frame.
    func page(
        _ page: some Page, for request: Request, _ context: some BrowserContext,
        status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]
    ) -> Response {
        var headers = headers
        var secret = context.browser.formSecret
        if secret == nil, type(of: page).hasForm {
            let fresh = Token.random().text
            headers.append(HTTPField(name: .setCookie, value: cookies.form(fresh)))
            secret = fresh
        }
        let model = frame(
            page, csrf: secret.map { csrf.token(for: $0) }, context.browser, for: context.placement)
        return .html(
            templates.render(model, with: type(of: page).template), for: request, status: status,
            headers: headers)
    }

    /// A piece of a page, for the script that puts it in place of the one that it has.
    func part(
        _ page: some Page, _ template: String, for request: Request, _ context: some BrowserContext
    ) -> Response {
        let model = frame(
            page, csrf: context.browser.formSecret.map { csrf.token(for: $0) }, context.browser,
            for: context.placement)
        return .html(templates.render(model, with: template), for: request)
    }

    /// A page's own model and what the layout needs besides.
    func frame(
        _ page: some Page, csrf: String?, _ browser: Browser, for placement: Placement = .everybody
    ) -> Model {
        var (isEmbedded, theme) = (false, "")
        if case .embedded(_, _, let wanted) = placement { (isEmbedded, theme) = (true, wanted) }
        let frame: Model = [
            "embedded": isEmbedded, "theme": theme.isEmpty ? false : theme,
            "title": page.title,
            "description": page.description ?? false,
            "assets": assets.urls,
            "csrf": csrf ?? "",
            "member": browser.session != nil,
            "signUpOpen": configuration.signUp == .open,
            "at": Dictionary(uniqueKeysWithValues: Place.allCases.map { ($0.rawValue, $0 == page.place) }),
        ]
        return page.model.merging(frame) { own, _ in own }
    }
}

/// The templates, parsed once at the start.
struct Templates: Sendable {
    private let library: MustacheLibrary

    init(directory: String) throws {
        library = try MustacheLibrary(templates: Templates.parsed(directory))
    }

    func render(_ model: Model, with template: String) -> String {
        // Named by code alone, and every page is drawn by a test.
        guard let text = library.render(model, withTemplate: template) else {
            preconditionFailure("There is no template \(template).")
        }
        return text
    }

    private static func parsed(_ directory: String) throws -> [String: MustacheTemplate] {
        var templates: [String: MustacheTemplate] = [:]
        let pragma = HTMLText.pragma()
        for (path, bytes) in try Files.all(in: directory) where path.hasSuffix(".mustache") {
            do {
                templates[String(path.dropLast(".mustache".count))] = try MustacheTemplate(
                    string: pragma + String(decoding: bytes, as: UTF8.self))
            } catch let error as MustacheTemplate.ParserError {
                throw Unreadable(
                    description: "\(path), line \(error.context.lineNumber - 1): \(error.error).")
            }
        }
        return templates
    }

    struct Unreadable: Error, CustomStringConvertible {
        let description: String
    }
}
