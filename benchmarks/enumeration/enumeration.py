"""Whether an answer tells if an address has an account: known and unknown ones in random order, each used once.

Status, headers and bytes have to be the same but for tokens; times are compared by the Mann-Whitney test (two-sided, normal
approximation with correction for ties). Ends with status 1 where something differs, or p is not above 0.01.
"""

import argparse
import concurrent.futures
import http.client
import math
import pathlib
import random
import re
import statistics
import sys
import time
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "Tests/System"))
from instance import Instance  # noqa: E402

LIMIT = 0.01
# What is new in every answer.
TOKENS = [
    (re.compile(rb'name="csrf" value="[^"]*"'), b"csrf"), (re.compile(rb"(known|other)[0-9]{6}"), b"address"),
    (re.compile(rb"/invitations/[\w-]+"), b"token"),
]


def p_value(one, other):
    """Two-sided p of the Mann-Whitney U test."""
    both = sorted([(value, 0) for value in one] + [(value, 1) for value in other])
    ranks, ties, at = [0.0, 0.0], 0.0, 0
    while at < len(both):
        end = at
        while end < len(both) and both[end][0] == both[at][0]:
            end += 1
        for _, group in both[at:end]:
            ranks[group] += (at + end + 1) / 2
        ties += (end - at) ** 3 - (end - at)
        at = end
    n, m = len(one), len(other)
    u = ranks[0] - n * (n + 1) / 2
    variance = n * m / 12 * ((n + m + 1) - ties / ((n + m) * (n + m - 1)))
    z = max(abs(u - n * m / 2) - 0.5, 0) / math.sqrt(variance)
    return math.erfc(z / math.sqrt(2))


