## Settings
settings-pages = Settings
settings-account-title = Account
settings-profile-title = Profile
settings-security-title = Security
settings-look = Look
settings-language = Language
settings-timezone = Time zone
settings-timezone-help = Where your clocks are, for example Europe/Berlin. Plugins that do something for you in the morning do it in your morning.
settings-audience = New posts start as
settings-audience-aspects = For all my aspects
settings-audience-public = Public
mode-auto = As my device
mode-auto-help = Light by day and dark by night, if your device does that.
mode-light = Light
mode-dark = Dark

## Security
factor-title = Second factor
factor-off-words = With a second factor, a stolen password is not enough: signing in also asks for a code from your phone.
factor-switch-on = Set up a second factor
factor-switch-off = Switch the second factor off
factor-scan = Scan this picture with an authenticator app, then type the code it shows.
factor-qr = QR code with the key below
factor-key = Or type this key into the app:
factor-code = Code from the app
factor-code-help = Six digits; a new one comes every 30 seconds.
factor-confirm = Confirm and switch on
factor-cancel = Not now: forget this key
factor-on-words = The second factor is on.
codes-title = Your recovery codes
codes-words = Each of them works once, when your phone is out of reach. They are shown now and never again: write them down or keep them in a password manager.
codes-left = { $count ->
    [0] No recovery code is left: make new ones.
    [one] One recovery code is left.
   *[other] { $count } recovery codes are left.
}
codes-new = Make new recovery codes
password-title = Password
password-words = Changing it signs you out everywhere else.
password-current = Password now
password-new = New password
password-button = Change the password
sessions-title = Where you are signed in
sessions-current = this device
sessions-seen = Last seen
sessions-since = signed in on
sessions-end = Sign out
sessions-end-name = Sign out { $label }

## Said after a form
flash-saved = Saved.
flash-posted = Your post is on its way.
flash-deleted = Deleted.
flash-shared = You share with them now.
flash-signed-out = You are signed out.
flash-welcome = Welcome! Add a few people to your aspects and write your first post.

