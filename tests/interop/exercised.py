"""What of the protocol the stories exercise with the peer, as the table of README.md: a story says it of itself with
`@exercises`, it counts when the story has passed, and a run of everything fails where the table says something else.
"""
import pathlib

WAYS = ("to the peer, public", "to the peer, limited", "from the peer, public", "from the peer, limited")
BEGIN, END = "<!-- the run checks this table -->", "<!-- up to here -->"
README = pathlib.Path(__file__).parent / "README.md"

NO_CLASS = "the library has no class for it and drops it"
ALWAYS_PUBLIC = "is public always"
ALWAYS_LIMITED = "is for one person always"
# what is not exercised, and why; a key without a way stands for all four
NOT = {
    ("reshare", "to the peer, limited"): ALWAYS_PUBLIC,
    ("reshare", "from the peer, limited"): ALWAYS_PUBLIC,
    ("contact", "to the peer, public"): ALWAYS_LIMITED,
    ("contact", "from the peer, public"): ALWAYS_LIMITED,
    "participation": NO_CLASS,
    "poll, event": NO_CLASS,
    "poll_participation, event_participation": NO_CLASS,
    "conversation, message": NO_CLASS,
    "account_deletion": NO_CLASS,
    "account_migration": NO_CLASS,
}
ENTITIES = ("status_message", "photo", "comment", "comment of a third person, relayed", "like", "reshare", "profile", "contact", "retraction of a post",
            "retraction of a photo", "retraction of a comment", "retraction of a like", "participation",
            "poll, event", "poll_participation, event_participation",
            "conversation, message", "account_deletion", "account_migration")


def exercises(entity, *ways):
    """What a story is about; `ways` are beginnings of their names."""
    found = [way for way in WAYS if any(way == each or way.startswith(each + ",") for each in ways)]
    assert entity in ENTITIES and len(found) >= len(ways), (entity, ways)

    def mark(function):
        function.exercises = {*getattr(function, "exercises", ()), *((entity, way) for way in found)}
        return function
    return mark


def table(done):
    """As it is in README.md, for stories that exercised so much."""
    rows = ["| | " + " | ".join(WAYS) + " |", "|---|" + "---|" * len(WAYS)]
    for entity in ENTITIES:
        cells = []
        for way in WAYS:
            reason = NOT.get((entity, way)) or NOT.get(entity)
            assert not (reason and (entity, way) in done), f"{entity} {way} is exercised after all"
            cells.append("yes" if (entity, way) in done else f"no: {reason}" if reason else "NO")
        if len(set(cells)) == 1 and cells[0] != "yes":
            cells = [cells[0], "", "", ""]
        rows.append(f"| {entity} | " + " | ".join(cells) + " |")
    return "\n".join(rows)


def written():
    return README.read_text().split(BEGIN)[1].split(END)[0].strip()


def check(done):
    now = table(done)
    assert now == written(), f"README.md should say:\n{now}"
    assert "| NO " not in now, f"nobody says why not:\n{now}"
