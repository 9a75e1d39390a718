// The attributes of the script's tag are the options. A script that a module adds is not "current".
if (window.mochi?.loaded) return;
const script = document.currentScript || document.querySelector("script[data-key]");
const options = {
    // What was called before this script was there.
    q: window.mochi?.q,
    // /js/mochi.js posts to /api/event, /x/js/mochi.js to /x/api/event.
    api: new URL("../api/event", script.src),
    // /js/{key}.js needs no attribute.
    key: script.src.replace(/.*\/(\w+)\.js.*/, "$1"),
    ...script.dataset
};
