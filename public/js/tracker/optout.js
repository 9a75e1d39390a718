// Links to #mochi-opt-out and #mochi-opt-in: for visitors, and for owners who do not want to count themselves.
const choose = () => {
    if (location.hash == "#mochi-opt-out") localStorage.mochi_ignore = true;
    if (location.hash == "#mochi-opt-in") delete localStorage.mochi_ignore;
};

listen(["hashchange"], choose);
choose();
