"""The built server as a black box: its processes, its command line, its pages used as a browser would, its database."""
import html
import http.cookiejar
import json
import os
import pathlib
import re
import signal
import sqlite3
import ssl
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request

PASSWORD = "correct horse battery staple"


def wait_for(what, check, seconds=30):
    """Asks until the answer is true, and gives it; the failure says what never came."""
    end = time.monotonic() + seconds
    while True:
        found = check()
        if found:
            return found
        if time.monotonic() > end:
            raise AssertionError(f"waited {seconds} s in vain for {what}")
        time.sleep(0.1)


class Pod:
    """One `pappus` with a data directory of its own."""

    def __init__(self, host, port, folder, authority):
        self.host, self.port = host, port
        self.data = pathlib.Path(folder) / host
        self.data.mkdir(parents=True)
        self.authority = authority
        self.log = self.data / "server.log"
        self.process = None
        self.env = os.environ | {
            "PAPPUS_DATA": str(self.data),
            "PAPPUS_SERVER__LISTEN": f"127.0.0.1:{port}",
            "PAPPUS_SERVER__BASE_URL": f"https://{host}",
            "PAPPUS_FEDERATION__EXTRA_CA_FILE": str(authority),
            "PAPPUS_FEDERATION__ALLOW_LOOPBACK": "true",
        }
        if plugins := os.environ.get("PAPPUS_TEST_PLUGINS"):
            self.env["PAPPUS_PLUGINS__DIR"] = plugins
        self.password_file = self.data / "password"
        self.password_file.write_text(PASSWORD)
        self.password_file.chmod(0o600)

    def command(self, *words):
        """One call of the command line; its JSON."""
        done = subprocess.run([os.environ["PAPPUS_BIN"], *words, "--json"], env=self.env, capture_output=True,
                              text=True, timeout=120, check=False)
        if done.returncode:
            raise AssertionError(f"pappus {' '.join(words)} ended with {done.returncode}: {done.stderr}{done.stdout}")
        return json.loads(done.stdout)

    def set_up(self, admin):
        return self.command("setup", "--admin", admin, "--email", f"{admin}@{self.host}", "--password-file",
                            str(self.password_file), "--base-url", f"https://{self.host}")

    def create(self, name):
        return self.command("user", "create", name, "--email", f"{name}@{self.host}", "--password-file",
                            str(self.password_file))

    def start(self):
        with self.log.open("ab") as log:
            self.process = subprocess.Popen([os.environ["PAPPUS_BIN"], "serve"], env=self.env, stdout=log, stderr=log)
        wait_for(f"{self.host} to be ready", self.ready, 60)

    def ready(self):
        if self.process.poll() is not None:
            raise AssertionError(f"the server ended:\n{self.log.read_text()[-3000:]}")
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(30)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(30)

    def rows(self, statement, *values):
        """What the pod stored."""
        with sqlite3.connect(f"file:{self.data}/pappus.db?mode=ro", uri=True, timeout=10) as database:
            return database.execute(statement, values).fetchall()

    def count(self, statement, *values):
        return self.rows(statement, *values)[0][0]

    def sign_in(self, name):
        return Member(self, name)


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect is an answer to look at."""

    def redirect_request(self, *_args):
        return None


class Member:
    """Somebody with a browser without JavaScript: cookies, links and forms."""

    def __init__(self, pod, name=None):
        self.pod, self.name = pod, name
        context = ssl.create_default_context(cafile=str(pod.authority))
        self.opener = urllib.request.build_opener(
            NoRedirect, urllib.request.HTTPSHandler(context=context), urllib.request.ProxyHandler({}),
            urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
        if name:
            status, _, headers = self.post("/users/sign_in", {"user[username]": name, "user[password]": PASSWORD})
            assert status == 302, f"signing in as {name} answered {status} {headers.get('Location')}"

    def ask(self, request):
        request.add_header("User-Agent", "Pappus interop")
        try:
            with self.opener.open(request, timeout=30) as answer:
                return answer.status, answer.read().decode("utf-8", "replace"), answer.headers
        except urllib.error.HTTPError as answer:
            with answer:
                return answer.code, answer.read().decode("utf-8", "replace"), answer.headers

    def get(self, path):
        return self.ask(urllib.request.Request(f"https://{self.pod.host}{path}"))

    def page(self, path):
        status, text, _ = self.get(path)
        assert status == 200, f"GET {path} answered {status}"
        return html.unescape(text)

    def post(self, path, fields):
        body = urllib.parse.urlencode(fields, doseq=True).encode()
        request = urllib.request.Request(f"https://{self.pod.host}{path}", data=body, method="POST")
        request.add_header("Origin", f"https://{self.pod.host}")
        request.add_header("Sec-Fetch-Site", "same-origin")
        return self.ask(request)

    def upload(self, file, name="picture.png"):
        """Gives a picture to the pod, as the page does; its number."""
        edge = "a-border-that-is-in-no-picture"
        body = (f'--{edge}\r\nContent-Disposition: form-data; name="files[]"; filename="{name}"\r\n'
                f"Content-Type: image/png\r\n\r\n").encode() + file + f"\r\n--{edge}--\r\n".encode()
        request = urllib.request.Request(f"https://{self.pod.host}/photos", data=body, method="POST", headers={
            "Content-Type": f"multipart/form-data; boundary={edge}", "Accept": "application/json",
            "Origin": f"https://{self.pod.host}", "Sec-Fetch-Site": "same-origin"})
        status, text, _ = self.ask(request)
        assert status in (200, 201), f"the upload answered {status}: {text[:300]}"
        return int(re.search(r'"id":\s*(\d+)', text)[1])

    def done(self, path, fields):
        status, text, headers = self.post(path, fields)
        assert status in (200, 201, 302, 303), f"POST {path} answered {status}: {re.sub('<[^>]+>', ' ', text)[:600]}"
        return headers.get("Location", "")

    def aspects(self):
        return dict(self.pod.rows("SELECT aspects.name, aspects.id FROM aspects JOIN users ON users.id = user_id "
                                  "WHERE username = ? ORDER BY position", self.name))

    def find(self, diaspora_id):
        """Looks somebody up by address; the id of the person once the pod knows them."""
        def known():
            self.get(f"/people?q={urllib.parse.quote(diaspora_id)}")
            return self.pod.rows("SELECT id FROM people WHERE diaspora_id = ?", diaspora_id)

        return wait_for(f"{self.pod.host} to know {diaspora_id}", known)[0][0]

    def share_with(self, person_id, aspect_id):
        self.done("/aspect_memberships", {"person_id": person_id, "aspect_id": aspect_id})

    def publish(self, text, *aspects, photos=()):
        """Posts, and gives the guid."""
        self.done("/status_messages", {"status_message[text]": text, "aspect_ids[]": aspects, "photos[]": photos})
        return self.pod.rows("SELECT guid FROM posts WHERE text = ?", text)[0][0]
