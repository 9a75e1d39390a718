/* Mochi: counts page views. No cookies, nothing stored in the browser. */
(function (window, document) {
    "use strict";

    // A script that a tag manager adds is not "current".
    var script = document.currentScript || document.querySelector("script[data-key][src*='/js/']");
    if (!script || (window.mochi && window.mochi.loaded)) return;

    // /js/mochi.js or /prefix/js/mochi.js: the collector is where the script came from.
    var endpoint = script.getAttribute("data-api") || script.src.replace(/\/js\/[^/]*$/, "/api/event");
    // /js/<key>.js needs no attribute.
    var key = script.getAttribute("data-key") || (/\/js\/([a-z0-9]{8,32})\.js/.exec(script.src) || [])[1];
    var location = window.location;
    var lastPath;

    function timeZone() {
        try {
            return Intl.DateTimeFormat().resolvedOptions().timeZone;
        } catch (error) {
            return undefined;
        }
    }

    // Counts one delivery once, even if the browser repeats it; new for every event.
    function randomId() {
        var bytes = new Uint8Array(12);
        window.crypto.getRandomValues(bytes);
        return Array.prototype.map.call(bytes, function (byte) {
            return (byte < 16 ? "0" : "") + byte.toString(16);
        }).join("");
    }

    function send(name, options) {
        var event = {
            n: name,
            u: (options && options.url) || location.href,
            k: key,
            r: document.referrer || undefined,
            t: document.title || undefined,
            w: window.innerWidth || undefined,
            tz: timeZone(),
            id: randomId()
        };
        if (options && options.props) event.p = options.props;
        if (options && options.revenue) event.$ = options.revenue;
        if (options && options.interactive === false) event.i = false;

        var body = JSON.stringify(event);
        // text/plain keeps the request simple: no preflight. keepalive outlives the page.
        if (window.fetch) {
            window.fetch(endpoint, {
                method: "POST",
                headers: { "Content-Type": "text/plain" },
                body: body,
                keepalive: true,
                credentials: "omit",
                mode: "cors"
            }).then(function () {
                if (options && options.callback) options.callback();
            }, function () {});
        } else if (navigator.sendBeacon) {
            navigator.sendBeacon(endpoint, body);
        }
    }

    function page() {
        // A changed fragment alone is the same page.
        var path = location.pathname + location.search;
        if (path === lastPath) return;
        lastPath = path;
        send("pageview");
    }

    var queued = (window.mochi && window.mochi.q) || [];
    window.mochi = send;
    window.mochi.loaded = true;
    queued.forEach(function (call) {
        send.apply(null, call);
    });

    // Pages that change their address without loading.
    var pushState = window.history.pushState;
    if (pushState) {
        window.history.pushState = function () {
            pushState.apply(this, arguments);
            page();
        };
        window.addEventListener("popstate", page);
    }

    // A page that comes back from the back/forward cache is seen again.
    window.addEventListener("pageshow", function (event) {
        if (event.persisted) {
            lastPath = undefined;
            page();
        }
    });

    // A prerendered page counts when somebody looks at it.
    if (document.prerendering) {
        document.addEventListener("prerenderingchange", page, { once: true });
    } else if (document.visibilityState === "prerender") {
        document.addEventListener("visibilitychange", function () {
            if (document.visibilityState === "visible") page();
        });
    } else {
        page();
    }
})(window, document);
