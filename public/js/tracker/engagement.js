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
