/// `GET /pixel.gif?k=…&u=…`: a page view without script. Without `u` the page is the one that shows the picture.
enum Pixel {
    static func show(_ exchange: inout Exchange) -> Answer {
        let parameters = exchange.request.parameters()
        guard let key = parameters["k"] else { return Answer.gif.with("x-mochi-dropped", "unknown_site") }
        var hit = Hit(target: .key(key))
        hit.page = (parameters["u"] ?? exchange.request.headers.referer).flatMap { url in
            url.utf8.count <= Hit.maximumURL ? PageURL(url) : nil
        }
        hit.referrer = parameters["r"] ?? ""
        hit.title = (parameters["t"] ?? "").cut(toBytes: Hit.maximumTitle)
        hit.timeZone = parameters["tz"]
        return Answer.gif.dropping(exchange.take(hit).map { [$0] } ?? [])
    }
}
