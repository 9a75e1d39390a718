// window.umami in its forms: track(), track(name), track(name, data), track(payload), track(payload => payload).
const sendAnywhere = send;
send = (name, settings, more) => elsewhere || unwanted || sendAnywhere(name, settings, more);

const trackPayload = ({name, url, title, referrer, data}) => record(name || "pageview", {
    ...url && {url: new URL(url, location.href).href},
    ...title && {title},
    ...referrer && {referrer},
    ...data && {props: data}
});

window.umami = {
    loaded: true,
    track(event, data) {
        const payload = {
            website: websiteId,
            hostname: location.hostname,
            language: navigator.language,
            screen: `${screen.width}x${screen.height}`,
            title: document.title,
            url: location.pathname + location.search,
            referrer: document.referrer
        };
        const made = typeof event == "function" ? event(payload) : event;
        if (typeof made == "string") trackPayload({name: made, data});
        else if (made || !event) trackPayload(made || {});
        return Promise.resolve();
    },
    // Who a visitor is, is nothing that Mochi keeps: it is not even sent.
    identify() {
        return Promise.resolve();
    }
};

// data-umami-event="Signup" data-umami-event-plan="pro"
addEventListener("click", event => {
    const element = event.composedPath()[0];
    const tag = element.closest && element.closest("[data-umami-event]");
    if (!tag) return;
    const data = {};
    for (const {name, value} of tag.attributes) {
        if (name.startsWith("data-umami-event-")) data[name.slice(17)] = value;
    }
    trackPayload({name: tag.dataset.umamiEvent, data});
}, true);

start();
