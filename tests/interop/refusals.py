"""What must not be believed, each beside its honest twin that is: read from what the pod stored, not what it answered."""
import datetime
import uuid

from pod import wait_for

ALICE = "alice@pod.test"
STORIES = []


def story(function):
    STORIES.append(function)
    return function


def settled(w):
    """Everything sent so far has been worked off: a later message is stored, and no received one waits."""
    marker = w.fay.send(ALICE, "status", "A marker")
    wait_for("the marker", lambda: w.pod.rows("SELECT 1 FROM posts WHERE guid = ?", marker))
    wait_for("the received ones", lambda: not w.pod.count(
        "SELECT count(*) FROM jobs WHERE kind = 'receive' AND state IN ('waiting', 'running')"), 60)


def comment(author, parent, text, sign):
    """A comment as it stands on the wire, signed by whoever `sign` belongs to."""
    guid = uuid.uuid4().hex
    at = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    values = {"guid": guid, "parent_guid": parent, "text": text, "author": author, "created_at": at}
    body = "".join(f"<{name}>{value}</{name}>" for name, value in values.items())
    signature = sign(*values.values())
    return guid, f"<comment>{body}<author_signature>{signature}</author_signature></comment>"


@story
def a_forged_envelope_is_refused(w):
    forger = w.fay.twin_with_other_key(w.folder)
    sent = forger.command("send", "--to", ALICE, "status", "Fay never said this")
    assert sent["sent"], "the forgery did reach the pod"
    honest = w.fay.send(ALICE, "status", "Fay did say this")
    wait_for("the honest one", lambda: w.pod.rows("SELECT 1 FROM posts WHERE guid = ?", honest))
    settled(w)
    assert not w.pod.rows("SELECT 1 FROM posts WHERE guid = ? OR text = 'Fay never said this'", sent["guid"])
    assert "Fay never said this" not in w.alice.page("/stream")


@story
def a_forged_private_envelope_is_refused(w):
    forger = w.fay.twin_with_other_key(w.folder / "authority")
    sent = forger.command("send", "--to", ALICE, "--private", "status", "Fay never whispered this")
    assert sent["sent"], "the forgery did reach the pod"
    settled(w)
    assert not w.pod.rows("SELECT 1 FROM posts WHERE guid = ?", sent["guid"])


@story
def a_relayed_comment_signed_by_a_wrong_key_is_refused(w):
    """fay may pass on what others write below her post; she may not write in their name."""
    parent = w.fay.send(ALICE, "status", "A post to comment on")
    wait_for("the post", lambda: w.pod.rows("SELECT 1 FROM posts WHERE guid = ?", parent))
    forged, xml = comment(w.gus.handle, parent, "Gus never wrote this", w.fay.signature)
    w.fay.command("send", "--to", ALICE, "raw", write(w, xml))
    honest, xml = comment(w.gus.handle, parent, "Gus wrote this", w.gus.signature)
    w.fay.command("send", "--to", ALICE, "raw", write(w, xml))
    wait_for("the honest comment", lambda: w.pod.rows("SELECT 1 FROM comments WHERE guid = ?", honest))
    settled(w)
    assert not w.pod.rows("SELECT 1 FROM comments WHERE guid = ?", forged)
    page = w.alice.page(f"/posts/{parent}")
    assert "Gus wrote this" in page and "Gus never wrote this" not in page


@story
def a_comment_on_our_post_signed_by_a_wrong_key_is_refused(w):
    post = w.alice.publish("Comment on me, honestly", "public")
    w.fay.wait_for("DiasporaPost", guid=post)
    forged, xml = comment(w.fay.handle, post, "Signed by somebody else", w.gus.signature)
    w.fay.command("send", "--to", ALICE, "raw", write(w, xml))
    honest, xml = comment(w.fay.handle, post, "Signed by me", w.fay.signature)
    w.fay.command("send", "--to", ALICE, "raw", write(w, xml))
    wait_for("the honest comment", lambda: w.pod.rows("SELECT 1 FROM comments WHERE guid = ?", honest))
    settled(w)
    assert not w.pod.rows("SELECT 1 FROM comments WHERE guid = ?", forged)
    assert not w.gus.entities("DiasporaComment", guid=forged), "and it is not relayed"
    w.gus.wait_for("DiasporaComment", guid=honest)


@story
def nobody_retracts_what_is_not_theirs(w):
    post = w.alice.publish("Mine to keep", "public")
    w.gus.wait_for("DiasporaPost", guid=post)
    w.gus.command("send", "--to", ALICE, "retract", "Post", post)
    settled(w)
    assert w.pod.rows("SELECT 1 FROM posts WHERE guid = ?", post)
    w.alice.done(f"/posts/{post}", {"_method": "delete"})
    assert not w.pod.rows("SELECT 1 FROM posts WHERE guid = ?", post), "its author does"


@story
def hostile_bodies_get_a_reason_and_no_crash(w):
    import urllib.error
    import urllib.request
    bodies = [b"", b"\x00\xff\xfe", b"<me:env", b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", b"{}", b"x" * 3_000_000]
    for path in ("/receive/public", f"/receive/users/{'0' * 32}", "/receive/users/" + w.pod.rows(
            "SELECT guid FROM people WHERE diaspora_id = ?", ALICE)[0][0]):
        for body in bodies:
            request = urllib.request.Request(f"http://127.0.0.1:{w.pod.port}{path}", data=body, headers={
                "Host": "pod.test", "Content-Type": "application/magic-envelope+xml"})
            try:
                status = urllib.request.urlopen(request, timeout=30).status
            except urllib.error.HTTPError as error:
                status = error.code
            except (urllib.error.URLError, ConnectionError):
                assert len(body) > 1_000_000, "only an over-long body may be cut off"
                continue
            assert status < 500, f"{path} answered {status} to {body[:30]!r}"
    settled(w)
    assert w.pod.process.poll() is None


def write(w, xml):
    file = w.folder / "payload.xml"
    file.write_text(xml)
    return str(file)
