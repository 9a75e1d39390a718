export interface Options {
    /** The collector's address: "https://in.example.net". Its events go to /api/event below it. */
    url?: string;
    /** The whole address that events are sent to, instead of `url`. */
    api?: string;
    /** The site's tracking key. */
    key: string;
    /** Whether a fragment names a page. */
    hash?: boolean;
    /** Count page views only when told to. */
    manual?: boolean;
    /** Count in frames of the page's own origin, too. */
    frames?: boolean;
    /** Respect Global Privacy Control. */
    gpc?: boolean;
}

export interface Settings {
    /** The address of the page, if not the current one. */
    url?: string;
    props?: Record<string, string | number | boolean>;
    revenue?: {amount: string | number; currency: string};
    /** False when the event is nothing that the visitor did: it leaves a bounce a bounce. */
    interactive?: boolean;
    /** Called once with the answer, with `error`, or with neither when nothing was sent. */
    callback?: (answer: {status?: number; error?: unknown}) => void;
}

/** Counts an event; the name "pageview" counts a page. */
export type Track = (name: string, settings?: Settings) => void;

/** Starts counting. To be called once; on a server it does nothing. */
export function init(options: Options): Track;
