// Counts page views and custom events. No cookies, and nothing stored in the browser but an opt-out.
//
// The collector joins the files of this folder into one function, in the order of its table of features: first one
// that makes `options`, then this one, then features, then one that publishes `track`. A feature adds to `page`,
// `send` or `failed` by putting a function in its place that calls the one that was there.

// data-hash and data-hash="true" are on, data-hash="false" is off.
const on = name => name in options && "" + options[name] != "false";

// A fragment stays here, for it may hold anything; with data-hash it names the page.
const address = () => on("hash") ? location.href : location.href.split("#")[0];

const ignored = () => {
    if (on("gpc") && navigator.globalPrivacyControl) return true;
    try {
        return localStorage.mochi_ignore || localStorage[options.flag];
    } catch (denied) {}
};

// What to do with an event that could not be delivered.
let failed = () => {};

// A text goes as text/plain, which needs no preflight; keepalive lets it outlive the page.
const deliver = (body, done) =>
    "keepalive" in Request.prototype
        ? fetch(options.api, {method: "POST", body, keepalive: true, credentials: "omit"}).then(
            answer => {
                if (answer.status > 428) failed(body);
                done(answer);
            },
            error => {
                failed(body);
                done({error});
            })
        : done(navigator.sendBeacon(options.api, body));

let send = (name, settings, more) => {
    const done = settings.callback || (() => {});
    if (ignored()) return done();
    deliver(JSON.stringify({
        n: name,
        u: (settings.url || address()).slice(0, 2000),
        k: options.key,
        d: options.domain,
        h: on("hash") || undefined,
        r: settings.referrer || referrer,
        w: innerWidth,
        tz: Intl.DateTimeFormat().resolvedOptions().timeZone,
        // New for every event: counts it once, however often it has to be sent.
        id: crypto.getRandomValues(new Uint32Array(4)).join("-"),
        p: settings.props,
        $: settings.revenue,
        i: settings.interactive,
        ...more
    }), done);
};

let referrer = document.referrer.split("?")[0];

// The settings of the page view that is being looked at, with its address and title.
let view;

let page = settings => {
    const former = view || {};
    referrer = former.url || referrer;
    view = {url: address(), title: document.title, ...settings};
    // Where only the address changed, the title is mostly still the former page's: better none than a wrong one.
    send("pageview", view, {t: view.title == former.title ? undefined : view.title});
};

// A frame of the same origin is part of the page around it, and not a page.
const manual = on("manual") || frameElement && !on("frames");

let path;

// Counts the page, unless only its query changed.
const look = event => {
    const now = location.pathname + (on("hash") ? location.hash : "");
    if (manual || now == path && !event.persisted) return;
    path = now;
    page();
};

// What is called before the page was looked at.
const calls = [];

let track = (...call) => calls.push(call);

const begin = event => {
    const {pushState} = history;
    history.pushState = function () {
        pushState.apply(this, arguments);
        look(event);
    };
    // pageshow: from the back/forward cache.
    for (const type of ["popstate", "hashchange", "pageshow"]) addEventListener(type, look);
    look(event);
    track = (name, settings = {}) => name == "pageview" ? page(settings) : send(name, settings);
    calls.forEach(call => track(...call));
};

// A page that was opened in the background or prerendered counts when somebody looks at it.
const start = () => document.hidden ? addEventListener("visibilitychange", begin, {once: true}) : begin({});
