// Umami's snippet: data-website-id, data-host-url, data-domains, data-auto-track, data-do-not-track.
const script = document.currentScript || document.querySelector("script[data-website-id]");
const {websiteId, hostUrl, domains, autoTrack, doNotTrack} = script.dataset;
const options = {
    api: hostUrl ? hostUrl.replace(/\/$/, "") + "/api/event" : new URL("api/event", script.src).href,
    // A website's id stands for its key.
    key: websiteId,
    flag: "umami.disabled",
    manual: autoTrack == "false",
    gpc: script.dataset.gpc
};
if (window.umami && umami.loaded || !websiteId) return;
const elsewhere = domains && !domains.split(",").map(name => name.trim()).includes(location.hostname);
const unwanted = doNotTrack == "true" && (navigator.doNotTrack == "1" || navigator.globalPrivacyControl);
