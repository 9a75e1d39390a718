window.mochi = (...call) => track(...call);
mochi.loaded = 1;
start();
