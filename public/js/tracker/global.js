// window.mochi, and what was put into its queue before.
const queue = window.mochi && mochi.q || [];
window.mochi = (...call) => track(...call);
mochi.loaded = true;
queue.forEach(call => mochi(...call));
start();
