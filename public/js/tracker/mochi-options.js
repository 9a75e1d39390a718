// The attributes of the script's tag are the options.
if (window.mochi?.loaded) return;
const script = document.currentScript;
const options = {
    // What was called before this script was there.
    q: window.mochi?.q,
    // /js/mochi.js posts to /api/event, /x/js/mochi.js to /x/api/event.
    api: new URL("../api/event", script.src),
    // /js/{key}.js needs no attribute.
    key: script.src.replace(/.*\/(\w+)\.js.*/, "$1"),
    ...script.dataset
};
