// What could not be delivered is tried again: after half a minute, when the network is back, and when the page is left.
// Kept in memory, at most twenty events of the last hour.
let waiting = [], timer;

failed = body => {
    waiting = [...waiting, {body, until: Date.now() + 36e5}].slice(-20);
    clearTimeout(timer);
    timer = setTimeout(again, 3e4);
};

const again = () => waiting.splice(0).forEach(event => event.until > Date.now() && deliver(event.body, () => {}));

addEventListener("online", again);
addEventListener("pagehide", again);
