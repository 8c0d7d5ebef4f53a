## Profile
profile-title = { $name }
profile-edit = Mein Profil bearbeiten
profile-about = Über
profile-location = Ort
profile-gender = Geschlecht
profile-birthday = Geburtstag
profile-birthday-help = Als Jahr-Monat-Tag. Nimm 1004 als Jahr, um es für dich zu behalten.
profile-bio = Über mich
profile-first-name = Vorname
profile-last-name = Nachname
profile-tags = Fünf Tags, die dich beschreiben
profile-tags-help = Zum Beispiel: #garten #schach
profile-everybody = Das sehen alle
profile-contacts-only = Das sehen nur Leute, mit denen du teilst
profile-public-details = Dies allen zeigen
profile-public-details-help = Ohne das muss jemand in einem deiner Aspekte sein, um es zu sehen.
profile-finding = Gefunden werden
profile-searchable = Man kann mich nach Namen finden
profile-nsfw = Meine Beiträge sind nicht für alle Augen geeignet
profile-nsfw-help = Sie erscheinen zugeklappt und öffnen sich mit einem Klick.
profile-empty = Keine Beiträge, die du sehen könntest.
profile-empty-mine = Du hast noch nichts geschrieben. Dein erster Beitrag wird hier stehen.
relation-mutual = Ihr teilt miteinander
relation-receiving = Du teilst mit ihnen
relation-sharing = Sie teilen mit dir
relation-none = Kein Kontakt
relation-add = In einen Aspekt aufnehmen
relation-change = In deinen Aspekten
relation-question = In welchen deiner Aspekte ist { $name }?

## Kontakte und Aspekte
contacts-title = Kontakte
contacts-lists = Listen von Kontakten
contacts-mine = Alle meine Kontakte
contacts-only-sharing = Teilen nur mit mir
contacts-only-sharing-help = Diese Leute haben dir etwas zu lesen geschickt. Ob du auch mit ihnen teilst, entscheidest du.
contacts-empty = Noch niemand hier.
contacts-add = Jemanden aufnehmen
contacts-add-label = diaspora*-ID
contacts-add-help = Sie sieht aus wie eine E-Mail-Adresse: name@pod.example
contacts-add-aspects = In diese Aspekte
contacts-add-button = Finden und aufnehmen
aspect-add = Neuer Aspekt
aspect-help = Ein Aspekt ist ein Kreis in deinem Leben. Nur du siehst, wie er heißt und wer darin ist.
aspect-name = Name des Aspekts
aspect-add-button = Aspekt anlegen
aspect-change = Diesen Aspekt ändern
aspect-rename = Diesen Aspekt umbenennen
aspect-delete = Diesen Aspekt löschen
aspect-delete-help = Wer in keinem anderen Aspekt ist, ist danach kein Kontakt mehr. Beiträge bleiben, wie sie sind.

## Suche
search-title = Leute finden
search-help = Tippe einen Namen, oder füge eine ganze diaspora*-ID oder die Adresse einer Profilseite ein, um sie auf ihrem Pod nachzuschlagen.
search-empty = Hier ist niemand mit diesem Namen bekannt. Mit der ganzen diaspora*-ID können wir den anderen Pod fragen.
discovery-often = Du hast in kurzer Zeit viele Leute gesucht. Warte eine Minute und versuch es noch einmal.
discovery-unreachable = Der Pod von { $query } hat nicht geantwortet. Versuch es später noch einmal.
discovery-unknown = Der Pod kennt { $query } nicht. Ist es richtig geschrieben?
discovery-invalid = { $query } ist weder eine diaspora*-ID noch die Adresse einer Seite.
discovery-refused = Wir können { $query } nicht nachschlagen: Der Pod hat auf eine Weise geantwortet, die wir nicht annehmen.
discovery-off = Ein Entwicklungspod spricht nicht mit anderen Pods.

