name = Umfragen
description = Fügt einem Beitrag eine Frage mit Antworten hinzu. Wer den Beitrag lesen darf, stimmt einmal ab, von jedem Pod aus.
add = Umfrage
question = Frage
answer = Antwort
question-missing = Frag auch etwas.
answers-few = Eine Umfrage braucht mindestens zwei Antworten.
answers-same = Zwei Antworten sind gleich.
vote = Abstimmen
vote-label = Abstimmen: { $question }
votes = { $count ->
    [one] { $count } Stimme
   *[other] { $count } Stimmen
  }
share = { $percent } %
yours = deine Stimme
not-offered = Diese Umfrage bietet diese Antwort nicht an.
voted = Du hast schon abgestimmt.
choose = Wähle erst eine Antwort.
