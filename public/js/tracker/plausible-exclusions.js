// data-exclude and data-include: patterns of paths, separated by commas; * stands for a part of a path, ** for any.
const matches = patterns => patterns.split(",").some(pattern => {
    const parts = pattern.trim().split("**").map(part =>
        part.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replace(/\*/g, "[^/]*"));
    return new RegExp("^" + parts.join(".*") + "/?$").test(location.pathname + (on("hash") ? location.hash : ""));
});
const included = page;
page = settings => {
    if (options.include && !matches(options.include) || options.exclude && matches(options.exclude)) return;
    included(settings);
};
