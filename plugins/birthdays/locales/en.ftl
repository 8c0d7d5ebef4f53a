name = Birthdays
description = Tells you in the morning which of your contacts have their birthday, as far as they let you know.
notify-birthday = Birthdays of contacts
birthday = It is { $name }’s birthday today.
birthday-age = { $name } turns { $age } today.
