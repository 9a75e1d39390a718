// What makes the dashboard instant: links exchange a part of the page, and address and history follow. Without it,
// every link and form does the same by loading a page.
(() => {
    "use strict";
    const find = (selector, root = document) => root.querySelector(selector);
    const all = (selector, root = document) => [...root.querySelectorAll(selector)];
    const board = () => find("[data-board]");
    if (!board() || !find("[data-chart]")) return;
    const isPlain = (event) => event.button === 0 && !event.metaKey && !event.ctrlKey && !event.altKey;
    const make = (tag, name, text) => Object.assign(document.createElement(tag), { className: name || "", textContent: text || "" });
    const announce = make("p", "visually-hidden");
    announce.setAttribute("role", "status");
    document.body.append(announce);

    // Exchanging. The last click wins: what it overtakes is dropped.
    let running = null;
    const fetchBoard = async (address) => {
        running?.abort();
        const own = running = new AbortController();
        const answer = await fetch(address, { headers: { Accept: "text/html", "X-Mochi-Part": "board" }, signal: own.signal });
        if (!answer.ok || answer.redirected) throw new Error("not the page");
        const text = await answer.text();
        if (own.signal.aborted) throw new DOMException("overtaken", "AbortError");
        return find("[data-board]", new DOMParser().parseFromString(text, "text/html"));
    };
    // Where the keyboard was: the same link, or the one in its place.
    const placeOf = (element) => {
        if (!element || !board().contains(element)) return null;
        for (const name of ["data-tab", "data-key", "id"]) {
            if (element.hasAttribute(name)) return `[${name}="${CSS.escape(element.getAttribute(name))}"]`;
        }
        const box = element.closest("[data-box]");
        if (box) return `[data-box="${box.dataset.box}"] [aria-current]`;
        return element.closest(".figure") ? ".figure.chosen a" : element.closest(".intervals") ? ".intervals [aria-current]" : null;
    };
    const exchange = async (address, push = true) => {
        const focus = placeOf(document.activeElement);
        board().setAttribute("aria-busy", "true");
        try {
            const fresh = await fetchBoard(address);
            if (!fresh) throw new Error("not the page");
            const opened = all("details[id][open]", board()).map((element) => element.id);
            board().replaceWith(fresh);
            // Filters that were applied as they were are no step to go back over.
            if (push && new URL(address, location).href !== location.href) history.pushState(null, "", address);
            for (const id of opened) document.getElementById(id)?.setAttribute("open", "");
            prepare();
            if (focus) find(focus)?.focus({ preventScroll: true });
            announce.textContent = find(".main-card")?.getAttribute("aria-label") || "";
        } catch (error) {
            if (error.name !== "AbortError") location.href = address;
        }
    };
    const query = (items) => items.length
        ? "?" + items.map(([name, value]) => `${name}=${encodeURIComponent(value).replace(/%2C/g, ",").replace(/%3A/g, ":").replace(/%2F/g, "/")}`).join("&") : "";

    const isOwn = (url) => url.origin === location.origin && url.pathname === location.pathname;
    document.addEventListener("click", (event) => {
        const link = event.target.closest?.("[data-board] a[href]");
        if (!link || !isPlain(event)) return;
        let address = link.getAttribute("href");
        if (link.hasAttribute("data-dialog")) {
            event.preventDefault();
            openFilters(address);
            return;
        }
        if (!isOwn(new URL(address, location))) return;
        // Shift: everything but this.
        if (event.shiftKey) {
            if (!link.hasAttribute("data-filter")) return;
            const at = Math.max(address.lastIndexOf("?f=is,"), address.lastIndexOf("&f=is,"), address.lastIndexOf("&and=is,"));
            if (at < 0) return;
            address = address.slice(0, at) + address.slice(at).replace("=is,", "=is_not,");
        }
        event.preventDefault();
        exchange(address);
    });
    addEventListener("popstate", () => exchange(location.href, false));
    document.addEventListener("submit", (event) => {
        const form = event.target;
        if (form.method !== "get" || !board().contains(form) || !isOwn(new URL(form.action))) return;
        event.preventDefault();
        exchange(location.pathname + query([...new FormData(form)].filter(([, value]) => value !== "")));
    });

    // Drop-downs: one at a time, closed by a click elsewhere and by Escape.
    document.addEventListener("click", (event) => {
        for (const drop of all("details.drop[open]")) if (!drop.contains(event.target)) drop.open = false;
    });
    document.addEventListener("toggle", (event) => {
        if (!event.target.matches?.("details.drop") || !event.target.open) return;
        const search = find("[data-search-in]", event.target);
        if (search && search.dataset.many) search.focus();
    }, true);
    document.addEventListener("input", (event) => {
        const search = event.target.closest?.("[data-search-in]");
        if (!search) return;
        const text = search.value.trim().toLowerCase();
        for (const item of document.getElementById(search.dataset.searchIn).children) {
            item.hidden = !item.textContent.toLowerCase().includes(text);
        }
    });
    document.addEventListener("keydown", (event) => {
        const drop = event.target.closest?.("details.drop[open]");
        if (!drop) return;
        if (event.key === "Escape") {
            drop.open = false;
            find("summary", drop).focus();
            event.stopImmediatePropagation();
        } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
            const stops = all("a[href], button, [data-search-in]", drop).filter((stop) => stop.offsetParent);
            const at = stops.indexOf(document.activeElement);
            const next = stops[(at + (event.key === "ArrowDown" ? 1 : -1) + stops.length) % stops.length];
            if (next && event.target.type !== "date") {
                event.preventDefault();
                next.focus();
            }
        } else if (event.key === "Enter" && event.target.matches("[data-search-in]")) {
            event.preventDefault();
            find("li:not([hidden]) a", document.getElementById(event.target.dataset.searchIn))?.click();
        }
    });

    // Shortcuts: what has a data-key is clicked.
    const names = { Escape: "Esc", ArrowLeft: "←", ArrowRight: "→" };
    document.addEventListener("keydown", (event) => {
        if (event.defaultPrevented || event.metaKey || event.ctrlKey || event.altKey) return;
        if (event.target.closest("input, textarea, select, dialog, [data-chart] svg, [data-map] svg")) return;
        const key = names[event.key] || (event.key.length === 1 ? event.key.toUpperCase() : "");
        if (!key) return;
        // A list that a key has opened is closed by one, before Escape clears filters.
        const opened = key === "Esc" && find("details.drop[open]");
        if (opened) {
            opened.open = false;
        } else if (key === "C") {
            const from = find("[data-custom]");
            from.closest("details").open = true;
            from.focus();
        } else {
            const target = find(`[data-key="${CSS.escape(key)}"]`);
            if (!target) return;
            if (target.tagName === "SUMMARY") target.parentElement.open = !target.parentElement.open;
            else target.click();
        }
        event.preventDefault();
    });
    const dialog = (name) => {
        const box = make("dialog", `sheet ${name}`);
        box.addEventListener("close", () => box.remove());
        box.addEventListener("click", (event) => {
            if (event.target === box || event.target.closest("[data-close]")) {
                event.preventDefault();
                box.close();
            }
        });
        document.body.append(box);
        return box;
    };
    const showShortcuts = () => {
        if (find("dialog.shortcuts")) return;
        const box = dialog("shortcuts");
        const list = make("dl", "keys-list");
        const seen = new Set();
        const rows = all("[data-key]", board()).map((link) => [link.dataset.key, link.dataset.what || find("span", link)?.textContent || link.getAttribute("aria-label") || link.textContent.trim()]);
        rows.push(["C", "Choose days"], ["⇧ click", "Exclude instead of filter"]);
        for (const [key, what] of rows) {
            if (seen.has(key)) continue;
            seen.add(key);
            const row = make("div");
            const term = make("dt");
            term.append(make("kbd", "", key));
            row.append(term, make("dd", "", what));
            list.append(row);
        }
        const close = make("button", "button quiet", "Close");
        close.dataset.close = "";
        box.setAttribute("aria-label", "Keyboard shortcuts");
        box.append(make("h2", "", "Keyboard shortcuts"), list, close);
        box.showModal();
    };
    document.addEventListener("click", (event) => {
        if (event.target.closest("[data-print]")) print();
        if (event.target.closest("[data-shortcuts]")) {
            for (const drop of all("details.drop[open]")) drop.open = false;
            showShortcuts();
        }
    });

    // The filter editor: the form of its page, in a dialog.
    const openFilters = async (address) => {
        try {
            const answer = await fetch(address, { headers: { Accept: "text/html" } });
            const page = new DOMParser().parseFromString(await answer.text(), "text/html");
            const form = find("[data-filter-form]", page);
            if (!answer.ok || !form) throw new Error("not the form");
            const box = dialog("filters");
            box.setAttribute("aria-label", "Filter");
            box.append(make("h2", "", "Filter"), form);
            box.showModal();
            const further = find("[data-further]", form);
            const rows = all("[data-conditions] .condition", form);
            // Only as many as are needed; choosing something shows the next.
            const reveal = () => {
                for (const group of [rows, all(".condition", further)]) {
                    let blank = false;
                    for (const row of group) {
                        row.hidden = blank;
                        blank = blank || !find("select", row).value;
                    }
                }
                further.hidden = !find("[name=any][value=yes]", form).checked;
            };
            reveal();
            form.addEventListener("change", reveal);
            const first = rows.find((row) => !row.hidden && !find("select", row).value) || rows[0];
            find("select", first).focus();
            form.addEventListener("submit", async (event) => {
                event.preventDefault();
                const target = new URL(form.action).pathname + query([...new FormData(form)].filter(([, value]) => value !== ""));
                const reply = await fetch(target, { headers: { Accept: "text/html" } });
                if (reply.ok && reply.redirected) {
                    box.close();
                    exchange(reply.url.slice(location.origin.length));
                } else {
                    const told = find(".notice", new DOMParser().parseFromString(await reply.text(), "text/html"));
                    find(".notice", form)?.remove();
                    form.prepend(told || make("p", "notice bad", "That did not work."));
                }
            });
        } catch {
            location.href = address;
        }
    };
    let asking;
    const suggest = (row, field) => {
        clearTimeout(asking);
        asking = setTimeout(async () => {
            const form = row.closest("form");
            const list = find(".suggestions", row);
            const key = find("select", row).value;
            const lines = field.value.split("\n");
            const items = [...new URL(location).searchParams].filter(([name]) => ["period", "from", "to", "date"].includes(name));
            items.push(["dimension", key], ["q", lines[lines.length - 1]]);
            if (!key) return;
            try {
                const answer = await fetch(form.dataset.values + query(items));
                if (!answer.ok) return;
                const { values } = await answer.json();
                list.replaceChildren(...values.filter((value) => !lines.slice(0, -1).includes(value)).slice(0, 8).map((value) => {
                    const item = make("li");
                    const button = make("button", "", value);
                    button.type = "button";
                    button.addEventListener("click", () => {
                        lines[lines.length - 1] = value;
                        field.value = lines.join("\n");
                        field.rows = lines.length;
                        list.hidden = true;
                        field.focus();
                    });
                    item.append(button);
                    return item;
                }));
                // Whoever has gone on to the next field does not want it covered.
                list.hidden = !list.children.length || document.activeElement !== field;
            } catch {
                list.hidden = true;
            }
        }, 120);
    };
    for (const type of ["input", "focusin"]) {
        document.addEventListener(type, (event) => {
            const row = event.target.closest?.("[data-filter-form] .condition");
            if (row && event.target.tagName === "TEXTAREA") {
                event.target.rows = Math.max(1, event.target.value.split("\n").length);
                suggest(row, event.target);
            }
            for (const list of all("[data-filter-form] .suggestions")) if (!row || !row.contains(list)) list.hidden = true;
        });
    }

    // The chart: what the pointer is on, or the arrow keys have come to, beside the line.
    let tip, cursor, at = -1;
    const rowsOf = () => all("[data-chart-table] tbody tr");
    const point = (index) => {
        const plot = find("[data-chart] .chart-plot");
        const rows = rowsOf();
        if (!plot || !rows.length) return;
        at = Math.max(0, Math.min(rows.length - 1, index));
        const [label, value, otherLabel, otherValue] = [...rows[at].children].map((cell) => cell.textContent);
        const unit = find("[data-chart-table] th:nth-child(2)").textContent;
        if (!tip || !plot.contains(tip)) {
            tip = make("div", "tip");
            cursor = make("div", "cursor");
            plot.append(cursor, tip);
        }
        const lines = [make("p", "tip-value", `${value} ${unit.toLowerCase()}`), make("p", "tip-label", label)];
        if (otherLabel) lines.push(make("p", "tip-other", `${otherValue} · ${otherLabel}`));
        if (rows[at].dataset.notes) lines.push(make("p", "tip-note", rows[at].dataset.notes));
        tip.replaceChildren(...lines);
        const share = (at + 0.5) / rows.length;
        cursor.style.left = `${100 * share}%`;
        const width = plot.clientWidth;
        tip.style.left = `${Math.max(0, Math.min(width - tip.offsetWidth, share * width - tip.offsetWidth / 2))}px`;
        tip.hidden = cursor.hidden = false;
    };
    const unpoint = () => {
        if (tip) tip.hidden = cursor.hidden = true;
        at = -1;
    };
    document.addEventListener("pointermove", (event) => {
        const plot = event.target.closest?.("[data-chart] .chart-plot");
        if (!plot) {
            if (at >= 0 && !document.activeElement.closest("[data-chart]")) unpoint();
            return;
        }
        const frame = plot.getBoundingClientRect();
        point(Math.floor((event.clientX - frame.left) / frame.width * rowsOf().length));
    });
    document.addEventListener("focusout", (event) => { if (event.target.closest?.("[data-chart]")) unpoint(); });
    document.addEventListener("keydown", (event) => {
        const svg = event.target.closest?.("[data-chart] svg");
        if (!svg) return;
        const count = rowsOf().length;
        const moves = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: count - 1 };
        if (event.key in moves) {
            event.preventDefault();
            point(moves[event.key]);
            announce.textContent = tip.textContent;
        } else if (event.key === "Escape") {
            unpoint();
        } else if (event.key === "Enter" && at >= 0) {
            find(`a:nth-of-type(${at + 1})`, svg)?.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true }));
        }
    });

    // The map: the country that the pointer is on, or the arrow keys have come to, the one with the most visitors first.
    let sign, country = -1;
    const nameOf = (shape) => {
        const place = shape.closest("a") || shape;
        const title = find("title", place);
        // Or the browser shows it a second time.
        if (title) {
            place.setAttribute("aria-label", title.textContent);
            title.remove();
        }
        return place.getAttribute("aria-label");
    };
    const show = (shape, x, y) => {
        const map = shape.closest("[data-map]");
        const frame = map.getBoundingClientRect();
        if (!sign || !map.contains(sign)) map.append(sign = make("p", "tip"));
        sign.textContent = nameOf(shape);
        sign.hidden = false;
        sign.style.left = `${Math.max(0, Math.min(frame.width - sign.offsetWidth, x - frame.left - sign.offsetWidth / 2))}px`;
        sign.style.top = `${y - frame.top - sign.offsetHeight - 14}px`;
    };
    const hide = () => {
        if (sign) sign.hidden = true;
        for (const place of all("[data-map] a.at")) place.classList.remove("at");
        country = -1;
    };
    document.addEventListener("pointermove", (event) => {
        const shape = event.target.closest?.("[data-map] .world-land path, [data-map] .world-land circle");
        if (shape) show(shape, event.clientX, event.clientY);
        else if (sign && country < 0) sign.hidden = true;
    });
    document.addEventListener("focusout", (event) => { if (event.target.closest?.("[data-map]")) hide(); });
    document.addEventListener("keydown", (event) => {
        const map = event.target.closest?.("[data-map] svg");
        if (!map) return;
        const places = all("a", map);
        const moves = { ArrowLeft: country - 1, ArrowUp: country - 1, ArrowRight: country + 1, ArrowDown: country + 1, Home: 0, End: places.length - 1 };
        if (event.key in moves) {
            event.preventDefault();
            const next = Math.max(0, Math.min(places.length - 1, moves[event.key]));
            hide();
            country = next;
            places[country].classList.add("at");
            const shape = find("path, circle", places[country]);
            const frame = shape.getBoundingClientRect();
            show(shape, frame.left + frame.width / 2, frame.top + frame.height / 2);
            announce.textContent = sign.textContent;
        } else if (event.key === "Escape") {
            hide();
        } else if (event.key === "Enter" && country >= 0) {
            places[country].dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, shiftKey: event.shiftKey }));
        }
    });

    // Current visitors: while the page is seen.
    let stream, streamed, refreshed = Date.now();
    const listen = () => {
        const link = find("[data-live]");
        const address = link?.dataset.live;
        if (document.hidden || !address) {
            stream?.close();
            stream = null;
            return;
        }
        if (stream && streamed === address && stream.readyState !== EventSource.CLOSED) return;
        stream?.close();
        streamed = address;
        stream = new EventSource(address);
        stream.onmessage = (event) => {
            const { visitors, text } = JSON.parse(event.data);
            const shown = find("[data-live]");
            if (!shown) return;
            find("[data-live-count]", shown).textContent = text;
            find("[data-live-word]", shown).textContent = visitors === 1 ? "current visitor" : "current visitors";
            find(".live-dot", shown).classList.toggle("on", visitors > 0);
            // The realtime view follows, unless somebody is busy in it.
            if (new URL(location).searchParams.get("period") === "realtime" && Date.now() - refreshed > 9000
                && !find("details.drop[open], dialog[open]") && at < 0) {
                refreshed = Date.now();
                exchange(location.href, false);
            }
        };
    };
    document.addEventListener("visibilitychange", listen);
    addEventListener("pagehide", () => { stream?.close(); stream = null; });
    addEventListener("pageshow", () => listen());

    // What only the script can do is shown by it.
    const prepare = () => {
        for (const element of all("[data-script]")) element.hidden = false;
        for (const search of all("[data-search-in]")) {
            const many = document.getElementById(search.dataset.searchIn).children.length > 5;
            search.hidden = !many;
            if (many) search.dataset.many = "yes";
        }
        listen();
    };
    prepare();
})();
