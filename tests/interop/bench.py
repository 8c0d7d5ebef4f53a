#!/usr/bin/env python3
"""What a release build costs: processor time and memory of the server, driven over loopback.

    bench.py pages|federation|plugins OUT.json        (started by `cargo xtask bench`)

CPU-ms is user and system time of the server over a run, its background work included, divided by the requests: it holds
when neighbours are noisy. p50 and p99 are seen by the one client that asks, one request after the other.
"""
import datetime
import http.client
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse

from run import World, private_network

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


def per_core(cpu_ms):
    """So many a second would keep one core busy."""
    return round(1000 / cpu_ms) if cpu_ms else ""


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
        self.add(what, requests=requests, cpu_ms=round(used / requests, 3), per_core=per_core(used / requests), p50_ms=round(statistics.median(times), 2),
                 p99_ms=round(times[int(len(times) * 0.99) - 1], 2), per_second=round(requests / wall),
                 rss_mib=round(meter.resident(), 1))

    def add(self, what, **figures):
        self.rows.append({"what": what, **figures})
        print(f"{what}: " + ", ".join(f"{name} {value}" for name, value in figures.items()), flush=True)

    def write(self, kind, out):
        names = ["requests", "cpu_ms", "per_core", "p50_ms", "p99_ms", "per_second", "rss_mib"]
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


def volume(client, path):
    """What a page of posts shows, so that no row measures an empty one."""
    page = client.ask(path).decode()
    posts, comments = page.count('<article class="post"'), page.count('<li class="comment"')
    assert posts >= 15 and comments >= 3 * posts, f"{path} shows {posts} posts and {comments} comments"
    return f"{posts} posts with {comments} comments"


def pages(table, world):
    world.pod.command("plugin", "enable", "markdown")
    befriend(world)
    guids = seed(world)
    meter, alice, visitor = Meter(world.pod), Client(world.alice), Client(anybody(world))
    table.measure(f"my stream, {volume(alice, '/stream')}", meter, 500, lambda _: alice.ask("/stream"))
    table.measure("one post, visitor", meter, 500, lambda _: visitor.ask(f"/posts/{guids[-1]}"))
    for what, path in (("public stream", "/public"), ("profile", "/u/bob"), ("a tag", "/tags/gardening")):
        table.measure(f"{what}, visitor, {volume(visitor, path)}", meter, 300, lambda _, path=path: visitor.ask(path))
    table.measure("notifications", meter, 300, lambda _: alice.ask("/notifications"))
    table.measure("admin overview", meter, 300, lambda _: alice.ask("/admin"))
    table.measure("sign-in page", meter, 300, lambda _: visitor.ask("/users/sign_in"))
    table.measure("WebFinger", meter, 500,
                  lambda _: visitor.ask("/.well-known/webfinger?resource=acct:alice@pod.test"))
    start_up(table, world)


def anybody(world):
    from pod import Member
    return Member(world.pod)


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


def due(table):
    """What must hold of these figures; the command fails where it does not."""
    broken = [f"{row['what']}: {row['cpu_ms']} CPU-ms" for row in table.rows
              if row.get("p50_ms") and row.get("cpu_ms", 0) > 5 and "renderer" not in row["what"]
              and any(word in row["what"] for word in ("stream", "visitor", "notifications", "overview", "page"))]
    broken += [f"{row['rss_mib']} MiB when idle" for row in table.rows
               if row["what"] == "idle" and row["rss_mib"] >= 120]
    if broken:
        raise SystemExit("a page may take 5 CPU-ms and an idle pod 120 MiB: " + "; ".join(broken))
    if any(row["what"] == "idle" for row in table.rows):
        print("no page takes more than 5 CPU-ms, and the idle pod stays below 120 MiB")


def main():
    from bench_federation import federation, use_postgres
    kind, out = sys.argv[1], sys.argv[2]
    measure = {"pages": pages, "federation": federation, "plugins": plugins}[kind]
    with tempfile.TemporaryDirectory(prefix="pappus-bench-") as folder:
        private_network(folder)
        world = World(folder)
        if kind == "federation":
            use_postgres(world)
        try:
            world.start()
            table = Table()
            measure(table, world)
            table.write(kind, out)
            due(table)
        finally:
            world.stop()


if __name__ == "__main__":
    main()
