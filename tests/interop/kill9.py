"""`kill -9` in the middle of a burst: whatever a member was told is posted is there afterwards, and arrives once."""
import threading
import time

from pod import wait_for

BURST, BEFORE_THE_KILL = 120, 40
STORIES = []


def story(function):
    STORIES.append(function)
    return function


@story
def members_of_two_pods_share_with_each_other(w):
    for member, other in ((w.bob, "carol@pod2.test"), (w.carol, "bob@pod.test")):
        member.share_with(member.find(other), next(iter(member.aspects().values())))
    for pod, other in ((w.pod, "carol@pod2.test"), (w.pod2, "bob@pod.test")):
        wait_for(f"{other} to share", lambda pod=pod, other=other: pod.rows(
            "SELECT 1 FROM contacts JOIN people ON people.id = contacts.person_id WHERE diaspora_id = ? AND sharing "
            "AND receiving", other))


@story
def nothing_acknowledged_is_lost_by_kill_9(w):
    acknowledged, lock, go_on = [], threading.Lock(), threading.Event()
    go_on.set()

    def write(which):
        number = 0
        while go_on.is_set() and number < BURST:
            number += 1
            text = f"burst {which}-{number}"
            try:
                status, _, _ = w.bob.post("/status_messages", {"status_message[text]": text, "aspect_ids[]": "public"})
            except OSError:
                return
            if status in (200, 201, 302, 303):
                with lock:
                    acknowledged.append(text)

    writers = [threading.Thread(target=write, args=(which,)) for which in range(4)]
    for writer in writers:
        writer.start()
    wait_for("enough posts", lambda: len(acknowledged) >= BEFORE_THE_KILL, 60)
    w.pod.kill()
    go_on.clear()
    for writer in writers:
        writer.join()
    waiting = w.pod.count("SELECT count(*) FROM jobs WHERE state IN ('waiting', 'running')")
    waiting += w.pod.count("SELECT count(*) FROM deliveries")
    assert len(acknowledged) >= BEFORE_THE_KILL and waiting >= 1, (len(acknowledged), waiting)
    print(f"       {len(acknowledged)} posts acknowledged, {waiting} jobs and deliveries in flight at the kill")

    began = time.monotonic()
    w.pod.start()
    print(f"       ready again after {time.monotonic() - began:.2f} s")
    stored = dict(w.pod.rows("SELECT text, guid FROM posts WHERE text LIKE 'burst %'"))
    lost = [text for text in acknowledged if text not in stored]
    assert not lost, f"acknowledged and lost: {lost}"
    for pod in (w.pod, w.pod2):
        wait_for(f"all of them at {pod.host}", lambda pod=pod: pod.count(
            "SELECT count(DISTINCT guid) FROM posts WHERE text LIKE 'burst %'") >= len(stored), 120)
        assert pod.count("SELECT count(*) FROM posts WHERE text LIKE 'burst %'") == len(stored), "once each"
        found = dict(pod.rows("SELECT text, guid FROM posts WHERE text LIKE 'burst %'"))
        assert found == stored, "the same posts on both sides"
