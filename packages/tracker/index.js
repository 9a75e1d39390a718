// Made by packages/tracker/assemble from public/js/tracker: change it there.

export function init(options) {
    if (typeof window == "undefined") return () => {};
    options = {...options, api: options.api || new URL("api/event", options.url.replace(/\/?$/, "/")).href};

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

    // How long a page was looked at (e, in milliseconds since the last such event) and how far down it was read (sd, in
    // percent): sent when it is left, hidden or loses the focus.
    let since;
    let spent = 0;
    let deepest = 0;
    let told = -1;

    const scrolled = () => {
        deepest = Math.max(deepest, scrollY + innerHeight);
    };

    const report = () => {
        const now = performance.now();
        if (since) spent += now - since;
        since = !document.hidden && document.hasFocus() && now;
        scrolled();
        const sd = Math.min(100, Math.round(deepest / document.documentElement.scrollHeight * 100));
        if (view && (sd > told || spent > 3000)) {
            send("engagement", {url: view.url, props: view.props}, {sd, e: Math.round(spent)});
            spent = 0;
            told = sd;
        }
    };

    const nextPage = page;
    page = settings => {
        report();
        nextPage(settings);
        spent = deepest = 0;
        told = -1;
    };

    listen(["scroll"], scrolled);
    listen(["focus", "blur", "pagehide", "visibilitychange"], report);

    // What could not be delivered is tried again: after half a minute, when the network is back, and when the page is left.
    // Kept in memory, at most twenty events, for an hour.
    const waiting = [];
    let timer;

    failed = (body, born) => {
        if (waiting.length < 20 && Date.now() - born < 36e5) waiting.push([body, born]);
        clearTimeout(timer);
        timer = setTimeout(again, 3e4);
    };

    const again = () => waiting.splice(0).forEach(([body, born]) => deliver(body, undefined, born));

    listen(["online", "pagehide"], again);

    // One listener for clicks and sent forms: the first feature that counts one is the last to see it.
    const counters = [];

    const acted = event => {
        // Within a component, too.
        const element = event.composedPath()[0];
        // The middle button opens links, the right one does not.
        if (!(event.button > 1))
            counters.some(counter => counter(element, event.type == "submit", element.closest?.("a[href]") || ""));
    };

    listen(["click", "auxclick", "submit"], acted, true);

    // Elements that name an event: data-mochi-event="Signup" data-mochi-prop-plan="pro", or with Plausible's classes
    // plausible-event-name=Signup plausible-event-plan=pro. A form counts when it is sent, all else when it is clicked.
    counters.push((element, isSent) => {
        const tag = element.closest?.("[data-mochi-event],[class*=plausible-event-name]");
        if (!tag || (tag.tagName == "FORM") != isSent) return;
        let name;
        let revenue;
        const props = {};
        const read = text => {
            // Some site builders allow no "=" in a class.
            const [, kind, key, value] = /^(?:data-mochi|plausible)-(event|prop|revenue)-?(.*?)(?:=|--)(.*)/.exec(text) || [];
            if (kind == "revenue") revenue = {...revenue, [key]: value};
            else if (key && key != "name") props[key] = value;
            else if (kind) name = value;
        };
        for (const attribute of tag.attributes) read(attribute.name + "=" + attribute.value);
        // In a class a "+" is a space.
        for (const text of tag.classList) read(text.replace(/\+/g, " "));
        send(name, {props, revenue});
        return true;
    });

    // Links to other hosts.
    counters.push((element, isSent, link) =>
        link.host && link.host != location.host && send("Outbound Link: Click", {props: {url: link.href}}));

    // Links to files.
    let fileTypes = "pdf|xlsx?|docx?|txt|rtf|csv|exe|key|pp[st]x?|7z|pkg|rar|gz|zip|avi|mov|mp[34]|mpe?g|wmv|midi?|wav|wma|dmg";
    counters.push((element, isSent, link) => RegExp(`\\.(${fileTypes})$`, "i").test(link.pathname)
        && send("File Download", {props: {url: link.origin + link.pathname}}));

    // Forms that were sent. What they hold is not read.
    counters.push((element, isSent) => isSent && send("Form: Submission", {props: {path: location.pathname}}));

    // The server answered that there is no such page.
    if (performance.getEntriesByType("navigation")[0]?.responseStatus == 404)
        record("404", {props: {path: location.pathname}, interactive: false});

    // Links to #mochi-opt-out and #mochi-opt-in: for visitors, and for owners who do not want to count themselves.
    const choose = () => {
        if (location.hash == "#mochi-opt-out") localStorage.mochi_ignore = true;
        if (location.hash == "#mochi-opt-in") delete localStorage.mochi_ignore;
    };

    listen(["hashchange"], choose);
    choose();

    start();
    return (name, settings) => { record(name, settings); };
}
