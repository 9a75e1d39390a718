// window.plausible, and what was put into its queue before.
const queue = window.plausible && plausible.q || [];
window.plausible = (name, settings = {}) => record(name, {
    ...settings,
    url: settings.u || settings.url,
    props: settings.props || settings.meta
});
plausible.loaded = true;
queue.forEach(call => plausible(...call));
start();
