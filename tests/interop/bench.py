#!/usr/bin/env python3
"""What a release build costs: processor time and memory of the server, driven over loopback.

    bench.py pages|federation|plugins OUT.json        (started by `cargo xtask bench`)

CPU-ms is user and system time of the server over a run, its background work included, divided by the requests: it holds
when neighbours are noisy. p50 and p99 are seen by the one client that asks, one request after the other.
"""
import datetime
import http.client
import http.server
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

from run import HOSTS, World, private_network

TICK = os.sysconf("SC_CLK_TCK")


class Meter:
    """Reads a process from outside."""

    def __init__(self, pod):
        self.pod = pod

    def cpu(self):
        fields = pathlib.Path(f"/proc/{self.pod.process.pid}/stat").read_text().rsplit(") ", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICK * 1000

    def resident(self):
        status = pathlib.Path(f"/proc/{self.pod.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) / 1024

    def settle(self):
        """Waits until the background work is done and the server does nothing any more."""
        busy = "SELECT count(*) FROM jobs WHERE state IN ('waiting', 'running') AND run_at <= ?"
        end = time.monotonic() + 120
        while time.monotonic() < end:
            before = self.cpu()
            time.sleep(0.5)
            if self.cpu() - before <= 10 and not self.pod.count(busy, int(time.time() * 1e6)):
                return
        raise AssertionError("the background work does not end")


class Client:
    """One kept connection to the server itself, with the cookies of a member."""

    def __init__(self, member):
        self.pod = member.pod
        jar = next(h.cookiejar for h in member.opener.handlers if hasattr(h, "cookiejar"))
        self.headers = {"Host": self.pod.host, "Accept": "text/html"}
        if cookies := "; ".join(f"{cookie.name}={cookie.value}" for cookie in jar):
            self.headers["Cookie"] = cookies
        self.connection = http.client.HTTPConnection("127.0.0.1", self.pod.port, timeout=30)

    def ask(self, path, body=None, kind="application/x-www-form-urlencoded"):
        headers = dict(self.headers)
        if body is not None:
            headers["Content-Type"] = kind
            if kind.endswith("urlencoded"):
                headers |= {"Origin": f"https://{self.pod.host}", "Sec-Fetch-Site": "same-origin"}
        self.connection.request("GET" if body is None else "POST", path, body=body, headers=headers)
        answer = self.connection.getresponse()
        content = answer.read()
        assert answer.status < 400, f"{path} answered {answer.status}: {content[:300]!r}"
        return content


class Table:
    """The figures of one run."""

    def __init__(self):
        self.rows = []

    def measure(self, what, meter, requests, ask, warm=20, settled=False):
        for number in range(warm):
            ask(-1 - number)
        meter.settle()
        times, before = [], meter.cpu()
        for number in range(requests):
            began = time.perf_counter()
            ask(number)
            times.append((time.perf_counter() - began) * 1000)
        wall = sum(times) / 1000
        if settled:
            idle = time.monotonic()
            meter.settle()
            idle = time.monotonic() - idle
        used = meter.cpu() - before
        times.sort()
        self.add(what, requests=requests, cpu_ms=round(used / requests, 3), p50_ms=round(statistics.median(times), 2),
                 p99_ms=round(times[int(len(times) * 0.99) - 1], 2), per_second=round(requests / wall),
                 rss_mib=round(meter.resident(), 1))

    def add(self, what, **figures):
        self.rows.append({"what": what, **figures})
        print(f"{what}: " + ", ".join(f"{name} {value}" for name, value in figures.items()), flush=True)

    def write(self, kind, out):
        names = ["requests", "cpu_ms", "p50_ms", "p99_ms", "per_second", "rss_mib"]
        print(f"\n| {kind} | " + " | ".join(names) + " |\n|---|" + "---|" * len(names))
        for row in self.rows:
            print(f"| {row['what']} | " + " | ".join(str(row.get(name, "")) for name in names) + " |")
        commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
        pathlib.Path(out).write_text(json.dumps({
            "kind": kind, "at": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
            "commit": commit.stdout.strip(), "rows": self.rows}, indent=2))


def start_up(table, world):
    """From exec to the first answer, plugins compiled before."""
    world.pod.stop()
    times = []
    for _ in range(5):
        began = time.perf_counter()
        process = subprocess.Popen([os.environ["PAPPUS_BIN"], "serve"], env=world.pod.env, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        while True:
            try:
                connection = http.client.HTTPConnection("127.0.0.1", world.pod.port, timeout=5)
                connection.request("GET", "/readyz")
                if connection.getresponse().status == 200:
                    break
            except OSError:
                time.sleep(0.002)
        times.append((time.perf_counter() - began) * 1000)
        process.terminate()
        process.wait(30)
    world.pod.start()
    table.add("start to first answer", requests=5, p50_ms=round(statistics.median(times)), p99_ms=round(max(times)))
    meter = Meter(world.pod)
    meter.settle()
    time.sleep(5)
    table.add("idle", rss_mib=round(meter.resident(), 1))


TEXT = ("A morning in **{n}**, with [a link](https://example.org/{n}), *some emphasis*, #gardening and #pappus.\n\n"
        "- one\n- two\n- three\n\nThe seeds drift over the wall, and whoever waits sees them land. " * 2)


def seed(world, posts=60, comments=3):
    guids = [world.bob.publish(TEXT.format(n=f"garden {number}"), "public") for number in range(posts)]
    for guid in guids[-20:]:
        for number in range(comments):
            world.alice.done(f"/posts/{guid}/comments", {"text": f"Comment **{number}**, said in one line"})
    return guids


def befriend(world):
    bob = world.alice.find("bob@pod.test")
    world.alice.share_with(bob, next(iter(world.alice.aspects().values())))


def pages(table, world):
    world.pod.command("plugin", "enable", "markdown")
    befriend(world)
    guids = seed(world)
    meter, alice, visitor = Meter(world.pod), Client(world.alice), Client(anybody(world))
    stream = alice.ask("/stream").decode()
    count = stream.count('<article class="post"')
    assert count >= 15, f"the stream shows {count} posts"
    table.measure(f"my stream, {count} posts with 3 comments each", meter, 500, lambda _: alice.ask("/stream"))
    table.measure("one post, visitor", meter, 500, lambda _: visitor.ask(f"/posts/{guids[-1]}"))
    table.measure("public stream, visitor", meter, 300, lambda _: visitor.ask("/public"))
    table.measure("profile, visitor", meter, 300, lambda _: visitor.ask("/u/bob"))
    table.measure("a tag, visitor", meter, 300, lambda _: visitor.ask("/tags/gardening"))
    table.measure("notifications", meter, 300, lambda _: alice.ask("/notifications"))
    table.measure("admin overview", meter, 300, lambda _: alice.ask("/admin"))
    table.measure("sign-in page", meter, 300, lambda _: visitor.ask("/users/sign_in"))
    table.measure("WebFinger", meter, 500,
                  lambda _: visitor.ask("/.well-known/webfinger?resource=acct:alice@pod.test"))
    start_up(table, world)


def anybody(world):
    from pod import Member
    return Member(world.pod)


class Sink:
    """A pod of fifty people who take everything: it answers discovery and counts what it is sent."""

    def __init__(self, port, people, key):
        self.got, lock = 0, threading.Lock()
        sink, host, pem = self, "fed2.test", key

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self, status, body=b"", kind="text/html"):
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_GET(self):  # noqa: N802 (the name is the library's)
                url = urllib.parse.urlsplit(self.path)
                if url.path == "/.well-known/webfinger":
                    who = urllib.parse.parse_qs(url.query)["resource"][0].removeprefix("acct:")
                    guid = guid_of(who.split("@")[0])
                    links = [{"rel": "http://microformats.org/profile/hcard", "type": "text/html",
                              "href": f"https://{host}/hcard/users/{guid}"},
                             {"rel": "http://joindiaspora.com/seed_location", "type": "text/html",
                              "href": f"https://{host}/"}]
                    document = {"subject": f"acct:{who}", "aliases": [], "links": links}
                    self.answer(200, json.dumps(document).encode(), "application/jrd+json")
                elif url.path.startswith("/hcard/users/"):
                    guid = url.path.rsplit("/", 1)[1]
                    name = people[guid]
                    self.answer(200, HCARD.format(guid=guid, name=name, host=host, pem=pem).encode())
                else:
                    self.answer(404)

            def do_POST(self):  # noqa: N802
                self.rfile.read(int(self.headers["Content-Length"]))
                with lock:
                    sink.got += 1
                self.answer(202)

            def log_message(self, *_args):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


def guid_of(name):
    return f"{int(name[1:]):032x}"


HCARD = """<!DOCTYPE html><html><head><meta charset="utf-8"><title>{name}</title></head><body>
<div id="content"><h1>{name}</h1><div id="content_inner" class="entity_profile vcard author"><h2>User profile</h2>
<dl class="entity_uid"><dt>Uid</dt><dd><span class="uid">{guid}</span></dd></dl>
<dl class="entity_nickname"><dt>Nickname</dt><dd><span class="nickname">{name}</span></dd></dl>
<dl class="entity_full_name"><dt>Full name</dt><dd><span class="fn">{name}</span></dd></dl>
<dl class="entity_searchable"><dt>Searchable</dt><dd><span class="searchable">true</span></dd></dl>
<dl class="entity_key"><dt>Key</dt><dd><pre class="key">{pem}</pre></dd></dl>
<dl class="entity_first_name"><dt>First name</dt><dd><span class="given_name">{name}</span></dd></dl>
<dl class="entity_family_name"><dt>Family name</dt><dd><span class="family_name"></span></dd></dl>
<dl class="entity_photo"><dt>Photo</dt><dd><img class="photo avatar" src="https://{host}/l.png" alt=""></dd></dl>
<dl class="entity_photo_medium"><dt>Photo</dt><dd><img class="photo avatar" src="https://{host}/m.png" alt=""></dd></dl>
<dl class="entity_photo_small"><dt>Photo</dt><dd><img class="photo avatar" src="https://{host}/s.png" alt=""></dd></dl>
<dl class="entity_url"><dt>URL</dt><dd><a id="pod_location" class="url" rel="me" href="https://{host}/">x</a></dd></dl>
</div></div></body></html>"""


def federation(table, world):
    from pod import wait_for
    from refusals import comment
    fay, meter = world.fay, Meter(world.pod)
    world.alice.find(fay.handle)
    post = world.alice.publish("A post to comment on", "public")
    bodies = signed_comments(fay, post, 220, comment)
    receiver = Client(anybody(world))
    take = iter(bodies)
    table.measure("a signed public comment received, verified, stored", meter, 200, settled=True, warm=20, ask=lambda _:
                  receiver.ask("/receive/public", next(take), "application/magic-envelope+xml"))
    stored = world.pod.count("SELECT comments_count FROM posts WHERE guid = ?", post)
    assert stored == len(bodies), f"{stored} of {len(bodies)} comments were stored"

    alice = Client(world.alice)
    form = lambda text, aspect: urllib.parse.urlencode({"status_message[text]": text, "aspect_ids[]": aspect})
    table.measure("a new public post, its background work done", meter, 100, settled=True, warm=5,
                  ask=lambda n: alice.ask("/status_messages", form(f"Post number {n}", "public")))

    names = {guid_of(f"p{number}"): f"p{number}" for number in range(1, 51)}
    world.gus.stop()
    sink = Sink(HOSTS["fed2.test"], names, world.gus.key().public_key().export_key().decode())
    aspect = list(world.alice.aspects().values())[-1]
    for number, name in enumerate(names.values()):
        # two members look them up: each may ask for thirty in five minutes
        finder = world.alice if number % 2 else world.bob
        world.alice.share_with(finder.find(f"{name}@fed2.test"), aspect)
    meter.settle()
    sink.got, posts = 0, 10
    table.measure("a limited post to 50 recipients, all of it sent", meter, posts, settled=True, warm=0,
                  ask=lambda n: alice.ask("/status_messages", form(f"Limited number {n}", str(aspect))))
    wait_for("every delivery", lambda: sink.got >= posts * len(names))
    last = table.rows[-1]
    table.add("the same, per recipient", requests=sink.got, cpu_ms=round(last["cpu_ms"] / len(names), 3))


def signed_comments(fay, post, count, comment):
    """Envelopes as fay's pod would send them, made beforehand."""
    from federation.protocols.diaspora.magic_envelope import MagicEnvelope
    made = []
    for number in range(count):
        _, xml = comment(fay.handle, post, f"Comment number {number}", fay.signature)
        envelope = MagicEnvelope(xml.encode(), private_key=fay.key(), author_handle=fay.handle)
        made.append(envelope.render().encode())
    return made


def plugins(table, world):
    befriend(world)
    world.pod.command("plugin", "enable", "markdown")
    seed(world, posts=30, comments=1)
    meter, alice = Meter(world.pod), Client(world.alice)
    database = f"{world.pod.data}/pappus.db"

    def cold(_):
        import sqlite3
        with sqlite3.connect(database, timeout=10) as connection:
            for table_name in ("rendered_posts", "rendered_comments", "rendered_bios"):
                connection.execute(f"DELETE FROM {table_name}")
        alice.ask("/stream")

    assert "<strong>" in alice.ask("/stream").decode(), "markdown is on"
    table.measure("my stream, texts cached", meter, 500, lambda _: alice.ask("/stream"))
    table.measure("my stream, every text through the renderer", meter, 150, cold, warm=5)
    warm, none = table.rows[-2]["cpu_ms"], table.rows[-1]["cpu_ms"]
    table.add("a plugin page call: the difference", cpu_ms=round(none - warm, 3))
    world.pod.command("plugin", "disable", "markdown")
    table.measure("my stream, no plugin", meter, 500, lambda _: alice.ask("/stream"))
    world.pod.command("plugin", "enable", "markdown")
    start_up(table, world)


def main():
    kind, out = sys.argv[1], sys.argv[2]
    measure = {"pages": pages, "federation": federation, "plugins": plugins}[kind]
    with tempfile.TemporaryDirectory(prefix="pappus-bench-") as folder:
        private_network(folder)
        world = World(folder)
        try:
            world.start()
            table = Table()
            measure(table, world)
            table.write(kind, out)
        finally:
            world.stop()


if __name__ == "__main__":
    main()
