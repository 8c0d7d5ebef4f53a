## Frame
skip = Skip to the content
nav-main = Main
nav-rail = Streams and aspects
nav-tabs = Main, at the bottom
nav-admin = Admin pages
nav-notifications = Notifications
tab-stream = Stream
tab-search = Search
tab-write = Write
tab-inbox = Inbox
tab-me = Me
rail-aspects = Aspects
rail-tags = Followed tags
rail-more = Find people and tags
rail-profile = My profile
rail-settings = Settings
rail-admin = Admin
development-banner = This is a development pod on your own machine: it does not talk to other pods.
foot-software = runs on Pappus { $version }
pager-older = Older posts
pager-more = More
search-label = Search people by name or diaspora* ID
search-placeholder = Name or diaspora* ID
search-button = Search
copy = Copy
copied = Copied

## Time
time-now = just now
time-minutes = { $count } min
time-hours = { $count } h
time-days = { $count ->
    [one] { $count } day
   *[other] { $count } days
}

## Forms
form-optional = (optional)
form-problems = { $count ->
    [one] One field needs another look.
   *[other] { $count } fields need another look.
}
form-save = Save
form-continue = Continue
field-username = User name
field-username-help = Letters, digits, dots, dashes and underscores. It becomes the first half of your diaspora* ID and cannot be changed later.
field-email = Email
field-login = User name or email
field-password = Password
field-password-help = At least 8 characters. Longer is better than odder.
field-password-again = Password once more

## Doors
sign-in = Sign in
sign-in-title = Sign in
sign-in-remember = Stay signed in on this device
sign-in-new = New here?
sign-out = Sign out
sign-up = Join
sign-up-title = Join this pod
sign-up-button = Create my account
sign-up-have = Already a member?
closed-title = This pod takes no new members
closed-words = The people who run this pod have closed sign-up. Other pods may be open, and people on all of them can reach each other.
code-title = One more step
code-words = Your account is protected by a second factor.
code-label = Code
code-help = The six digits your authenticator shows now, or one of your recovery codes.
home-title = Welcome
home-lead = Share with exactly the people you mean, on a pod run by people you can name.
home-members = { $count ->
    [one] One person lives here.
   *[other] { $count } people live here.
}
home-join = Join this pod
home-posts = Lately in public

## Setup
setup-title = Set up your pod
setup-words = Three short groups, then your pod is open for you.
setup-token-words = Paste the one-time word from the link that the server printed when it started.
setup-token-label = One-time word
setup-pod = The pod
setup-address = Address
setup-address-help = The address people will type. It is part of everybody's diaspora* ID, so it can never change afterwards.
setup-name = Name of the pod
setup-name-help = Shown at the top of every page.
setup-you = You, the first member
setup-registrations = Joining
setup-button = Start the pod
registrations-open = Open: anybody may join
registrations-open-help = Whoever finds the pod can create an account.
registrations-closed = Closed: nobody can join by themselves
registrations-closed-help = You can open the door at any time.
not-set-up-title = This pod is still being planted
not-set-up-words = It has no members yet and cannot show anything. Come back in a little while.
not-set-up-podmin = If it is yours: the setup link stands where the server was started.
