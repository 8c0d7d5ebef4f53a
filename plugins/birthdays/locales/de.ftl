name = Geburtstage
description = Sagt dir morgens, welche deiner Kontakte Geburtstag haben, soweit du es wissen darfst.
notify-birthday = Geburtstage von Kontakten
birthday = { $name } hat heute Geburtstag.
birthday-age = { $name } wird heute { $age }.
