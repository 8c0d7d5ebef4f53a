"""What two kinds of pods must be able to do together. Each story builds on the ones before it."""
import json
import urllib.request

from exercised import exercises
from pod import Member, wait_for

ALICE, CAROL, FAY, GUS = "alice@pod.test", "carol@pod2.test", "fay@fed.test", "gus@fed2.test"
STORIES = []


def story(function):
    STORIES.append(function)
    return function


@story
def the_peer_discovers_a_member(w):
    found = w.fay.command("profile", ALICE)
    guid, key = w.pod.rows("SELECT guid, public_key FROM people WHERE diaspora_id = ?", ALICE)[0]
    assert (found["class"], found["handle"], found["guid"]) == ("DiasporaProfile", ALICE, guid), found
    assert found["public_key"].split() == key.split(), "the peer reads another key than the one we keep"


@story
def discovery_documents_are_what_they_say(w):
    visitor = Member(w.pod)
    links = json.loads(visitor.page("/.well-known/nodeinfo"))["links"]
    assert len(links) >= 3, links
    for link in links:
        info = json.loads(visitor.page(link["href"].removeprefix("https://pod.test")))
        assert link["rel"].endswith(info["version"]), (link, info["version"])
        assert "diaspora" in json.dumps(info["protocols"])
    assert visitor.get("/.well-known/webfinger?resource=acct:nobody@pod.test")[0] == 404
    assert visitor.get("/.well-known/webfinger?resource=acct%3Aalice%40pod.test")[0] == 200
    assert "XRD" in visitor.page("/.well-known/host-meta")


@story
def a_member_discovers_the_peer(w):
    for peer in (w.fay, w.gus):
        w.alice.find(peer.handle)
        guid, key = w.pod.rows("SELECT guid, public_key FROM people WHERE diaspora_id = ?", peer.handle)[0]
        assert guid == peer.guid
        from Crypto.PublicKey import RSA
        assert RSA.import_key(key) == peer.key().public_key(), "another key than the peer's"


@story
@exercises("contact", "to the peer, limited")
def sharing_reaches_the_peer(w):
    w.aspects = w.alice.aspects()
    assert len(w.aspects) >= 4, w.aspects
    w.near, w.far = list(w.aspects.values())[:2]
    w.alice.share_with(w.alice.find(FAY), w.near)
    w.alice.share_with(w.alice.find(GUS), w.far)
    for peer in (w.fay, w.gus):
        record, contact = peer.wait_for("DiasporaContact")
        assert record["sender"] == ALICE and contact["following"] is True, contact
        assert record["path"].startswith("/receive/users/"), record["path"]


@story
@exercises("contact", "from the peer, limited")
def the_peer_shares_with_a_member(w):
    for peer in (w.fay, w.gus):
        peer.send(ALICE, "follow", private=True)
        wait_for(f"{peer.handle} to share", lambda peer=peer: w.pod.rows(
            "SELECT 1 FROM contacts JOIN people ON people.id = contacts.person_id WHERE diaspora_id = ? AND sharing "
            "AND receiving", peer.handle))
    assert FAY in w.alice.page("/contacts") or "Fay" in w.alice.page("/contacts")


@story
@exercises("status_message", "to the peer, public")
def a_public_post_reaches_the_peer(w):
    w.text = "Hello from a pod: **bold**, under_score and ünïcode #interop"
    w.post = w.alice.publish(w.text, "public")
    for peer in (w.fay, w.gus):
        record, post = peer.wait_for("DiasporaPost", guid=w.post)
        assert record["sender"] == ALICE and record["path"].startswith("/receive/public")
        assert post["public"] is True and "ünïcode" in post["raw_content"], post


@story
@exercises("status_message", "to the peer, limited")
def a_limited_post_reaches_its_aspect_and_nobody_else(w):
    w.limited = w.alice.publish("Only for those who are near", str(w.near))
    record, post = w.fay.wait_for("DiasporaPost", guid=w.limited)
    assert record["path"] == f"/receive/users/{w.fay.guid}" and post["public"] is False
    # whatever would go to gus has gone: a later public post arrives there
    after = w.alice.publish("A public one that comes after", "public")
    w.gus.wait_for("DiasporaPost", guid=after)
    assert not w.gus.entities("DiasporaPost", guid=w.limited), "a person outside of the aspect was sent the post"
    everything = json.dumps(w.gus.received(), ensure_ascii=False)
    assert "those who are near" not in everything and w.limited not in everything
    assert len(w.gus.entities("DiasporaPost")) >= 2, "gus receives what is public"


