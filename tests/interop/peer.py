"""The other side: a peer on the `federation` library, driven by its command line, with what it received and took."""
import base64
import json
import os
import pathlib
import subprocess
import sys

from Crypto.Hash import SHA256
from Crypto.PublicKey import RSA
from Crypto.Signature import pkcs1_15

from pod import wait_for

HERE = pathlib.Path(__file__).parent


class Peer:
    """One person at one host that is not ours."""

    def __init__(self, handle, port, folder, authority, pkcs1=False):
        self.handle, self.port = handle, port
        self.state = pathlib.Path(folder) / handle
        self.env = os.environ | {"SSL_CERT_FILE": str(authority), "REQUESTS_CA_BUNDLE": str(authority)}
        self.process = None
        self.user = self.command("init", "--handle", handle, *(["--pkcs1"] if pkcs1 else []))
        self.guid = self.user["guid"]

    def command(self, name, *words):
        done = subprocess.run([sys.executable, HERE / "fedpeer.py", name, "--state", self.state, *words],
                              env=self.env, capture_output=True, text=True, timeout=90, check=False)
        if done.returncode:
            raise AssertionError(f"fedpeer {name} {words}: {done.stderr[-2000:]}")
        return json.loads(done.stdout)

    def serve(self):
        log = (self.state / "serve.log").open("ab")
        self.process = subprocess.Popen([sys.executable, HERE / "fedpeer.py", "serve", "--state", self.state, "--port",
                                         str(self.port)], env=self.env, stdout=log, stderr=log)

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait(10)

    def key(self):
        return RSA.import_key((self.state / "key.pem").read_bytes())

    def twin_with_other_key(self, folder):
        """Somebody who claims to be this person without having the key."""
        forger = object.__new__(Peer)
        forger.__dict__.update(self.__dict__)
        forger.process = None
        forger.state = pathlib.Path(folder) / f"not-{self.handle}"
        forger.state.mkdir()
        (forger.state / "user.json").write_text(json.dumps(self.user))
        (forger.state / "key.pem").write_bytes(RSA.generate(2048).export_key())
        return forger

    def send(self, to, *words, private=False):
        """Sends, and gives the guid of what was sent; the receiver must have taken it in."""
        sent = self.command("send", "--to", to, *(["--private"] if private else []), *words)
        statuses = [delivery["status"] for delivery in sent["sent"]]
        assert statuses and all(status and status < 300 for status in statuses), f"delivery of {words}: {sent['sent']}"
        return sent["guid"]

    def send_xml(self, to, xml, private=False):
        file = self.state / "raw.xml"
        file.write_text(xml)
        return self.send(to, "raw", str(file), private=private)

    def signature(self, *values):
        """What an author writes below a comment or like: over the values of its elements, in their order."""
        digest = SHA256.new(";".join(values).encode())
        return base64.b64encode(pkcs1_15.new(self.key()).sign(digest)).decode()

    def received(self):
        return [json.loads(file.read_text()) for file in sorted((self.state / "received").glob("*.json"))]

    def refused(self):
        """Messages that the library would not take, with its reasons."""
        return [record for record in self.received() if record["error"]]

    def entities(self, kind, **attributes):
        """Everything of a kind that the library took: (record, entity)."""
        return [(record, entity) for record in self.received() for entity in record["entities"]
                if entity["class"] == kind and all(entity.get(k) == v for k, v in attributes.items())]

    def wait_for(self, kind, **attributes):
        return wait_for(f"{kind} {attributes} at {self.handle}; refused: {[r['error'] for r in self.refused()]}",
                        lambda: self.entities(kind, **attributes))[-1]
