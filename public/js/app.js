// What makes Mochi's pages quicker to use. Every page works without it.
(() => {
    "use strict";

    // <button data-copy="id" hidden>: puts that element's text on the clipboard.
    for (const button of document.querySelectorAll("[data-copy]")) {
        if (!navigator.clipboard) continue;
        button.hidden = false;
        const label = button.textContent;
        button.addEventListener("click", async () => {
            try {
                await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent.trim());
                button.textContent = "Copied";
            } catch {
                button.textContent = "Press Ctrl+C";
            }
            setTimeout(() => { button.textContent = label; }, 2000);
        });
    }

    // <… data-time-zone>: the browser's zone, where nobody has chosen yet.
    for (const field of document.querySelectorAll("[data-time-zone]")) {
        const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
        if (!zone) continue;
        if (field.tagName !== "SELECT" || [...field.options].some((option) => option.value === zone)) {
            field.value = zone;
        }
    }

    // <… data-poll="url" data-then="url">: asks until {"received": true}, says so, and goes there.
    for (const element of document.querySelectorAll("[data-poll]")) {
        const status = element.querySelector("[data-poll-status]");
        let pause = 2000;
        const ask = async () => {
            if (!document.hidden) {
                try {
                    const answer = await fetch(element.dataset.poll, { headers: { Accept: "application/json" } });
                    if (answer.status === 401 || answer.status === 404) return;
                    if (answer.ok && (await answer.json()).received) {
                        element.classList.add("done");
                        status.textContent = "The first page view is here. Opening your dashboard…";
                        setTimeout(() => { location.href = element.dataset.then; }, 900);
                        return;
                    }
                } catch {
                    // Away for a moment; the next turn asks again.
                }
                pause = Math.min(pause * 1.1, 15000);
            }
            setTimeout(ask, pause);
        };
        setTimeout(ask, pause);
    }

    // A form that has been sent is not sent twice.
    for (const form of document.querySelectorAll("form[method=post]")) {
        form.addEventListener("submit", (event) => {
            if (form.dataset.sent) event.preventDefault();
            form.dataset.sent = "yes";
        });
    }
    window.addEventListener("pageshow", () => {
        for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
    });
})();
