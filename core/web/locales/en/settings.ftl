## Settings
settings-pages = Settings
settings-account-title = Account
settings-profile-title = Profile
settings-security-title = Security
settings-look = Look
settings-language = Language
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
