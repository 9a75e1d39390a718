// What could not be delivered is tried again: after half a minute, when the network is back, and when the page is left.
// Kept in memory, at most twenty events, for an hour.
const waiting = [];
let timer;

failed = (body, born) => {
    if (waiting.length < 20 && Date.now() - born < 36e5) waiting.push([body, born]);
    clearTimeout(timer);
    timer = setTimeout(again, 3e4);
};

const again = () => waiting.splice(0).forEach(([body, born]) => deliver(body, undefined, born));

listen(["online", "pagehide"], again);
