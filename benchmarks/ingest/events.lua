-- Page views of many sites by many visitors: the address varies as behind a trusted proxy. About 250 bytes each.
local sites = tonumber(os.getenv("SITES") or "500")
local thread = 0

function setup(t)
    thread = thread + 1
    t:set("seed", thread)
end

function init(args)
    math.randomseed(os.time() * 10 + seed)
end

local connection = os.getenv("CONNECTION")
local agent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36"

function request()
    local site = "site" .. math.random(1, sites) .. ".test"
    local body = string.format(
        '{"n":"pageview","u":"https://%s/articles/%d/a-title-of-some-length?utm_source=newsletter","d":"%s",'
            .. '"r":"https://www.example.org/some/page?q=%d","tz":"Europe/Berlin","w":1440,"t":"An article, number %d",'
            .. '"v":12,"x":"padding"}',
        site, math.random(1, 100000), site, math.random(1, 1000), math.random(1, 1000))
    local address = string.format("%d.%d.%d.%d", math.random(1, 9), math.random(0, 255), math.random(0, 255),
        math.random(1, 254))
    return wrk.format("POST", "/api/event", {
        ["User-Agent"] = agent, ["Content-Type"] = "text/plain", ["X-Forwarded-For"] = address,
        ["Connection"] = connection,
    }, body)
end

function done(summary, latency, requests)
    io.write(string.format(
        'RESULT {"requests":%d,"seconds":%.2f,"per_second":%.0f,"errors":%d,"not_2xx":%d,"p50_ms":%.2f,"p99_ms":%.2f}\n',
        summary.requests, summary.duration / 1e6, summary.requests / summary.duration * 1e6,
        summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout,
        summary.errors.status, latency:percentile(50) / 1000, latency:percentile(99) / 1000))
end
