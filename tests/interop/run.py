#!/usr/bin/env python3
"""Runs the interop stories: two pods of ours and two people of a peer that is not, each under a host name of its own.

Started inside private mount and network namespaces (`cargo xtask test interop` does that), so the hosts file and the
ports 443 and up are ours alone, the machine stays as it was, and everything is gone however the run ends.
"""
import fcntl
import os
import pathlib
import socket
import struct
import subprocess
import sys
import tempfile
import time
import traceback

HOSTS = {"pod.test": 4000, "pod2.test": 4010, "fed.test": 4101, "fed2.test": 4102}


def private_network(folder):
    """Brings the loopback interface up and names our hosts; refuses where it would touch the real machine."""
    request = struct.pack("16sH14s", b"lo", 0, b"")
    with socket.socket() as probe:
        flags = struct.unpack("16sH14s", fcntl.ioctl(probe, 0x8913, request))[1]  # SIOCGIFFLAGS
        if flags & 1:
            sys.exit("this is the machine's own network: start me with `cargo xtask test interop`")
        fcntl.ioctl(probe, 0x8914, struct.pack("16sH14s", b"lo", flags | 1, b""))  # SIOCSIFFLAGS, IFF_UP
    names = pathlib.Path(folder) / "hosts"
    names.write_text("127.0.0.1 localhost\n" + "".join(f"127.0.0.1 {host}\n" for host in HOSTS))
    subprocess.run(["mount", "--bind", names, "/etc/hosts"], check=True)


class World:
    """Everything that is running, and what the stories have found so far."""

    def __init__(self, folder):
        from front import Authority, Front
        from peer import Peer
        from pod import Pod
        self.folder = pathlib.Path(folder)
        self.authority = authority = Authority(self.folder / "authority")
        Front(authority, HOSTS).start()
        self.pod = Pod("pod.test", HOSTS["pod.test"], folder, authority.file)
        self.pod2 = Pod("pod2.test", HOSTS["pod2.test"], folder, authority.file)
        self.fay = Peer("fay@fed.test", HOSTS["fed.test"], folder, authority.file)
        # a peer that hands its key out in the older of the two forms
        self.gus = Peer("gus@fed2.test", HOSTS["fed2.test"], folder, authority.file, pkcs1=True)

    def start(self):
        for peer in (self.fay, self.gus):
            peer.serve()
        for pod, admin in ((self.pod, "alice"), (self.pod2, "carol")):
            pod.set_up(admin)
            pod.start()
        self.pod.create("bob")
        self.alice, self.bob = self.pod.sign_in("alice"), self.pod.sign_in("bob")
        self.carol = self.pod2.sign_in("carol")

    def stop(self):
        for one in (self.pod, self.pod2, self.fay, self.gus):
            one.stop()


def main():
    wanted = sys.argv[1] if len(sys.argv) > 1 else ""
    with tempfile.TemporaryDirectory(prefix="pappus-interop-") as folder:
        private_network(folder)
        world = World(folder)
        passed = failed = 0
        done = set()
        try:
            world.start()
            import exercised
            import kill9
            import move
            import pictures
            import refusals
            import stories
            for story in stories.STORIES + pictures.STORIES + refusals.STORIES + kill9.STORIES + move.STORIES:
                name = story.__name__.replace("_", " ")
                if wanted not in name and wanted:
                    continue
                began = time.monotonic()
                try:
                    story(world)
                    passed += 1
                    done |= getattr(story, "exercises", set())
                    print(f"ok     {name} ({time.monotonic() - began:.1f} s)", flush=True)
                except Exception:  # the next story may still tell something
                    failed += 1
                    print(f"FAILED {name}\n{traceback.format_exc()}", flush=True)
            if not wanted and not failed:
                exercised.check(done)
        finally:
            world.stop()
            if failed or not passed:
                for pod in (world.pod, world.pod2):
                    print(f"--- the last words of {pod.host}\n{pod.log.read_text()[-6000:]}" if pod.log.exists() else "")
            if keep := os.environ.get("PAPPUS_INTEROP_KEEP"):
                subprocess.run(["cp", "-r", folder, keep], check=False)
    print(f"{passed} passed, {failed} failed", flush=True)
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
