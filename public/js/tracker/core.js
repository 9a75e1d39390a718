// Counts page views and custom events. No cookies, and nothing stored in the browser but an opt-out.
//
// The collector joins the files of this folder into one function: first one that makes `options`, then this one, then
// features, then one that publishes `record`. A feature adds to what `let` declares here by putting a function in its
// place that calls the one that was there.

const listen = (types, heard, isFirst) => types.forEach(type => addEventListener(type, heard, isFirst));

// data-hash and data-hash="true" are on, data-hash="false" is off.
const on = name => (options[name] ?? "false") + "" != "false";

// A fragment stays here, for it may hold anything; with data-hash it names the page.
const address = () => on("hash") ? location.href : location.href.split("#")[0];

const ignored = () => {
    if (on("gpc") && navigator.globalPrivacyControl) return true;
    try {
        return localStorage.mochi_ignore || localStorage[options.flag];
    } catch {}
};

// A text goes as text/plain, which needs no preflight; keepalive lets it outlive the page.
let post = body => fetch(options.api, {method: "POST", body, keepalive: true, credentials: "omit"});

// What to do with an event that could not be delivered.
let failed = () => {};

const deliver = (body, done, born = Date.now()) => post(body).catch(error => ({error})).then(answer => {
    if (!(answer.status < 429)) failed(body, born);
    done?.(answer);
});

let send = (name, settings, more) => ignored() ? settings.callback?.({}) : deliver(JSON.stringify({
    n: name,
    u: (settings.url || address()).slice(0, 2000),
    k: options.key,
    d: options.domain,
    h: on("hash"),
    r: settings.referrer || cameFrom,
    w: innerWidth,
    tz: Intl.DateTimeFormat().resolvedOptions().timeZone,
    // New for every event: counts it once, however often it has to be sent.
    id: "" + Math.random() + Math.random(),
    p: settings.props,
    $: settings.revenue,
    i: settings.interactive,
    ...more
}), settings.callback);

let cameFrom = document.referrer.split("?")[0];

// The settings of the page view that is being looked at, with its address and title.
let view;

let page = settings => {
    const former = view;
    cameFrom = former?.url || cameFrom;
    view = {url: address(), title: document.title, ...settings};
    // Where only the address changed, the title is mostly still the former page's: better none than a wrong one.
    send("pageview", view, {t: view.title == former?.title ? "" : view.title});
};

// A frame of the same origin is part of the page around it, and not a page.
const isManual = on("manual") || frameElement && !on("frames");

let shown;

// Counts the page, unless only its query changed.
const look = event => {
    const now = location.pathname + (on("hash") ? location.hash : "");
    if (isManual || now == shown && !event.persisted) return;
    shown = now;
    page();
};

// What was called before the page is looked at.
const calls = options.q || [];

let record = (...call) => calls.push(call);

const begin = () => {
    const push = history.pushState.bind(history);
    history.pushState = (...state) => {
        push(...state);
        look({});
    };
    // pageshow: from the back/forward cache.
    listen(["popstate", "hashchange", "pageshow"], look);
    look({});
    record = (name, settings = {}) => name == "pageview" ? page(settings) : send(name, settings);
    calls.forEach(call => record(...call));
};

// A page that was opened in the background or prerendered counts when somebody looks at it.
const start = () => document.hidden ? addEventListener("visibilitychange", begin, {once: true}) : begin();
