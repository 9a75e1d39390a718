// Links to files.
let fileTypes = "pdf|xlsx?|docx?|txt|rtf|csv|exe|key|pp[st]x?|7z|pkg|rar|gz|zip|avi|mov|mp[34]|mpe?g|wmv|midi?|wav|wma|dmg";
counters.push((element, isSent, link) => RegExp(`\\.(${fileTypes})$`, "i").test(link.pathname)
    && send("File Download", {props: {url: link.origin + link.pathname}}));