@story
def a_limited_post_is_not_shown_to_others_here(w):
    assert "Only for those who are near" in w.alice.page(f"/posts/{w.limited}")
    for other in (w.bob, Member(w.pod)):
        assert other.get(f"/posts/{w.limited}")[0] in (401, 403, 404)
        for path in (f"/posts/{w.limited}.json", f"/fetch/post/{w.limited}", "/people/" + w.pod.rows(
                "SELECT guid FROM people WHERE diaspora_id = ?", ALICE)[0][0], "/public"):
            assert "those who are near" not in other.get(path)[1], path
    assert w.bob.get(f"/posts/{w.post}")[0] == 200, "while a public one is"


@story
@exercises("status_message", "from the peer, public")
def a_public_post_of_the_peer_is_stored_and_shown(w):
    w.theirs = w.fay.send(ALICE, "status", "Greetings from the other side")
    wait_for("the post", lambda: w.pod.rows("SELECT 1 FROM posts WHERE guid = ? AND public", w.theirs))
    assert "Greetings from the other side" in w.alice.page(f"/posts/{w.theirs}")
    assert "Greetings from the other side" in w.alice.page("/stream")


@story
@exercises("status_message", "from the peer, limited")
def a_limited_post_of_the_peer_is_for_its_receiver_only(w):
    guid = w.their_limited = w.fay.send(ALICE, "status", "Only for alice", private=True)
    wait_for("the post", lambda: w.pod.rows("SELECT 1 FROM posts WHERE guid = ? AND NOT public", guid))
    assert "Only for alice" in w.alice.page("/stream")
    assert w.bob.get(f"/posts/{guid}")[0] in (403, 404)
    assert w.pod.rows("SELECT username FROM share_visibilities JOIN posts ON posts.id = post_id JOIN users ON "
                      "users.id = user_id WHERE guid = ?", guid) == [("alice",)]


@story
@exercises("comment", "from the peer, public")
def a_comment_of_the_peer_arrives_and_is_relayed_with_its_own_signature(w):
    w.comment = w.fay.send(ALICE, "comment", w.post, "A comment from afar")
    wait_for("the comment", lambda: w.pod.rows("SELECT 1 FROM comments WHERE guid = ?", w.comment))
    assert "A comment from afar" in w.alice.page(f"/posts/{w.post}")
    record, comment = w.gus.wait_for("DiasporaComment", guid=w.comment)
    assert record["sender"] == ALICE, "relayed by the owner of the post"
    assert comment["handle"] == FAY or FAY in json.dumps(comment), "and still written by fay"


@story
@exercises("comment", "to the peer, public")
def a_comment_of_a_member_reaches_the_peer(w):
    w.alice.done(f"/posts/{w.theirs}/comments", {"text": "A comment from here"})
    record, comment = w.fay.wait_for("DiasporaComment")
    assert record["sender"] == ALICE and "A comment from here" in comment["raw_content"], comment
    assert w.pod.count("SELECT count(*) FROM comments WHERE guid = ?", comment["guid"]) == 1


@story
@exercises("comment of a third person, relayed", "to the peer", "from the peer")
def comments_of_third_people_are_relayed_both_ways(w):
    for private in (False, True):
        ours = w.alice.publish(f"Talk about this {private}", *([str(w.near), str(w.far)] if private else ["public"]))
        for peer in (w.fay, w.gus):
            peer.wait_for("DiasporaPost", guid=ours)
        said = w.gus.send(ALICE, "comment", ours, f"Gus said so {private}", private=private)
        record, comment = w.fay.wait_for("DiasporaComment", guid=said)
        assert record["sender"] == ALICE and comment["handle"] == GUS, comment
        # and a post of the peer, below which somebody of a third pod says something
        theirs = w.fay.send(ALICE, "status", f"Talk about that {private}", private=private)
        w.carol.find(FAY)
        w.fay.send(CAROL, "--guid", theirs, "status", f"Talk about that {private}", private=private)
        for pod in (w.pod, w.pod2):
            wait_for("the post", lambda pod=pod, theirs=theirs: pod.rows("SELECT 1 FROM posts WHERE guid = ?", theirs))
        w.carol.done(f"/posts/{theirs}/comments", {"text": f"Carol said so {private}"})
        _, comment = w.fay.wait_for("DiasporaComment", raw_content=f"Carol said so {private}")
        sent = w.fay.command("relay", "--to", ALICE, *(["--private"] if private else []), comment["guid"])
        assert all(delivery["status"] < 300 for delivery in sent["sent"]), sent
        author = wait_for("the relayed comment", lambda guid=comment["guid"]: w.pod.rows(
            "SELECT a.diaspora_id FROM comments c JOIN people a ON a.id = c.author_id WHERE c.guid = ?", guid))
        assert author == [(CAROL,)], author


