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

    // <p data-strength-of="id" hidden>: how long a new password would be guessed at. A rough estimate, made here: nothing
    // is sent. The server decides on its own what it refuses.
    const known = ["pass", "word", "qwer", "asdf", "zxcv", "admin", "welcome", "letmein", "iloveyou", "monkey", "dragon",
        "summer", "winter", "love", "mochi"];
    const meant = { 0: "o", "@": "a", 1: "i", 3: "e", 4: "a", $: "s", 5: "s", 7: "t" };
    const bits = (password, own) => {
        const text = password.toLowerCase();
        const plain = text.replace(/[0@134$57]/g, (sign) => meant[sign]);
        const words = [...own, ...known];
        let sum = 0;
        for (let at = 0; at < text.length;) {
            const word = words.find((word) => plain.startsWith(word, at));
            const pair = /^\p{L}{2}$/u.test(text.slice(at - 1, at + 1));
            const step = at ? Math.abs(text.charCodeAt(at) - text.charCodeAt(at - 1)) : 9;
            sum += word ? 5 : step <= 1 ? 0.7 : pair ? 2.6 : 4.5;
            at += word ? word.length : 1;
        }
        return sum;
    };
    for (const note of document.querySelectorAll("[data-strength-of]")) {
        const field = document.getElementById(note.dataset.strengthOf);
        const words = () => [...field.form.querySelectorAll('[name="email"], [name="name"]')]
            .flatMap((other) => other.value.toLowerCase().split(/[^\p{L}]+/u)).filter((word) => word.length > 2);
        field.addEventListener("input", () => {
            const length = [...field.value].length;
            note.hidden = length === 0;
            const found = bits(field.value, words());
            const level = length < 8 || found < 26 ? 1 : found < 36 ? 2 : found < 50 ? 3 : 4;
            const text = ["", "Easy to guess", "Not bad; a longer one is better", "Good", "Very good"][level];
            note.dataset.level = level;
            note.querySelector("[role=status]").textContent =
                length < 8 ? `${8 - length} more character${length === 7 ? "" : "s"}` : text;
        });
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
