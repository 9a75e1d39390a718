// Attributes event-author="…" are properties of every event.
const common = {};
for (const {name, value} of script.attributes) if (name.startsWith("event-")) common[name.slice(6)] = value;
const sendPlain = send;
send = (name, settings, more) => sendPlain(name, {...settings, props: {...common, ...settings.props}}, more);
