name = NAME
description = Says below long posts how long it takes to read them.
minutes = { $count ->
    [one] One minute to read
   *[other] { $count } minutes to read
}
