// window.goatcounter: count(), filter(), url(), get_query(), bind_events().
const value = (vars, name, otherwise) => {
    const set = vars[name] === undefined ? goat[name] : vars[name];
    return typeof set == "function" ? set(otherwise) : set === undefined ? otherwise : set;
};

const canonical = () => {
    const link = document.querySelector("link[rel=canonical][href]");
    const {host, pathname, search} = link && new URL(link.href).host == location.host ? new URL(link.href) : location;
    return pathname + search || "/";
};

const count = (vars = {}) => {
    // A path of null says not to count.
    const where = value(vars, "path", canonical());
    if (where === null) return;
    const isEvent = vars.event || goat.event;
    const from = value(vars, "referrer", "");
    const named = value(vars, "title", "");
    record(isEvent ? where : "pageview", {
        ...!isEvent && {url: new URL("/" + where.replace(/^\/+/, ""), location.href).href},
        ...from && {referrer: from},
        ...named && (isEvent ? {props: {title: named}} : {title: named})
    });
};

// Its own page views go the same way, so that what the settings say of path and title holds for them.
const nextCount = page;
page = settings => {
    if (settings) return nextCount(settings);
    count();
};

Object.assign(goat, {
    loaded: true,
    count,
    filter: () => ignored() ? "disabled with #toggle-goatcounter" : isManual && frameElement ? "frame" : false,
    get_query: name => new URLSearchParams(location.search).get(name) || undefined,
    bind_events: () => document.querySelectorAll("[data-goatcounter-click]").forEach(element => {
        if (element.dataset.goatcounterBound) return;
        element.dataset.goatcounterBound = "true";
        element.addEventListener("click", () => count({
            event: true,
            path: element.dataset.goatcounterClick || element.name || element.id || "",
            title: element.dataset.goatcounterTitle || element.title || (element.innerHTML || "").slice(0, 200),
            referrer: element.dataset.goatcounterReferrer
        }));
    })
});

if (location.hash == "#toggle-goatcounter") {
    if (localStorage.skipgc) localStorage.removeItem("skipgc");
    else localStorage.skipgc = "t";
}
if (!goat.no_events) goat.bind_events();
start();