## Neuigkeiten
notifications-title = Neuigkeiten
notifications-empty = Alles ruhig. Wenn dich jemand erwähnt, kommentiert oder mit dir teilt, steht es hier.
notifications-read-all = Alles als gelesen markieren
notifications-read-one = Als gelesen markieren
notification-new = Neu:
notification-plugin = Ein Plugin, das gerade ausgeschaltet ist, hat dir etwas zu sagen.
notification-comment_on_post = { $others ->
    [0] { $name } hat deinen Beitrag kommentiert
    [one] { $name } und noch jemand haben deinen Beitrag kommentiert
   *[other] { $name } und { $others } andere haben deinen Beitrag kommentiert
}
notification-also_commented = { $others ->
    [0] { $name } hat auch einen Beitrag kommentiert, den du kommentiert hast
    [one] { $name } und noch jemand haben auch einen Beitrag kommentiert, den du kommentiert hast
   *[other] { $name } und { $others } andere haben auch einen Beitrag kommentiert, den du kommentiert hast
}
notification-liked = { $others ->
    [0] { $name } gefällt dein Beitrag
    [one] { $name } und noch jemandem gefällt dein Beitrag
   *[other] { $name } und { $others } anderen gefällt dein Beitrag
}
notification-mentioned = { $others ->
    [0] { $name } hat dich in einem Beitrag erwähnt
    [one] { $name } und noch jemand haben dich in einem Beitrag erwähnt
   *[other] { $name } und { $others } andere haben dich in einem Beitrag erwähnt
}
notification-mentioned_in_comment = { $others ->
    [0] { $name } hat dich in einem Kommentar erwähnt
    [one] { $name } und noch jemand haben dich in einem Kommentar erwähnt
   *[other] { $name } und { $others } andere haben dich in einem Kommentar erwähnt
}
notification-started_sharing = { $others ->
    [0] { $name } teilt jetzt mit dir
    [one] { $name } und noch jemand teilen jetzt mit dir
   *[other] { $name } und { $others } andere teilen jetzt mit dir
}
notification-liked_comment = { $others ->
    [0] { $name } gefällt dein Kommentar
    [one] { $name } und einer weiteren Person gefällt dein Kommentar
   *[other] { $name } und { $others } weiteren Personen gefällt dein Kommentar
}
notification-reshared = { $others ->
    [0] { $name } hat deinen Beitrag weitergesagt
    [one] { $name } und eine weitere Person haben deinen Beitrag weitergesagt
   *[other] { $name } und { $others } weitere Personen haben deinen Beitrag weitergesagt
}

## Unterhaltungen und Ignorieren
nav-conversations = Unterhaltungen
conversations-title = Unterhaltungen
conversations-hidden-title = Verborgene Unterhaltungen
conversations-empty = Noch keine Unterhaltungen. Schreib jemandem, der mit dir teilt und mit dem du teilst.
conversations-hidden-empty = Du hast keine Unterhaltung weggelegt.
conversations-back = Alle Unterhaltungen
conversation-title = { $subject }
conversation-new = Neue Unterhaltung
conversation-new-title = Neue Unterhaltung
conversation-no-subject = Kein Betreff
conversation-nobody = Schreiben kannst du Leuten, mit denen du in beide Richtungen teilst. Noch ist da niemand.
conversation-with = Mit wem?
conversation-with-help = Leute, die mit dir teilen und mit denen du teilst. Wer dabei ist, lässt sich später nicht ändern.
conversation-subject = Betreff
conversation-text = Nachricht
conversation-start = Senden
conversation-more = { $count ->
    [one] und noch jemand
   *[other] und { $count } andere
}
conversation-unread = { $count ->
    [one] eine neue Nachricht
   *[other] { $count } neue Nachrichten
}
conversation-is-muted = stumm
conversation-unknown = Noch nicht gefunden:
conversation-earlier = Frühere Nachrichten
conversation-messages = Nachrichten
conversation-new-from-here = Neu
conversation-answer = Deine Antwort
conversation-send = Senden
conversation-menu = Diese Unterhaltung stumm schalten oder verbergen
conversation-mute = Stumm schalten
conversation-mute-help = Niemand erfährt davon. Was kommt, wird aufgehoben und gezeigt, sobald du wieder zuhörst.
conversation-hide = Verbergen
conversation-hide-help = Schaltet sie stumm und nimmt sie aus deiner Liste. Bei allen anderen bleibt sie, und du kannst sie zurückholen.
conversation-open = Wieder zuhören
conversation-muted-words = Diese Unterhaltung ist stumm: Was seitdem kam, ist aufgehoben und wird nicht gezeigt.
profile-message = Nachricht
relation-ignored = Du ignorierst diese Person
ignore-open = Ignorieren
ignore-help = Ihr teilt nicht mehr miteinander. Du siehst und hörst nichts mehr von dieser Person, und sie kann unter deine Beiträge nichts schreiben. Was du öffentlich schreibst, kann sie weiterhin lesen.
ignore = Ignorieren
ignore-name = { $name } ignorieren
ignore-stop = Nicht mehr ignorieren
ignore-stop-name = { $name } nicht mehr ignorieren
settings-privacy-title = Privatsphäre
ignored-title = Leute, die du ignorierst
ignored-words = Diese Liste siehst nur du. Wen du nicht mehr ignorierst, der ist damit nicht wieder in deinen Aspekten.
ignored-empty = Du ignorierst niemanden.
rule-not-mutual = Schreiben kannst du nur Leuten, mit denen du in beide Richtungen teilst.
flash-sent = Deine Nachricht ist unterwegs.
flash-talk-open = Du hörst dieser Unterhaltung wieder zu.
flash-talk-muted = Stumm geschaltet. Niemand erfährt davon.
flash-talk-hidden = Weggelegt. Du findest sie unter deinen verborgenen Unterhaltungen.
flash-ignored = Ab jetzt ignorierst du diese Person.
flash-not-ignored = Du ignorierst diese Person nicht mehr.

profile-photos = Fotos