@story
@exercises("like", "to the peer, public", "from the peer, public")
def likes_travel_both_ways(w):
    theirs = w.fay.send(ALICE, "like", w.post)
    wait_for("the like", lambda: w.pod.rows("SELECT 1 FROM likes WHERE guid = ?", theirs))
    assert w.pod.count("SELECT likes_count FROM posts WHERE guid = ?", w.post) == 1
    w.alice.done(f"/posts/{w.theirs}/likes", {})
    record, like = w.fay.wait_for("DiasporaLike")
    assert record["sender"] == ALICE and w.theirs in json.dumps(like), like


@story
def the_same_message_twice_is_stored_once(w):
    for _ in range(2):
        w.fay.send(ALICE, "--guid", "f" * 32, "status", "Said twice")
    wait_for("the post", lambda: w.pod.rows("SELECT 1 FROM posts WHERE guid = ?", "f" * 32))
    w.fay.send(ALICE, "--guid", "e" * 32, "status", "Said after it")
    wait_for("the one after it", lambda: w.pod.rows("SELECT 1 FROM posts WHERE guid = ?", "e" * 32))
    assert w.pod.count("SELECT count(*) FROM posts WHERE text = 'Said twice'") == 1


@story
def the_peer_fetches_a_public_post_and_no_limited_one(w):
    found = w.gus.command("fetch", "--handle", ALICE, "post", w.post)
    assert found["class"] == "DiasporaPost" and found["guid"] == w.post
    assert Member(w.pod).get(f"/fetch/post/{w.limited}")[0] == 404
    assert Member(w.pod).get(f"/fetch/post/{'0' * 32}")[0] == 404


@story
def the_peer_would_have_refused_what_we_did_not_sign(w):
    """The sabotaged twin of every delivery above: the peer does verify."""
    record, _ = w.fay.entities("DiasporaPost", guid=w.post)[-1]
    start = record["body"].index("<me:data") + 40
    tampered = record["body"][:start] + ("B" if record["body"][start] != "B" else "C") + record["body"][start + 1:]
    before = len(w.fay.refused())
    request = urllib.request.Request(f"http://127.0.0.1:{w.fay.port}/receive/public", data=tampered.encode(),
                                     headers={"Content-Type": "application/magic-envelope+xml"})
    try:
        urllib.request.urlopen(request, timeout=30)
        raise AssertionError("the peer took a tampered envelope")
    except urllib.error.HTTPError as error:
        assert error.code == 400
    assert len(w.fay.refused()) == before + 1


@story
@exercises("comment", "to the peer, limited", "from the peer, limited")
@exercises("like", "to the peer, limited", "from the peer, limited")
def interactions_on_limited_posts_travel_both_ways_and_to_nobody_else(w):
    comment = w.fay.send(ALICE, "comment", w.limited, "A quiet word", private=True)
    wait_for("the comment", lambda: w.pod.rows("SELECT 1 FROM comments WHERE guid = ?", comment))
    like = w.fay.send(ALICE, "like", w.limited, private=True)
    wait_for("the like", lambda: w.pod.rows("SELECT 1 FROM likes WHERE guid = ?", like))
    w.alice.done(f"/posts/{w.their_limited}/comments", {"text": "A quiet answer"})
    record, answer = w.fay.wait_for("DiasporaComment", raw_content="A quiet answer")
    assert record["path"] == f"/receive/users/{w.fay.guid}" and record["sender"] == ALICE, record["path"]
    w.alice.done(f"/posts/{w.their_limited}/likes", {})
    wait_for("the like at the peer", lambda: [r for r, e in w.fay.entities("DiasporaLike")
                                              if r["path"].startswith("/receive/users/") and
                                              w.their_limited in json.dumps(e)])
    everything = json.dumps(w.gus.received(), ensure_ascii=False)
    assert "A quiet" not in everything and comment not in everything and like not in everything