class Browser:
    """One connection, kept open; its cookies."""

    def __init__(self, port, cookies=None):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self.port = port
        self.cookies = dict(cookies or {})

    def send(self, method, path, body=None, address="198.51.100.1"):
        """Answer, and nanoseconds from the first byte sent to the last received."""
        headers = {
            "Host": f"localhost:{self.port}", "X-Forwarded-For": address, "Sec-Fetch-Site": "same-origin",
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        start = time.perf_counter_ns()
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        text = answer.read()
        took = time.perf_counter_ns() - start
        return answer, text, took

    def keep(self, answer):
        for line in answer.headers.get_all("Set-Cookie") or []:
            name, value = line.split(";")[0].split("=", 1)
            self.cookies[name] = value

    def form(self, path):
        """The page's form token."""
        answer, text, _ = self.send("GET", path)
        self.keep(answer)
        return re.search(rb'name="csrf" value="([^"]*)"', text).group(1).decode()


def shape(answer, text):
    """What may not differ."""
    for pattern, name in TOKENS:
        text = pattern.sub(name, text)
    headers = []
    for name, value in answer.headers.items():
        if name.lower() in ("date", "x-request-id"):
            continue
        if name.lower() == "set-cookie":
            value = re.sub(r"=[^;]*", "=token", value, count=1)
            value = re.sub(r"(?i)(expires|max-age)=[^;]*", "", value)
        headers.append((name.lower(), value))
    return answer.status, tuple(sorted(headers)), text


class Flow:
    """Signed in nowhere; a form on a page, and an address in it."""

    def __init__(self, instance, path, fields, page=None):
        self.instance, self.path, self.fields, self.page = instance, path, fields, page or path
        self.browser = Browser(instance.app)
        self.token = self.browser.form(self.page)

    def ask(self, email, number):
        body = urllib.parse.urlencode({"csrf": self.token, **self.fields, "email": email})
        # Everybody comes from a network of their own, so that no limit is in the way.
        address = f"203.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        answer, text, took = self.browser.send("POST", self.path, body, address)
        return shape(answer, text), took

    def between(self):
        """So that limits on what one person does are in nobody's way."""
        self.instance.sql("DELETE FROM throttles; DELETE FROM invitations; DELETE FROM site_offers; DELETE FROM jobs")


def signed_in(instance, made, path, fields, page):
    flow = Flow(instance, "/login", {})
    body = urllib.parse.urlencode(
        {"csrf": flow.token, "email": "owner@shop.example", "password": made["password"]})
    answer, _, _ = flow.browser.send("POST", "/login", body)
    assert answer.status == 303, answer.status
    flow.browser.keep(answer)
    flow.path, flow.fields, flow.page = path, fields, page
    flow.token = flow.browser.form(page)
    return flow


def flows(instance, made):
    transfer = "/sites/shop.example/settings/transfer"
    return {
        "login": lambda: Flow(instance, "/login", {"password": "a wrong password"}),
        "signup": lambda: Flow(instance, "/signup", {"password": "rice cake steam", "time_zone": "UTC"}),
        "reset": lambda: Flow(instance, "/forgot", {}),
        "invite": lambda: signed_in(instance, made, "/account/team/invite", {"role": "viewer"}, "/account/team"),
        "offer": lambda: signed_in(
            instance, made, transfer + "/offer", {"current": made["password"]}, transfer),
    }


# How many ask at once: two hash passwords; who asks for a new one waits for the beat.
CLIENTS = {"reset": 8}
# After so many requests of a client limits are lifted.
EVERY = {"offer": 4, "invite": 15}


def ask_all(name, flow, emails, first):
    """Answers in the order of asking: address, what it was, nanoseconds."""
    # The first are answered by a program that is not warm yet.
    for number in range(10):
        flow.ask(f"first{number:06d}@example.org", first + 9_000_000 + number)
    answers = []
    for number, email in enumerate(emails):
        if number % EVERY.get(name, 40) == 0:
            flow.between()
        answers.append((email, *flow.ask(email, first + number)))
    return answers


def compare(name, make, count):
    emails = [f"{kind}{number:06d}@example.org" for kind in ("known", "other") for number in range(count)]
    random.Random(name).shuffle(emails)
    clients = CLIENTS.get(name, 2)
    flows = [make() for _ in range(clients)]
    with concurrent.futures.ThreadPoolExecutor(clients) as pool:
        parts = [pool.submit(ask_all, name, flow, emails[at::clients], at * count) for at, flow in enumerate(flows)]
        answers = [answer for part in parts for answer in part.result()]
    times, shapes = {"known": [], "other": []}, {"known": set(), "other": set()}
    for email, found, took in answers:
        times[email[:5]].append(took)
        shapes[email[:5]].add(found)
    p = p_value(times["known"], times["other"])
    same = shapes["known"] == shapes["other"] and len(shapes["known"]) == 1
    medians = [statistics.median(times[kind]) / 1e6 for kind in ("known", "other")]
    status = sorted({found[0] for kind in shapes.values() for found in kind})
    print(f"{name:8} n = {count} + {count}  status {status}  {'the same bytes' if same else 'BYTES DIFFER'}  "
          f"medians {medians[0]:.2f} and {medians[1]:.2f} ms  p = {p:.3f}", flush=True)
    if not same:
        for kind, found in shapes.items():
            for status, headers, text in list(found)[:2]:
                print(kind, status, headers, text[:300])
    return same and p > LIMIT


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("flows", nargs="*", default=["reset", "invite", "signup", "login"])
    parser.add_argument("--count", type=int, default=1000)
    options = parser.parse_args()
    with Instance() as instance:
        made = instance.site("shop.example")
        # People with a confirmed address, whose passwords cost what passwords cost.
        instance.sql(f"""
            INSERT INTO users (email, password_hash, name, time_zone, email_confirmed_at)
            SELECT 'known' || lpad(n::text, 6, '0') || '@example.org', password_hash, '', 'UTC', now()
            FROM users, generate_series(0, {options.count - 1}) n WHERE email = 'owner@shop.example';
            ANALYZE users""")
        table = flows(instance, made)
        results = [compare(name, table[name], options.count) for name in options.flows]
    sys.exit(0 if all(results) else 1)


if __name__ == "__main__":
    main()
