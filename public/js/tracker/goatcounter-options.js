// GoatCounter's snippet: data-goatcounter="https://…/{key}/count" or "…/count?k={key}", data-goatcounter-settings, and
// settings in window.goatcounter.
const script = document.currentScript || document.querySelector("script[data-goatcounter]");
const goat = window.goatcounter = window.goatcounter || {};
if (goat.loaded) return;
try {
    Object.assign(goat, JSON.parse(script.dataset.goatcounterSettings || "{}"));
} catch (malformed) {}
const counter = new URL(goat.endpoint || script.dataset.goatcounter, script.src);
// Below a prefix there is a prefix: /x/{key}/count and /x/count?k={key}.
const [, prefix, pathKey] = /^(.*?)(?:\/([a-z0-9]{8,32}))?\/count$/.exec(counter.pathname) || [];
const options = {
    api: counter.origin + (prefix || "") + "/api/event",
    key: pathKey || counter.searchParams.get("k"),
    flag: "skipgc",
    manual: goat.no_onload,
    frames: goat.allow_frame
};
