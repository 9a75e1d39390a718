// Forms that were sent. What they hold is not read.
counters.push((element, isSent) => isSent && send("Form: Submission", {props: {path: location.pathname}}));
