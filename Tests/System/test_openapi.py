"""What /openapi.json says is true: requests are made from it, right ones and mutated ones, and every answer is one that
it describes."""

import http.client
import json
import random
import re
import string
import urllib.parse
import uuid

import pytest
from instance import Instance

SEED = 20261121
NO_METHODS = {"parameters", "servers"}
ODD = [
    None, True, False, 0, -1, 10**30, 1.5, "", " ", "x" * 3000, "日本 🎉", "\x01", "'; DROP TABLE sites; --", "<b>", "..",
    "0000-01-01", "2026-02-30", [], [[]], {}, {"": ""}, [None], ["is", "visit:os", ["Mac"]], ["not", ["not", []]],
]


@pytest.fixture(scope="module")
def instance():
    with Instance() as running:
        yield running


class Program:
    """Asks with several keys in turn, so that no key's limit is reached before it is looked for."""

    def __init__(self, instance, keys):
        self.instance, self.keys, self.asked = instance, keys, 0

    def ask(self, method, target, body=None, key=None, port=None):
        connection = http.client.HTTPConnection("127.0.0.1", port or self.instance.app, timeout=60)
        self.asked += 1
        headers = {"Authorization": f"Bearer {key or self.keys[self.asked % len(self.keys)]}"}
        connection.request(method, target, body=body, headers=headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer.status, text, answer.headers


def resolve(document, schema):
    while "$ref" in schema:
        node = document
        for part in schema["$ref"].removeprefix("#/").split("/"):
            node = node[part]
        schema = node
    return schema


KINDS = {
    "string": lambda value: isinstance(value, str),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
}


def problems(document, schema, value, path="#"):
    """Where a value is not what a schema says."""
    schema = resolve(document, schema)
    if "anyOf" in schema:
        tries = [problems(document, one, value, path) for one in schema["anyOf"]]
        return [] if any(not found for found in tries) else [f"{path}: none of the alternatives"]
    if "type" in schema and not KINDS[schema["type"]](value):
        return [f"{path}: no {schema['type']}"]
    if "enum" in schema and value not in schema["enum"]:
        return [f"{path}: {value!r} is not listed"]
    found = []
    if isinstance(value, dict):
        members = schema.get("properties", {})
        more = schema.get("additionalProperties", True)
        found += [f"{path}/{name}: missing" for name in schema.get("required", []) if name not in value]
        for name, member in value.items():
            if name in members:
                found += problems(document, members[name], member, f"{path}/{name}")
            elif more is False:
                found.append(f"{path}/{name}: not described")
            elif isinstance(more, dict):
                found += problems(document, more, member, f"{path}/{name}")
    elif isinstance(value, list) and "items" in schema:
        for index, item in enumerate(value):
            found += problems(document, schema["items"], item, f"{path}/{index}")
    elif KINDS["number"](value):
        if value < schema.get("minimum", value) or value > schema.get("maximum", value):
            found.append(f"{path}: {value} is out of range")
    return found


class Maker:
    """Values that a schema allows."""

    def __init__(self, document, draws, site):
        self.document, self.draws, self.site = document, draws, site

    def value(self, schema, name=""):
        schema, draws = resolve(self.document, schema), self.draws
        if name == "site_id":
            return draws.choice([self.site["domain"], self.site["site_id"], self.site["domain"], "nobodys.example"])
        if "anyOf" in schema:
            return self.value(draws.choice(schema["anyOf"]), name)
        if "enum" in schema:
            return draws.choice(schema["enum"])
        kind = schema.get("type")
        if kind == "string":
            return self.text(schema, name)
        if kind == "integer":
            low = schema.get("minimum", 0)
            return draws.choice([low, schema.get("maximum", low + 100), low + 1])
        if kind == "array":
            return self.array(schema)
        if kind == "object":
            required = set(schema.get("required", []))
            return {
                member: self.value(its, member) for member, its in schema.get("properties", {}).items()
                if member in required or draws.random() < 0.4
            }
        return {"boolean": draws.random() < 0.5, "number": 1.5, "null": None}[kind]

    def text(self, schema, name):
        draws = self.draws
        if schema.get("format") == "date":
            return f"2026-0{draws.randint(1, 9)}-1{draws.randint(0, 9)}"
        if schema.get("format") == "date-time":
            return f"2026-0{draws.randint(1, 9)}-11T10:00:00+0{draws.randint(0, 9)}:30"
        if schema.get("format") == "uuid":
            return draws.choice([self.site["site_id"], str(uuid.UUID(int=draws.getrandbits(128)))])
        if "pattern" in schema:
            return "event:props:plan"
        if name == "filters":
            return draws.choice(["", "visit:country==DE", "event:page!=/blog*;visit:os==Mac|Linux", "event:goal==None"])
        if name == "metrics":
            return draws.choice(["", "visitors", "visitors,pageviews,bounce_rate", "conversion_rate"])
        if name == "date":
            return draws.choice(["", "2026-11-01", "2026-10-01,2026-11-01"])
        if name == "time_zone":
            return draws.choice(["UTC", "Asia/Tokyo", "Europe/Nowhere"])
        if name in ("n", "u", "d"):
            return {"n": "pageview", "u": f"https://{self.site['domain']}/a", "d": self.site["domain"]}[name]
        if name == "domain":
            return "".join(draws.choices(string.ascii_lowercase, k=12)) + ".example"
        return draws.choice(["one", "*.example", "203.0.113.7", "/a/*", "DE", "日本"])

    def array(self, schema):
        draws = self.draws
        if "prefixItems" in schema:
            return self.filter()
        low = schema.get("minItems", 0)
        items = [self.value(schema["items"]) for _ in range(draws.randint(low, max(low, min(schema.get("maxItems", 3), 3))))]
        return items

    def filter(self, depth=0):
        draws = self.draws
        word = draws.choice(["is", "is_not", "contains", "contains_not", "matches", "matches_not", "and", "or", "not",
                             "has_done", "has_not_done"])
        if word in ("and", "or"):
            return [word, [self.filter(depth + 1) for _ in range(draws.randint(0, 2))] if depth < 3 else []]
        if word in ("not", "has_done", "has_not_done"):
            return [word, self.filter(depth + 1) if depth < 3 else ["is", "visit:os", ["Mac"]]]
        dimension = draws.choice(["event:page", "visit:country_name", "visit:source", "event:props:plan", "visit:city"])
        return [word, dimension, [draws.choice(["/", "Germany", "", "(not set)", "a.b"])]]


def mutated(value, draws):
    if draws.random() < 0.2:
        return draws.choice(ODD)
    if isinstance(value, dict) and value:
        name = draws.choice(sorted(value))
        if draws.random() < 0.2:
            return {key: its for key, its in value.items() if key != name}
        if draws.random() < 0.2:
            return {**value, "unknown": draws.choice(ODD)}
        return {**value, name: mutated(value[name], draws)}
    if isinstance(value, list) and value:
        index = draws.randrange(len(value))
        return value[:index] + [mutated(value[index], draws)] + value[index + 1:]
    return draws.choice(ODD)


def test_what_the_document_says_is_true(instance):
    made = [instance.site("one.example") for _ in range(8)]
    program = Program(instance, [one["api_key"] for one in made])
    site = {"domain": "one.example", "site_id": made[0]["site_id"]}
    instance.run("seed-demo", "--site", "one.example", "--days", "3", "--events", "500", "--seed", "1")
    status, text, _ = program.ask("GET", "/openapi.json")
    assert status == 200
    document = json.loads(text)
    draws = random.Random(SEED)
    maker = Maker(document, draws, site)
    seen = {}
    for number in range(2400):
        path = draws.choice(sorted(document["paths"]))
        item = document["paths"][path]
        method = draws.choice(sorted(set(item) - NO_METHODS))
        operation = item[method]
        server = item.get("servers", document["servers"])[0]["url"]
        is_mutated = number % 2 == 1
        target, query = path, []
        for parameter in item.get("parameters", []) + operation["parameters"]:
            value = maker.value(parameter["schema"], parameter["name"])
            if is_mutated and draws.random() < 0.3:
                value = draws.choice(["", "x", "-1", "%00", "é", "9" * 40, "a,b", "\"'<>"])
            if parameter["in"] == "path":
                # The site itself has to stay.
                if method == "delete" and value == site["site_id"]:
                    value = str(uuid.UUID(int=7))
                target = target.replace("{" + parameter["name"] + "}", urllib.parse.quote(str(value), safe="") or "-")
            elif parameter.get("required") or draws.random() < 0.6:
                query.append((parameter["name"], value))
        if query:
            target += "?" + urllib.parse.urlencode(query)
        body = None
        if "requestBody" in operation:
            schema = operation["requestBody"]["content"]["application/json"]["schema"]
            value = maker.value(schema)
            body = json.dumps(mutated(value, draws) if is_mutated else value)
            if is_mutated and draws.random() < 0.1:
                body = body[: draws.randrange(len(body) + 1)]
            if method == "patch" and '"domain"' in body:
                # It is asked about by its name.
                body = body.replace('"domain"', '"name"')
        status, text, headers = program.ask(method.upper(), target, body.encode() if body is not None else None,
                                            port=int(server.rsplit(":", 1)[1]))
        said = f"{method} {target} {body}: {status} {text[:300]}"
        assert str(status) in operation["responses"], said
        assert status < 500, said
        content = operation["responses"][str(status)].get("content")
        if content:
            assert problems(document, content["application/json"]["schema"], json.loads(text)) == [], said
        seen.setdefault((method, path), set()).add(status)
        if server != document["servers"][0]["url"]:
            continue
        assert headers["RateLimit-Limit"] == "600" and int(headers["RateLimit-Remaining"]) >= 0, said
    assert all(any(status < 300 for status in statuses) or method == "delete" for (method, _), statuses in seen.items()), seen
    assert len(seen) == sum(len(set(item) - NO_METHODS) for item in document["paths"].values())


def test_too_much_and_too_often_are_said(instance):
    key = instance.site("two.example")["api_key"]
    program = Program(instance, [key])
    status, text, _ = program.ask("POST", "/api/v2/query", b" " * 70_000)
    assert status == 413 and set(json.loads(text)) == {"error"}
    status, text, headers = program.ask("GET", "/api/sites", key="mochi_" + "a" * 43)
    assert status == 401 and headers["WWW-Authenticate"] == "Bearer" and "RateLimit-Limit" not in headers
    statuses = [program.ask("GET", "/api/jobs/1")[0] for _ in range(601)]
    assert set(statuses) == {404, 429} and statuses[-1] == 429
    status, text, headers = program.ask("GET", "/api/jobs/1")
    assert status == 429 and int(headers["Retry-After"]) > 0
    assert re.fullmatch(r"\d+", headers["RateLimit-Reset"])