@story
def a_comment_on_a_limited_post_that_comes_publicly_is_refused(w):
    guid = w.fay.send(ALICE, "comment", w.limited, "Shouted")
    after = w.fay.send(ALICE, "comment", w.post, "Said after the shout")
    wait_for("the one after it", lambda: w.pod.rows("SELECT 1 FROM comments WHERE guid = ?", after))
    assert not w.pod.rows("SELECT 1 FROM comments WHERE guid = ?", guid)


@story
@exercises("profile", "to the peer", "from the peer")
def profiles_travel_both_ways(w):
    w.fay.send(ALICE, "profile", "Fay Renamed", "New words about fay")
    wait_for("the new name", lambda: w.pod.rows(
        "SELECT 1 FROM profiles f JOIN people p ON p.id = f.person_id WHERE p.diaspora_id = ? AND f.bio = ?",
        FAY, "New words about fay"))
    assert "Fay Renamed" in w.alice.page("/contacts")
    w.fay.send(ALICE, "profile", "Fay Renamed", "A word for alice alone", private=True)
    wait_for("the words for one", lambda: w.pod.rows(
        "SELECT 1 FROM profiles f JOIN people p ON p.id = f.person_id WHERE p.diaspora_id = ? AND f.bio = ?",
        FAY, "A word for alice alone"))
    for name, details, way in (("Renamed", "0", "/receive/users/"), ("Opened", "1", "/receive/public")):
        w.alice.done("/profile", {"_method": "put", "profile[first_name]": "Alice", "profile[last_name]": name,
                                  "profile[public_details]": details})
        for peer in (w.fay, w.gus):
            record, profile = peer.wait_for("DiasporaProfile", name=f"Alice {name}")
            assert record["sender"] == ALICE and profile["handle"] == ALICE, profile
            assert record["path"].startswith(way), record["path"]


@story
@exercises("reshare", "to the peer, public", "from the peer, public")
def reshares_travel_both_ways(w):
    theirs = w.fay.send(ALICE, "reshare", w.post, ALICE)
    wait_for("the reshare", lambda: w.pod.rows(
        "SELECT 1 FROM posts s JOIN posts r ON r.id = s.root_id WHERE s.guid = ? AND r.guid = ?", theirs, w.post))
    assert "ünïcode" in w.alice.page(f"/posts/{theirs}")
    w.alice.done("/reshares", {"root_guid": w.theirs})
    record, reshare = w.fay.wait_for("DiasporaReshare", target_guid=w.theirs)
    assert record["sender"] == ALICE and record["path"].startswith("/receive/public"), record["path"]
    assert reshare["target_handle"] == FAY, reshare
    limited = w.fay.send(ALICE, "reshare", w.limited, ALICE)
    after = w.fay.send(ALICE, "status", "Said after the reshare")
    wait_for("the one after it", lambda: w.pod.rows("SELECT 1 FROM posts WHERE guid = ?", after))
    assert not w.pod.rows("SELECT 1 FROM posts WHERE guid = ?", limited), "a limited post was passed on"


@story
@exercises("retraction of a comment", "from the peer, public", "to the peer, public")
@exercises("retraction of a like", "from the peer, public", "to the peer, public")
@exercises("retraction of a post", "from the peer, public", "to the peer, public")
def retractions_remove_on_both_sides(w):
    take_back(w, w.post, w.comment, w.theirs, private=False)
    doomed = w.alice.publish("This one will be taken back", "public")
    retracted(w, doomed)


