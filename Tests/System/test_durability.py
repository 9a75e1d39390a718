"""No answer is written before the group of its event is synced, as the kernel sees it."""

import collections
import http.client
import json
import os
import re
import subprocess
import threading

import pytest

from instance import AGENT, Instance, wait_for

CLIENTS, EVENTS = 6, 25

LINE = re.compile(r"^(\d+) +(.*)$")
CALL = re.compile(r"^(\w+)\(\d+<(.*?)>[,) ](.*)$", re.DOTALL)
RESUMED = re.compile(r"^<\.\.\. (\w+) resumed>.*\) += (-?\d+)")
RESULT = re.compile(r"\) += (-?\d+)")
MARK = re.compile(r"mark-\d+-\d+")


def early_answers(lines, marks_of_port):
    """The marks of events that were answered before they were synced, and how many answers there were.

    `lines` are strace's, of all threads. A traced thread stands still at the beginning and at the end of a call until
    strace has noted it: what happens because of a call is noted after its end.
    """
    written = collections.defaultdict(set)
    synced, early = set(), []
    answered = collections.Counter()
    pending = {}

    def ended(call, path, marks, result):
        if call == "pwrite64" and result > 0:
            written[path] |= marks
        elif call == "fdatasync" and result == 0:
            synced.update(marks)

    for line in lines:
        match = LINE.match(line)
        if not match:
            continue
        thread, rest = match.groups()
        if resumed := RESUMED.match(rest):
            if thread in pending:
                ended(*pending.pop(thread), int(resumed[2]))
            continue
        call = CALL.match(rest)
        if not call:
            continue
        name, path, arguments = call.groups()
        if name == "pwrite64":
            marks = set(MARK.findall(arguments))
        elif name == "fdatasync":
            # Only what was written before it began is certain to be synced when it ends.
            marks = set(written[path])
        else:
            port = re.search(r"->127\.0\.0\.1:(\d+)\]$", path)
            if port and int(port[1]) in marks_of_port:
                for _ in range(arguments.count("HTTP/1.1 202")):
                    mark = marks_of_port[int(port[1])][answered[port[1]]]
                    answered[port[1]] += 1
                    if mark not in synced:
                        early.append(mark)
            continue
        if "<unfinished ...>" in arguments:
            pending[thread] = (name, path, marks)
        elif result := RESULT.search(rest):
            ended(name, path, marks, int(result[1]))
    return early, sum(answered.values())


def test_the_check_notices_an_answer_that_comes_too_early():
    write = '7 pwrite64(9</spool/a.open>, "\\1mark-0-0\\2", 90, 48) = 90'
    begun, ended = "7 fdatasync(9</spool/a.open> <unfinished ...>", "7 <... fdatasync resumed>) = 0"
    whole = "7 fdatasync(9</spool/a.open>)  = 0"
    failed = "7 fdatasync(9</spool/a.open>) = -1 EIO (Input/output error)"
    answer = '8 write(5<TCP:[127.0.0.1:1->127.0.0.1:2]>, "HTTP/1.1 202 Accepted\\r\\n", 99) = 99'
    marks = {2: ["mark-0-0"]}
    assert early_answers([write, whole, answer], marks) == ([], 1)
    assert early_answers([write, begun, ended, answer], marks) == ([], 1)
    assert early_answers([write, begun, answer, ended], marks) == (["mark-0-0"], 1)
    assert early_answers([write, answer, whole], marks) == (["mark-0-0"], 1)
    assert early_answers([whole, write, answer], marks) == (["mark-0-0"], 1)
    assert early_answers([write, failed, answer], marks) == (["mark-0-0"], 1)
    assert early_answers([write, whole.replace("a.open", "b.open"), answer], marks) == (["mark-0-0"], 1)


def send(instance, key, client, marks_of_port, problems):
    connection = http.client.HTTPConnection("127.0.0.1", instance.ingest, timeout=60)
    connection.connect()
    marks = [f"mark-{client}-{number}" for number in range(EVENTS)]
    marks_of_port[connection.sock.getsockname()[1]] = marks
    for mark in marks:
        body = json.dumps({"n": "pageview", "u": f"https://sync.example/{mark}", "k": key})
        headers = {"Content-Type": "text/plain", "User-Agent": AGENT, "X-Forwarded-For": f"198.51.100.{client}"}
        connection.request("POST", "/api/event", body, headers)
        answer = connection.getresponse()
        answer.read()
        if answer.status != 202 or answer.getheader("x-mochi-dropped"):
            problems.append((mark, answer.status, answer.getheader("x-mochi-dropped")))
    connection.close()


def test_no_answer_is_written_before_the_sync_of_its_group():
    with Instance() as instance:
        key = instance.site("sync.example")["tracking_key"]
        wait_for(lambda: instance.knows(key), what="that the collector knows the site")
        trace = instance.data / "trace"
        said = open(instance.data / "strace-says", "w+")
        tracer = subprocess.Popen(
            ["strace", "--follow-forks", "--decode-fds=all", "--string-limit=1000000", f"--output={trace}",
             "--trace=pwrite64,fdatasync,write,writev,sendto,sendmsg", f"--attach={instance.pid('ingest')}"],
            stdin=subprocess.DEVNULL, stderr=said)
        try:
            wait_for(lambda: os.fstat(said.fileno()).st_size or tracer.poll() is not None, 60, "that strace is attached")
            if tracer.poll() is not None:
                said.seek(0)
                if "not permitted" in (text := said.read()):
                    pytest.skip("this machine lets nobody trace a process")
                raise AssertionError(text)
            marks_of_port, problems = {}, []
            clients = [
                threading.Thread(target=send, args=(instance, key, client, marks_of_port, problems))
                for client in range(CLIENTS)]
            for client in clients:
                client.start()
            for client in clients:
                client.join()
        finally:
            tracer.terminate()
            tracer.wait(60)
        assert not problems, problems[:5]
        early, answers = early_answers(trace.read_text(errors="replace").splitlines(), marks_of_port)
        assert answers == CLIENTS * EVENTS, "not every answer was seen"
        assert not early, early[:5]
