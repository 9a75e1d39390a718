// Links to other hosts.
counters.push((element, isSent, link) =>
    link.host && link.host != location.host && send("Outbound Link: Click", {props: {url: link.href}}));
