"""The federation part of the bench: what it costs to receive, to prepare, to deliver, and to wait.

Everything is bounded in count and time and stays on the loopback interface of a private network. Received messages and
deliveries are counted by the server's own figures and by the receiving side, so a run in which something got lost fails.
"""
import asyncio
import base64
import concurrent.futures
import http.client
import http.server
import json
import multiprocessing
import os
import pathlib
import re
import socket
import sqlite3
import subprocess
import threading
import time
import urllib.parse

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding

from bench import Client, Meter, per_core
from pod import wait_for
from refusals import comment
from run import HOSTS

# smaller for a try: BENCH_SCALE=0.1
SCALE = float(os.environ.get("BENCH_SCALE", "1"))
COMMENTS, POSTS, PODS, DEAD, WAITING, LIMITED, PREPARED = (
    max(4, int(n * SCALE)) for n in (1500, 30, 200, 20, 50_000, 10, 40))
FIGURES = {"pod.test": 4900, "pod2.test": 4901}
TICK = os.sysconf("SC_CLK_TCK")


def use_postgres(world):
    """The second pod keeps its things in PostgreSQL, where `cargo xtask bench` started one; both tell their figures."""
    for pod in (world.pod, world.pod2):
        pod.env["PAPPUS_METRICS__LISTEN"] = f"127.0.0.1:{FIGURES[pod.host]}"
    if url := os.environ.get("BENCH_POSTGRES"):
        world.pod2.env["PAPPUS_DATABASE__URL"] = url


def figures(pod):
    """The server's figures: name with labels to number."""
    connection = http.client.HTTPConnection("127.0.0.1", FIGURES[pod.host], timeout=30)
    connection.request("GET", "/metrics")
    text = connection.getresponse().read().decode()
    return {name: float(value) for name, value in re.findall(r"^(\w+(?:\{[^}]*\})?) ([0-9.e+-]+)$", text, re.MULTILINE)}


def settle(pod, meter, seconds=120):
    """Waits until nothing is due any more and the server is quiet."""
    def quiet():
        before = meter.cpu()
        time.sleep(0.4)
        known = figures(pod)
        busy = known.get('jobs{state="running"}', 0) or known.get("job_age_seconds", 0)
        return not busy and meter.cpu() - before <= 30
    wait_for("the background work to end", quiet, seconds)


def accepted(pod):
    known = figures(pod)
    return sum(value for name, value in known.items()
               if name.startswith("fed_receive_total{") and 'type="comment"' in name and 'result="accepted"' in name)


class WithDatabase(Meter):
    """The server and the PostgreSQL that it uses."""

    def cpu(self):
        folder = urllib.parse.parse_qs(urllib.parse.urlsplit(os.environ["BENCH_POSTGRES"]).query)["host"][0]
        parent = int((pathlib.Path(folder) / "data/postmaster.pid").read_text().split()[0])
        ticks = 0
        for process in pathlib.Path("/proc").iterdir():
            if process.name.isdigit():
                try:
                    fields = (process / "stat").read_text().rsplit(") ", 1)[1].split()
                except OSError:
                    continue  # it ended meanwhile
                if int(process.name) == parent:
                    ticks += sum(int(field) for field in fields[11:15])  # with its children that ended
                elif int(fields[1]) == parent:
                    ticks += int(fields[11]) + int(fields[12])
        return super().cpu() + ticks / TICK * 1000


def url64(data):
    return base64.urlsafe_b64encode(data).decode()


def signed_comments(fay, post, count):
    """Envelopes as fay's pod would send them, made beforehand: two signatures each."""
    key = serialization.load_pem_private_key((fay.state / "key.pem").read_bytes(), None)

    def sign(text):
        return key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())

    def one(number):
        _, xml = comment(fay.handle, post, f"Comment number {number}",
                         lambda *values: base64.b64encode(sign(";".join(values))).decode())
        data = url64(xml.encode())
        kinds = [url64(kind) for kind in (b"application/xml", b"base64url", b"RSA-SHA256")]
        signature = url64(sign(".".join([data, *kinds])))
        return (f'<me:env xmlns:me="http://salmon-protocol.org/ns/magic-env"><me:data type="application/xml">{data}'
                f"</me:data><me:encoding>base64url</me:encoding><me:alg>RSA-SHA256</me:alg>"
                f'<me:sig key_id="{url64(fay.handle.encode())}">{signature}</me:sig></me:env>').encode()

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        return list(pool.map(one, range(count)))