## Closing the account, reshares
flash-reshared = You passed it on.
flash-closed = Your account is closed.
close-account = Close this account
close-account-words = Your posts, photos, contacts and profile are deleted here and on the pods they were sent to. Comments and messages to others stay, without your name. Nobody can ever take your user name again. This cannot be undone.
close-account-button = Close it for good
rule-only-admin = You are the only admin. Make somebody else one first.
## Moving
settings-moving-title = Moving
moving-in-title = Move in from another pod
moving-in-words = Bring your account here: your profile, aspects, contacts, tags and posts. Your contacts follow, whichever pod they are on, and links to your old profile lead here.
moving-in-what = Download your archive from your old pod first. A move is for good: your old account closes.
moving-file = Your archive
moving-file-help = The file as your old pod gave it: .json, .json.gz or .zip, up to 64 MiB.
moving-in-button = Move in
moving-running = Moving in. You can leave this page, the work goes on. You were:
moving-finished = You have moved in, and your contacts are told. You were:
moving-look-again = Look again
moving-step = { $done } of { $total }
moving-skipped = { $count ->
    [one] one left out
   *[other] { $count } left out
}
moving-later = { $count ->
    [one] One thing is
   *[other] { $count } things are
} still to come: it hangs on something of a pod that does not answer. That is tried again for eight days.
moving-skipped-title = What was left out, and why
moving-kind-profile = Profile
moving-kind-aspect = Aspects
moving-kind-contact = Contacts
moving-kind-block = Ignored people
moving-kind-tag = Tags
moving-kind-post = Posts
moving-kind-relayable = Comments, likes and answers
moving-kind-reply = What others said below your posts
moving-kind-subscription = Conversations below posts that you follow
moving-kind-others = By others
moving-reason-invalid = The archive says something here that cannot be read.
moving-reason-too-large = It is larger than such a thing may be.
moving-reason-yourself = That is you.
moving-reason-unreachable = Their pod did not answer. If it comes back, share with them again.
moving-reason-unknown = Their pod does not know them any more.
moving-reason-closed = Their account is closed.
moving-reason-ignored = You ignore them.
moving-reason-not-yours = It is by somebody else.
moving-reason-by-others = So many things of others are in the archive. They stay with their authors.
moving-reason-kind = This pod does not keep such things.
moving-reason-retracted = It was deleted.
moving-reason-guid-taken = Something else has its name.
moving-reason-parent-unknown = The post that it belongs to is not known here.
moving-reason-parent-gone = What it belongs to is gone, or is not for everybody.
moving-reason-pod-away = The pod that has to be asked for it has not answered for days.
moving-reason-signature = Nothing shows that its author said so.
moving-reason-unwanted = It was deleted, or you or this pod do not want to hear from its author there.
moving-left-out = { $count ->
    [one] one thing
   *[other] { $count } things
}
archive-title = Your archive
archive-words = Everything of yours in one file that diaspora* pods and this software can read: to keep, or to move to another pod.
archive-key-words = The file holds your private key. Whoever has it can move your account: keep it to yourself.
archive-ask = Make an archive
archive-making = It is being made. Asked for:
archive-ready = Your archive is ready, { $kib } KiB.
archive-until = It is kept until
archive-download = Download
flash-moving = Your archive is good. You are moving in.
flash-archive-asked = Your archive is being made.
rule-moved = This account moved to another pod. Sign in there.
rule-not-an-archive = This is not an archive of an account.
rule-archive-version = This archive is of a version that this pod cannot read. It reads version 2.0.
rule-archive-too-large = This is more than an archive may hold.
rule-archive-damaged = This file is damaged or was cut off. Download it again.
rule-archive-paths = This file names places outside itself. It was not made by a pod.
rule-archive-which-file = There must be exactly one archive (.json) in the file.
rule-archive-key = There is no usable private key in this archive.
rule-archive-not-yours = The private key in this archive is not the one of this account.
rule-archive-unknown = The old pod does not know this account.
rule-archive-unreachable = The old pod does not answer, so nothing shows that this account is yours. Try again later.
rule-archive-same-pod = This account is on this pod already.
rule-archive-moved = This account is closed, or has moved already.
rule-archive-once = Somebody has moved into this account already.
rule-archive-not-ready = It is not ready yet.

## The own picture
portrait-title = Your picture
portrait-label = Choose a picture
portrait-help = JPEG, PNG, GIF or WebP. The square in its middle is shown.
portrait-button = Use this picture
portrait-remove = Remove the picture

## Plugins
settings-plugins-title = Plugins
settings-plugins-words = What this pod's plugins let you choose, and which of them may act for you.
settings-plugins-empty = There is nothing to choose.
settings-plugins-of = Settings of { $name }
settings-plugins-acts = It may act for you.
settings-plugins-acts-not = It does nothing for you until you allow it.
settings-plugins-on = Allow it
settings-plugins-off = Stop it
settings-plugins-on-name = Allow { $name } to act for you
settings-plugins-off-name = Stop { $name } from acting for you
settings-plugins-save-name = Save the settings of { $name }
setting-secret-set = One is kept. It is never shown again.
setting-secret-unset = None is kept.
setting-secret-forget = Forget it
setting-choice-none = As it comes
setting-list-help = One to a line.
rule-setting-number = This is not a whole number.
rule-setting-range = It must be from { $min } to { $max }.
rule-setting-least = It must be { $min } or more.
rule-setting-most = It must be { $max } or less.
rule-setting-color = A color is a # and six digits: #00aa88
rule-setting-origin = Only the address of a server belongs here: https://other.example
rule-setting-handle = This is not a diaspora* ID: name@pod.example
rule-setting-no-origin = Say first which server it is for.