@story
@exercises("retraction of a comment", "from the peer, limited", "to the peer, limited")
@exercises("retraction of a like", "from the peer, limited", "to the peer, limited")
@exercises("retraction of a post", "from the peer, limited", "to the peer, limited")
def retractions_of_what_is_limited_are_limited(w):
    comment = w.pod.rows("SELECT guid FROM comments WHERE text = 'A quiet word'")[0][0]
    take_back(w, w.limited, comment, w.their_limited, private=True)
    retracted(w, w.limited)
    everything = json.dumps(w.gus.received(), ensure_ascii=False)
    assert w.limited not in everything and w.their_limited not in everything


def take_back(w, ours, comment, theirs, private):
    """Below our post the peer's comment and like, below theirs our comment and like, and then their post."""
    like = w.pod.rows("SELECT l.guid FROM likes l JOIN posts p ON p.id = l.post_id JOIN people a ON a.id = l.author_id "
                      "WHERE p.guid = ? AND a.diaspora_id = ?", ours, FAY)[0][0]
    for kind, table, guid in (("Comment", "comments", comment), ("Reaction", "likes", like)):
        w.fay.send(ALICE, "retract", kind, guid, private=private)
        wait_for(f"the {kind} to go", lambda table=table, guid=guid: not w.pod.rows(
            f"SELECT 1 FROM {table} WHERE guid = ?", guid))
    own = "JOIN posts p ON p.id = x.post_id JOIN people a ON a.id = x.author_id WHERE p.guid = ? AND a.diaspora_id = ?"
    comment = w.pod.rows(f"SELECT x.guid FROM comments x {own}", theirs, ALICE)[0][0]
    like = w.pod.rows(f"SELECT x.guid FROM likes x {own}", theirs, ALICE)[0][0]
    w.alice.done(f"/comments/{comment}", {"_method": "delete"})
    w.alice.done(f"/posts/{theirs}/likes", {"_method": "delete"})
    for guid, kind in ((comment, "Comment"), (like, "Reaction")):
        record, retraction = w.fay.wait_for("DiasporaRetraction", target_guid=guid)
        assert retraction["entity_type"] == kind and record["sender"] == ALICE, retraction
        assert record["path"].startswith("/receive/users/" if private else "/receive/public"), record["path"]
    w.fay.send(ALICE, "retract", "Post", theirs, private=private)
    wait_for("the post to go", lambda: not w.pod.rows("SELECT 1 FROM posts WHERE guid = ?", theirs))
    assert w.alice.get(f"/posts/{theirs}")[0] in (404, 410)


def retracted(w, guid):
    """Our own post, taken back: fay hears of it the way that she heard of the post."""
    sent, _ = w.fay.wait_for("DiasporaPost", guid=guid)
    w.alice.done(f"/posts/{guid}", {"_method": "delete"})
    record, retraction = w.fay.wait_for("DiasporaRetraction", target_guid=guid)
    assert retraction["entity_type"] == "Post" and record["sender"] == ALICE, retraction
    assert record["path"] == sent["path"], (record["path"], sent["path"])
    assert not w.pod.rows("SELECT 1 FROM posts WHERE guid = ?", guid)


@story
def whoever_stops_sharing_is_heard_on_both_sides(w):
    w.gus.send(ALICE, "unfollow", private=True)
    wait_for("gus to stop", lambda: w.pod.rows(
        "SELECT 1 FROM contacts JOIN people ON people.id = contacts.person_id WHERE diaspora_id = ? AND NOT sharing",
        GUS))
    guid = w.pod.rows("SELECT guid FROM people WHERE diaspora_id = ?", GUS)[0][0]
    w.alice.done(f"/people/{guid}/aspects", {})
    record, contact = w.gus.wait_for("DiasporaContact", following=False)
    assert record["sender"] == ALICE, contact
    # and they may think better of it
    w.alice.share_with(w.alice.find(GUS), w.far)
    w.gus.send(ALICE, "follow", private=True)
    wait_for("gus to share again", lambda: w.pod.rows(
        "SELECT 1 FROM contacts JOIN people ON people.id = contacts.person_id WHERE diaspora_id = ? AND sharing "
        "AND receiving", GUS))


@story
def nothing_that_we_sent_was_refused(w):
    for peer in (w.fay, w.gus):
        refused = [record for record in peer.refused() if record["headers"].get("Host", "").startswith("fed")]
        assert not refused, [(record["path"], record["error"]) for record in refused]
        assert len(peer.received()) >= 4
