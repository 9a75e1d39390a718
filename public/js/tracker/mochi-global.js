window.mochi = (...call) => record(...call);
mochi.loaded = 1;
start();