def flood(pod, bodies, connections=8):
    """Sends all of them over a few kept connections."""
    def send(part):
        receiver = Client(anybody_of(pod))
        for body in part:
            receiver.ask("/receive/public", body, "application/magic-envelope+xml")

    with concurrent.futures.ThreadPoolExecutor(connections) as pool:
        list(pool.map(send, [bodies[start::connections] for start in range(connections)]))


def anybody_of(pod):
    from pod import Member
    return Member(pod)


def ingest(table, pod, member, fay, meter, database):
    # by its pages alone: not every pod of the bench keeps its things in a file to look into
    wait_for("the pod to know the author", lambda: "/people/" + fay.guid in member.page(
        f"/people?q={urllib.parse.quote(fay.handle)}"))
    member.done("/status_messages", {"status_message[text]": "A post to comment on", "aspect_ids[]": "public"})
    post = re.search(r"/posts/([0-9a-f]{32})", member.page("/stream"))[1]
    bodies = signed_comments(fay, post, COMMENTS + 50)
    flood(pod, bodies[:50])
    settle(pod, meter)
    known, before, began = accepted(pod), meter.cpu(), time.monotonic()
    flood(pod, bodies[50:])
    wait_for("every comment", lambda: accepted(pod) - known >= COMMENTS, 120)
    wall = time.monotonic() - began
    settle(pod, meter)
    cost = (meter.cpu() - before) / COMMENTS
    table.add(f"a signed public comment received, verified, stored ({database})", requests=COMMENTS,
              cpu_ms=round(cost, 3), per_core=per_core(cost), per_second=round(COMMENTS / wall),
              rss_mib=round(meter.resident(), 1))


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


