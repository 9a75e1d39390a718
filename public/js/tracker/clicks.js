// One listener for clicks and sent forms: the first feature that counts one is the last to see it.
const counters = [];

const acted = event => {
    // Within a component, too.
    const element = event.composedPath()[0];
    // The middle button opens links, the right one does not.
    if (!(event.button > 1))
        counters.some(counter => counter(element, event.type == "submit", element.closest?.("a[href]") || ""));
};

listen(["click", "auxclick", "submit"], acted, true);
