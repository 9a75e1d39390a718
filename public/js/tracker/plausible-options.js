// Plausible's snippet: data-domain, data-api, and the features that the script's name lists.
const script = document.currentScript || document.querySelector("script[data-domain]");
const options = {
    api: new URL("../api/event", script.src).href,
    flag: "plausible_ignore",
    ...script.dataset
};
if (window.plausible && plausible.loaded) return;
