name = NAME
description = Sagt unter langen Beiträgen, wie lange man daran liest.
minutes = { $count ->
    [one] Eine Minute zu lesen
   *[other] { $count } Minuten zu lesen
}
