"""A member moves from one pod to another by the command line alone, as their operators would do it for them."""
import os
import subprocess

from pod import wait_for

STORIES = []


def story(function):
    STORIES.append(function)
    return function


def contact(pod, member, other):
    return pod.rows(
        "SELECT c.sharing, c.receiving FROM contacts c JOIN users u ON u.id = c.user_id "
        "JOIN people p ON p.id = c.person_id WHERE u.username = ? AND p.diaspora_id = ?", member, other)


@story
def an_archive_is_written_once_and_for_its_owner_only(w):
    w.pod.create("dora")
    w.dora = w.pod.sign_in("dora")
    for member, other in ((w.dora, "bob@pod.test"), (w.bob, "dora@pod.test")):
        member.share_with(member.find(other), next(iter(member.aspects().values())))
    w.dora_post = w.dora.publish("Packing my things", "public")
    w.archive = w.pod.data / "dora.json.gz"
    told = w.pod.command("user", "export", "dora", str(w.archive))
    assert told["ready"] and told["bytes"] == w.archive.stat().st_size > 1000, told
    assert w.archive.stat().st_mode & 0o777 == 0o600
    try:
        w.pod.command("user", "export", "dora", str(w.archive))
    except AssertionError as refused:
        assert "cannot be written" in str(refused), refused
    else:
        raise AssertionError("an archive was written over another")


@story
def an_archive_moves_into_another_pod_and_the_contacts_follow(w):
    words = ["user", "import", str(w.archive), "--name", "dora", "--email", "dora@pod2.test", "--password-file",
             str(w.pod2.password_file)]
    done = subprocess.run([os.environ["PAPPUS_BIN"], *words], env=w.pod2.env, capture_output=True, text=True,
                          timeout=180, check=False)
    assert done.returncode == 0, done.stderr + done.stdout
    assert "dora@pod.test moves in as dora@pod2.test" in done.stdout, done.stdout
    assert "The move is done" in done.stdout, done.stdout
    # her old pod learns it, and who shared with her there shares with her here
    wait_for("bob to share with the new dora", lambda: contact(w.pod, "bob", "dora@pod2.test"))
    wait_for("the new dora to share with bob", lambda: (1, 1) in contact(w.pod2, "dora", "bob@pod.test"))
    assert not contact(w.pod, "bob", "dora@pod.test")
    assert w.pod.count("SELECT count(*) FROM people WHERE diaspora_id = 'dora@pod.test' AND closed_at IS NOT NULL "
                       "AND moved_to_id IS NOT NULL") == 1
    new = w.pod2.sign_in("dora")
    assert "Packing my things" in new.page("/people/" + w.pod2.rows(
        "SELECT guid FROM people WHERE diaspora_id = 'dora@pod2.test'")[0][0])
    post = new.publish("Unpacking them", "public")
    wait_for("the first post from the new place", lambda: w.pod.rows("SELECT 1 FROM posts WHERE guid = ?", post))


@story
def an_archive_moves_once(w):
    words = ["user", "import", str(w.archive), "--name", "thief", "--email", "thief@pod2.test", "--password-file",
             str(w.pod2.password_file)]
    try:
        w.pod2.command(*words)
    except AssertionError as refused:
        assert "moved already" in str(refused), refused
    else:
        raise AssertionError("an archive moved in twice")
    assert not w.pod2.rows("SELECT 1 FROM users WHERE username = 'thief'"), "an account was made for it"


@story
def an_account_is_closed_for_good(w):
    w.pod.create("emil")
    emil = w.pod.sign_in("emil")
    emil.share_with(emil.find("carol@pod2.test"), next(iter(emil.aspects().values())))
    post = emil.publish("Going soon", "public")
    wait_for("the post to arrive", lambda: w.pod2.rows("SELECT 1 FROM posts WHERE guid = ?", post))
    assert w.pod.command("user", "close", "emil") == {"username": "emil", "closed": True}
    wait_for("the other pod to forget it", lambda: not w.pod2.rows("SELECT 1 FROM posts WHERE guid = ?", post))
    assert w.pod2.count("SELECT count(*) FROM people WHERE diaspora_id = 'emil@pod.test' AND closed_at IS NOT NULL") == 1
