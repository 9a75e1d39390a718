// Elements that name an event: data-mochi-event="Signup" data-mochi-prop-plan="pro", or with Plausible's classes
// plausible-event-name=Signup plausible-event-plan=pro. A form counts when it is sent, all else when it is clicked.
counters.push((element, isSent) => {
    const tag = element.closest?.("[data-mochi-event],[class*=plausible-event-name]");
    if (!tag || (tag.tagName == "FORM") != isSent) return;
    let name;
    let revenue;
    const props = {};
    const read = text => {
        // Some site builders allow no "=" in a class.
        const [, kind, key, value] = /^(?:data-mochi|plausible)-(event|prop|revenue)-?(.*?)(?:=|--)(.*)/.exec(text) || [];
        if (kind == "revenue") revenue = {...revenue, [key]: value};
        else if (key && key != "name") props[key] = value;
        else if (kind) name = value;
    };
    for (const attribute of tag.attributes) read(attribute.name + "=" + attribute.value);
    // In a class a "+" is a space.
    for (const text of tag.classList) read(text.replace(/\+/g, " "));
    send(name, {props, revenue});
    return true;
});
