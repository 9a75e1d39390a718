// The server answered that there is no such page.
if (performance.getEntriesByType("navigation")[0]?.responseStatus == 404)
    record("404", {props: {path: location.pathname}, interactive: false});