class Crowd:
    """Very many pods in one process of their own, behind TLS, that take everything and count it, each for itself."""

    PORT, CLOSED, SILENT = 8443, 8444, 8445

    def __init__(self, context):
        self.got, self.each, self.context = multiprocessing.Value("q", 0), multiprocessing.Array("q", PODS), context
        self.silent = socket.create_server(("127.0.0.1", self.SILENT), backlog=4096)
        self.process = multiprocessing.get_context("fork").Process(target=self._run, daemon=True)
        self.process.start()

    def stop(self):
        self.process.terminate()
        self.process.join()

    def forget(self):
        with self.got.get_lock():
            self.got.value = 0
            self.each[:] = [0] * PODS

    def heard_everywhere(self, messages):
        """Each pod that is there was sent all of them, and those that are dead nothing."""
        counts = self.each[:]
        assert counts == [0] * DEAD + [messages] * (PODS - DEAD), f"not {messages} messages each: {counts}"

    def _run(self):
        asyncio.run(self._serve())

    async def _serve(self):
        got, each = self.got, self.each

        class Answer(asyncio.Protocol):
            def connection_made(self, transport):
                self.transport, self.buffer = transport, b""

            def data_received(self, data):
                self.buffer += data
                while b"\r\n\r\n" in self.buffer:
                    head, rest = self.buffer.split(b"\r\n\r\n", 1)
                    length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
                    length = int(length[1]) if length else 0
                    if len(rest) < length:
                        return
                    self.buffer = rest[length:]
                    host = re.search(rb"\r\nhost: h(\d+)\.many\.test", head, re.IGNORECASE)
                    # who is new is also asked what it runs on
                    told = head.startswith(b"POST ")
                    with got.get_lock():
                        got.value += told
                        each[int(host[1])] += told
                    self.transport.write(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n")

        loop = asyncio.get_running_loop()
        server = await loop.create_server(Answer, "127.0.0.1", self.PORT, ssl=self.context, backlog=1024)
        await server.serve_forever()


def befriend_crowd(world, folder):
    """Alice knows one person on each of very many pods. Looking them up would take hours of politeness: rows are written."""
    pod = world.pod
    pod.stop()
    names = pathlib.Path(folder) / "hosts"
    now = int(time.time() * 1e6)
    pem = world.fay.key().public_key().export_key().decode()
    with names.open("a") as hosts, sqlite3.connect(f"{pod.data}/pappus.db", timeout=10) as database:
        user, person = database.execute("SELECT id, person_id FROM users WHERE username = 'alice'").fetchone()
        aspect = database.execute("INSERT INTO aspects (user_id, name, position, created_at) VALUES (?, 'Many', 99, ?) "
                                  "RETURNING id", (user, now)).fetchone()[0]
        for number in range(PODS):
            port = Crowd.PORT
            if number < DEAD:
                port = Crowd.CLOSED if number % 2 else Crowd.SILENT
            host = f"h{number}.many.test"
            hosts.write(f"127.0.0.1 {host}\n")
            there = database.execute(
                "INSERT INTO remote_pods (host, base_url, created_at) VALUES (?, ?, ?) RETURNING id",
                (f"{host}:{port}", f"https://{host}:{port}/", now)).fetchone()[0]
            somebody = database.execute(
                "INSERT INTO people (guid, diaspora_id, public_key, remote_pod_id, created_at, fetched_at) "
                "VALUES (?, ?, ?, ?, ?, ?) RETURNING id",
                (f"{number:016x}feedfeedfeedfeed", f"p@{host}:{port}", pem, there, now, now)).fetchone()[0]
            database.execute("INSERT INTO profiles (person_id, searchable, nsfw, public_details, updated_at) "
                             "VALUES (?, TRUE, FALSE, FALSE, ?)", (somebody, now))
            contact = database.execute(
                "INSERT INTO contacts (user_id, person_id, sharing, receiving, created_at) "
                "VALUES (?, ?, TRUE, TRUE, ?) RETURNING id", (user, somebody, now)).fetchone()[0]
            database.execute("INSERT INTO aspect_memberships (aspect_id, contact_id) VALUES (?, ?)", (aspect, contact))
    return person, aspect


def deliveries(table, world, crowd, meter, aspect):
    """To all of them: first what is public, then what is encrypted for each of them alone."""
    for kind, audience, posts in (("public", "public", POSTS), ("limited", str(aspect), LIMITED)):
        with sqlite3.connect(f"{world.pod.data}/pappus.db", timeout=10) as database:
            # the dead ones are as unknown to the second kind as to the first
            database.execute("DELETE FROM jobs WHERE kind IN ('deliver', 'probe')")
            database.execute("DELETE FROM deliveries")
            database.execute("UPDATE remote_pods SET offline_since = NULL, failures = 0, retry_at = 0")
        crowd.forget()
        world.pod.start()
        settle(world.pod, meter)
        alice, wanted = Client(world.alice), posts * (PODS - DEAD)
        form = urllib.parse.urlencode({"status_message[text]": f"{kind} to very many pods", "aspect_ids[]": audience})
        before, began = meter.cpu(), time.monotonic()
        for _ in range(posts):
            alice.ask("/status_messages", form)
        wait_for(f"every {kind} delivery", lambda wanted=wanted: crowd.got.value >= wanted, 240)
        wall = time.monotonic() - began
        cost = (meter.cpu() - before) / crowd.got.value
        crowd.heard_everywhere(posts)
        table.add(f"a {kind} post to {PODS} recipients on {PODS} pods, {DEAD} of them dead, per delivery",
                  requests=crowd.got.value, cpu_ms=round(cost, 3), per_core=per_core(cost),
                  per_second=round(crowd.got.value / wall), rss_mib=round(meter.resident(), 1))
        print_pods(world)
        world.pod.stop()


def print_pods(world):
    known = figures(world.pod)
    print(f"  pods: {({name: value for name, value in known.items() if name.startswith('fed_pods')})}", flush=True)


def memory(table, world, crowd, meter, person):
    """All of them are gone and very much waits for them."""
    crowd.stop()
    world.pod.stop()
    now = int(time.time() * 1e6)
    with sqlite3.connect(f"{world.pod.data}/pappus.db", timeout=10) as database:
        database.execute("UPDATE remote_pods SET offline_since = NULL, failures = 0, retry_at = 0")
        database.execute("DELETE FROM deliveries")
        for number in range(WAITING // PODS):
            payload = database.execute(
                "INSERT INTO payloads (sender_id, entity, guid, envelope, public, created_at) "
                "VALUES (?, 'status_message', ?, ?, TRUE, ?) RETURNING id",
                (person, f"{number:032x}", "x" * 2500, now)).fetchone()[0]
            database.execute("INSERT INTO deliveries (payload_id, remote_pod_id, recipient_id, created_at) "
                             "SELECT ?, id, 0, ? FROM remote_pods WHERE host LIKE '%.many.test%'", (payload, now))
        database.execute("DELETE FROM jobs WHERE kind IN ('deliver', 'probe')")
        database.execute(
            "INSERT INTO jobs (kind, lane, payload, key, run_at, state, created_at) "
            "SELECT 'deliver', 1, '{\"remote_pod\":' || id || '}', CAST(id AS TEXT), ?, 'waiting', ? FROM remote_pods "
            "WHERE host LIKE '%.many.test%'", (now, now))
    world.pod.start()
    most = 0.0

    def all_failed():
        nonlocal most
        most = max(most, meter.resident())
        return figures(world.pod).get('fed_pods{state="retrying"}', 0) >= PODS
    wait_for("every pod to have failed", all_failed, 60)
    waiting = int(figures(world.pod)["fed_backlog"])
    assert waiting >= WAITING // PODS * PODS, f"only {waiting} deliveries wait"
    table.add(f"{waiting} deliveries wait for {PODS} dead pods, most while each was tried", requests=waiting,
              rss_mib=round(most, 1))
    settle(world.pod, meter)
    table.add("the same, quiet", requests=waiting, rss_mib=round(meter.resident(), 1))


def limited(table, world, meter, alice, form):
    names = {guid_of(f"p{number}"): f"p{number}" for number in range(1, 51)}
    world.gus.stop()
    sink = Sink(HOSTS["fed2.test"], names, world.gus.key().public_key().export_key().decode())
    aspect = list(world.alice.aspects().values())[-1]
    for number, name in enumerate(names.values()):
        # two members look them up: each may ask for thirty in five minutes
        finder = world.alice if number % 2 else world.bob
        world.alice.share_with(finder.find(f"{name}@fed2.test"), aspect)
    settle(world.pod, meter)
    sink.got, posts = 0, 10
    table.measure("a limited post to 50 recipients, all of it sent", meter, posts, settled=True, warm=0,
                  ask=lambda n: alice.ask("/status_messages", form(f"Limited number {n}", str(aspect))))
    wait_for("every delivery", lambda: sink.got >= posts * len(names))
    cost = table.rows[-1]["cpu_ms"] / len(names)
    table.add("the same, per recipient", requests=sink.got, cpu_ms=round(cost, 3), per_core=per_core(cost))


def prepared(table, database, kind):
    """Limited deliveries up to the point where they would be sent: `core/kernel/examples/prepare.rs`."""
    env = os.environ | {"PREPARE_ON": database.lower(), "TEST_POSTGRES": os.environ.get("BENCH_POSTGRES", "")}
    command = [os.environ["BENCH_PREPARE"], str(PODS), str(PREPARED)]
    with subprocess.Popen(command, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1) as work:
        # a meter wants something that has a process
        self = type("Preparing", (), {"process": work})
        assert work.stdout.readline() == "ready\n", "it does not begin"
        meter, began = kind(self), time.monotonic()
        before = meter.cpu()
        work.stdin.write("\n")
        copies = int(work.stdout.readline())
        cost, wall = (meter.cpu() - before) / copies, time.monotonic() - began
        table.add(f"a limited delivery prepared: its part of a signature, its encryption, its rows ({database})",
                  requests=copies, cpu_ms=round(cost, 3), per_core=per_core(cost), per_second=round(copies / wall),
                  rss_mib=round(meter.resident(), 1))
        work.stdin.write("\n")
    assert copies == PODS * PREPARED and work.returncode == 0, f"{copies} copies, ended with {work.returncode}"


def federation(table, world):
    meter = Meter(world.pod)
    ingest(table, world.pod, world.alice, world.fay, meter, "SQLite")
    if os.environ.get("BENCH_POSTGRES"):
        ingest(table, world.pod2, world.carol, world.fay, WithDatabase(world.pod2), "PostgreSQL")
    else:
        print("no PostgreSQL to measure with: install postgresql", flush=True)

    alice = Client(world.alice)
    form = lambda text, aspect: urllib.parse.urlencode({"status_message[text]": text, "aspect_ids[]": aspect})
    table.measure("a new public post, its background work done", meter, max(10, int(100 * SCALE)), settled=True, warm=5,
                  ask=lambda n: alice.ask("/status_messages", form(f"Post number {n}", "public")))
    limited(table, world, meter, alice, form)
    prepared(table, "SQLite", Meter)
    if os.environ.get("BENCH_POSTGRES"):
        prepared(table, "PostgreSQL", WithDatabase)
    person, aspect = befriend_crowd(world, world.folder)
    crowd = Crowd(world.authority.context("*.many.test"))
    try:
        deliveries(table, world, crowd, meter, aspect)
        memory(table, world, crowd, meter, person)
    finally:
        crowd.stop()
