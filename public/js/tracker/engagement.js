// How long a page was looked at (e, in milliseconds since the last such event) and how far down it was read (sd, in
// percent): sent when it is left, hidden or loses the focus.
let since, spent = 0, deepest = 0, told = -1;

const measure = () => {
    const now = performance.now();
    if (since) spent += now - since;
    since = document.hidden || !document.hasFocus() ? 0 : now;
};

const scroll = () => {
    deepest = Math.max(deepest, scrollY + innerHeight);
};

const report = () => {
    measure();
    scroll();
    const depth = Math.min(100, Math.round(deepest / document.documentElement.scrollHeight * 100));
    if (view && (depth > told || spent > 3000)) {
        send("engagement", {url: view.url, props: view.props}, {sd: depth, e: Math.round(spent)});
        spent = 0;
        told = depth;
    }
};

const nextPage = page;
page = settings => {
    report();
    nextPage(settings);
    spent = deepest = 0;
    told = -1;
    measure();
};

addEventListener("scroll", scroll, {passive: true});
addEventListener("focus", measure);
addEventListener("blur", report);
addEventListener("pagehide", report);
document.addEventListener("visibilitychange", () => document.hidden ? report() : measure());
