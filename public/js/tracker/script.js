// The attributes of the script's tag are the options. A script that a module adds is not "current".
const script = document.currentScript || document.querySelector("script[data-key]");
const options = {
    // /js/mochi.js posts to /api/event, /x/js/mochi.js to /x/api/event.
    api: new URL("../api/event", script.src).href,
    // /js/{key}.js needs no attribute.
    key: script.src.split("/").pop().split(".")[0],
    ...script.dataset,
    ...given
};
if (window.mochi && mochi.loaded) return;
