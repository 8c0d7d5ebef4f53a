## Admin
admin-overview-title = Overview
admin-plugins-title = Plugins
admin-settings-title = Pod settings
admin-back = Back to my stream
admin-version = Pappus
admin-database = Database
admin-plugins-words = Plugins run in a sealed box. They get what you grant here, and nothing else.
admin-plugins-empty = No plugin lies in the plugins folder.
figure-members = Members
figure-active = Active this month
figure-posts = Posts
figure-comments = Comments
figure-queue = Jobs waiting
figure-delivered = Delivered
figure-failing_pods = Pods failing
figure-plugins = Plugins running
figure-uptime = Running for
need-dead_jobs = { $count ->
    [one] One job has given up.
   *[other] { $count } jobs have given up.
}
need-failing_pods = { $count ->
    [one] One other pod cannot be reached.
   *[other] { $count } other pods cannot be reached.
}
need-plugins_failed = { $count ->
    [one] One plugin is switched on and does not run.
   *[other] { $count } plugins are switched on and do not run.
}
need-development = This pod runs on a loopback address and does not federate.
plugin-state-running = Running
plugin-state-disabled = Off
plugin-state-failed = Failed
plugin-state-found = New
plugin-by = by { $authors }
plugin-last-error = Last error:
plugin-acts = High risk: it acts in the names of members, of each only if they let it at their own settings.
plugin-asks = It asks to
plugin-has = It may
plugin-asks-nothing = It asks for nothing.
plugin-limits = { $ms } ms and { $mib } MiB for each call. It runs no script in the browser.
plugin-failures = { $count ->
    [0] No call failed since the start.
    [one] One call failed since the start.
   *[other] { $count } calls failed since the start.
}
plugin-enable = Enable for everybody
plugin-enable-name = Enable for everybody: { $name }
plugin-disable = Disable
plugin-disable-name = Disable { $name }
plugin-settings-name = Settings of { $name }
plugin-settings = Settings
admin-plugin-settings-title = Settings of { $name }
risk-low = Low risk.
risk-middle = Middle risk.
risk-high = High risk.
grant-refused = (not granted)
grant-audience = Whose texts it sees
grant-audience-all-text = Every text, limited posts too
grant-audience-as-viewer = What the viewer of a page may read
grant-audience-public = Public texts only
grant-log = Write lines into its own log
grant-clock = Know what time it is
grant-random = Use random numbers
grant-settings = Keep settings that you can change
grant-kv = Keep small data of its own
grant-sql = Keep tables of its own
grant-http = Contact other servers by name
grant-posts = Read posts as far as the reader may
grant-people = See names and profiles
grant-notifications = Send notifications to members
grant-jobs = Do work in the background
grant-i18n = Speak the reader’s language
grant-federation-out = Send things to other pods
grant-lifecycle = Be told when it is switched on or off
grant-link = Link to { $origin }
grant-text-renderer = Turn the text of posts and comments into HTML
grant-content-filter = Check posts and comments before they are stored
grant-events = Be told that something happened, without its text
grant-job-runner = Run its own jobs
grant-ui-slots = Put something into pages
grant-pages = Have pages of its own
grant-composer = Add something to the composer
grant-actions = Do something at a click
grant-federation = Understand more kinds of things from other pods
grant-account-data = Add to a member’s export, and forget with the account
grant-health = Report how it is

## Questions before something happens
confirm-title = Are you sure?
confirm-sign-out = Do you want to sign out?
confirm-sign-out-button = Sign out
confirm-read-all = Mark all notifications as read?
confirm-read-all-button = Mark all as read
confirm-delete-post = Delete this post, here and on every pod it was sent to?
confirm-delete-post-button = Delete the post
confirm-delete-comment = Delete this comment?
confirm-delete-comment-button = Delete the comment
confirm-delete-aspect = Delete this aspect? People who are in no other one stop being your contacts.
confirm-delete-aspect-button = Delete the aspect
confirm-disable-plugin = Switch this plugin off for everybody?
confirm-disable-plugin-button = Disable the plugin
confirm-back = No, go back

## Errors
error-title = Error { $status }
error-back = Back to where it is green
error-request = If you ask for help, name this number: { $id }
error-400 = That was not understood
error-400-words = The request was broken. Your browser or an app sent something we cannot read.
error-403 = Not allowed
error-403-words = You may not do this. If you think you should, ask who shared it with you or who runs this pod.
error-404 = Blown away by the wind
error-404-words = There is nothing here, or nothing that you may see.
error-405 = Not this way
error-405-words = This address exists, but not for what was tried.
error-409 = Somebody was faster
error-409-words = This has been done or changed already. Look again, then try once more.
error-410 = Gone for good
error-410-words = This was here once and has been taken away.
error-413 = Too large
error-413-words = What was sent is larger than this pod takes.
error-415 = Not in this form
error-415-words = What was sent is of a kind this address does not take.
error-422 = That cannot be done like this
error-422-words = Something in it breaks a rule. Go back, change it, and try again.
error-429 = Slow down a little
error-429-words = That was very often in a short time. Wait a few minutes and try again.
error-500 = Something broke on our side
error-500-words = It is not your fault. It has been written down for the people who run this pod.
error-503 = Back in a moment
error-503-words = This pod is busy with itself just now. Try again shortly.
error-other = That did not work
error-other-words = Try again, or go back and take another way.

## Rules of fields
rule-required = This is needed.
rule-invalid = This does not look right.
rule-attachment-taken = This could not be attached. Please try again.
rule-too-long = This is too long.
rule-too-short = This is too short.
rule-too-many = That is more than allowed.
rule-taken = This one is taken.
rule-reserved = This one is not to be had.
rule-different = The two are not the same.
rule-fixed = This cannot be changed any more.
rule-expired = This has expired or was used already.
rule-unknown-choice = This is none of the choices.
rule-no-such-zone = There is no such time zone. Choose one from the list.
rule-own = That is you.
rule-person-unknown = Its pod does not know this person. Is it spelled right?
rule-person-often = You have looked up many people in a short time. Wait a minute and try again.
rule-person-unreachable = Its pod did not answer. Try again later.
rule-person-refused = Its pod answered in a way we do not accept.
rule-person-off = A development pod does not talk to other pods.
rule-wrong-code = This code is wrong, or was used already.
rule-wrong-password = This is not your password.
rule-wrong-sign-in = User name and password do not belong together.
rule-locked = This account is locked.
rule-characters = It has characters that do not belong there.
rule-not-a-date = This is not a date we can read.
rule-not-asked-for = It did not ask for that.
rule-not-a-cursor = This page does not exist any more.
rule-unknown = Nothing is known by this.
rule-not-an-address = This is not an email address.
rule-not-a-url = This is not a web address.
rule-not-a-base-url = Only the scheme and the host belong here: https://pod.example
rule-needs-https = A pod that others can reach needs https.

## Other pods: keys, statistics, search engines
admin-keys-title = Changed keys
admin-keys-words = The pods of these people show another key than the one this pod has known. Nothing that they sign with it is accepted. Ask the person in another way whether their pod was set up anew; only then take the new key.
admin-keys-kept = Known here
admin-keys-shown = Shown by their pod
admin-keys-new-account = Their account there is a new one, too: whoever shares with them here will say so again.
admin-keys-accept = Take the new key
admin-keys-accept-name = Take the new key of { $name }
admin-keys-empty = Nobody's key has changed.
need-changed_keys = { $count ->
    [one] One person's pod shows a changed key.
   *[other] The pods of { $count } people show changed keys.
}
settings-strangers = What strangers learn
settings-tells-counts = Tell how many members, posts and comments there are
settings-tells-counts-help = Directories of pods read it, and it stands on the statistics page. Otherwise nothing is told.
settings-hidden = Ask search engines to stay away
settings-hidden-help = Public posts can still be read by everybody who has their address.
statistics-title = Statistics
statistics-software = Software
statistics-silent = This pod does not tell how many people live here.
figure-active_halfyear = Active within half a year
flash-moved = This account has moved here.

## Blocks of pods and people
admin-blocks-title = Blocks
admin-blocks-words = Pods and people that this pod keeps away. Members see the reason that you give for them, and you can always take a block back.
admin-blocks-empty = Nobody is blocked.
admin-blocks-export = Download as a list
admin-drafts-link = { $count ->
    [0] Import a list
    [one] One line of a list waits
   *[other] { $count } lines of lists wait
}
block-level = How far
block-level-media = Pictures hidden
block-level-silence = Silenced
block-level-suspend = Suspended
block-help-media = Their pictures are neither fetched nor shown.
block-help-silence = Not in public streams and tags. Only members who share with them see what they write.
block-help-suspend = Nothing is taken from them and nothing is sent to them. What they wrote is hidden.
block-target = Host or diaspora* ID
block-target-help = For example spam.example, or eve@spam.example for one person.
block-subdomains = With all subdomains
block-media = Hide their pictures too
block-with-subdomains = With all subdomains.
block-without-pictures = Pictures hidden.
block-reason = Reason
block-reason-help = Members read this.
block-note = Note
block-note-help = Only admins read this.
block-by = By { $name },
block-by-operator = From the command line,
block-change = Change
block-change-name = Change the block of { $name }
block-change-title = Change a block
block-add-title = Block a pod or a person
block-lift = Lift
block-lift-name = Lift the block of { $name }
admin-drafts-title = Imported lists
admin-drafts-words = Lines of lists that others made. Nothing happens before you approve them.
admin-drafts-empty = No line waits.
admin-drafts-waiting = { $count ->
    [one] One line waits.
   *[other] { $count } lines wait; the first of them are here.
}
admin-drafts-problems = { $count ->
    [one] One line was of no use
   *[other] { $count } lines were of no use
}
admin-drafts-line = Line { $line }:
admin-drafts-present = Now:
admin-drafts-people = { $count ->
    [0] Nobody there is known here.
    [one] One known person.
   *[other] { $count } known people.
}
admin-drafts-contacts = { $count ->
    [0] No contact of a member.
    [one] One contact of a member.
   *[other] { $count } contacts of members.
}
admin-drafts-decision = The ticked ones
admin-drafts-approve = Approve: they become blocks
admin-drafts-discard = Discard
admin-drafts-import = Import a list
admin-drafts-import-button = Import as drafts
admin-drafts-source = Where it is from
admin-drafts-list = The list
admin-drafts-list-help = CSV with a head line as fediverse servers export it, or one host per line. At most 5,000 lines.
admin-drafts-plain = Where the list does not say how far
rule-not-a-host = This is neither a host nor a diaspora* ID.
rule-own-pod = That would block this very pod.
rule-is-admin = An admin of this pod cannot be blocked.
rule-obfuscated = The host is not spelled out.
rule-no-effect = The line asks for nothing.
profile-suspended = The admins of this pod suspended { $name }. Nothing of theirs is shown here.
profile-silenced = The admins of this pod silenced { $name }. Only those who share with them see what they write.
profile-pictures-hidden = The admins of this pod hide the pictures of { $name }.
profile-blocked-reason = Their reason:
## Other pods, and work that gave up
admin-pods-title = Other pods
admin-pod-title = Pod { $host }
admin-jobs-title = Work that gave up
pods-words = What this pod sends to others waits here while they are away.
pods-waiting = { $count ->
    [0] Nothing waits.
    [one] One message waits.
   *[other] { $count } messages wait.
}
pods-by-state = Pods by state
pods-all = All
pods-search = Find a pod
pods-more = There are more than are shown: look for a part of the name.
pods-empty = There is no such pod.
pod-state-ok = Answers
pod-state-retrying = Fails
pod-state-asleep = Asleep
pod-state-blocked = Suspended
pod-state-words-ok = It answered the last time it was sent something.
pod-state-words-retrying = It does not answer. One message is tried after each pause, and the pauses grow; the rest goes when it answers.
pod-state-words-asleep = It has not answered for two weeks. Nothing is sent until it is heard of; once a day this pod looks for it.
pod-state-words-blocked = An admin of this pod suspended it: nothing is sent there, nothing from there is taken.
pod-people = { $count ->
    [one] One person known there
   *[other] { $count } people known there
}
pod-people-there = People known there
pod-waiting = Waiting messages
pod-oldest = the oldest:
pod-last-seen = Last heard of
pod-fails-since = Fails since
pod-failures = { $count ->
    [one] one failure
   *[other] { $count } failures
}
pod-last-error = Last error
pod-next-try = Not tried before
pod-recheck = Try now
pod-queue-public = for everybody there
pod-queue-limited = for single people
pod-events = What happened lately
pod-events-empty = Nothing within the last week.
pod-event-in = Received
pod-event-out = Sent
pod-result-accepted = accepted
pod-result-refused = refused by that pod
pod-result-failed = failed
pod-result-unreachable = not reached
pod-result-hopeless = could not be sent at all
pod-result-gave_up = given up
pod-result-refused-here = refused by this pod
flash-pod-asked = The pod is being asked. Look again in a moment.
jobs-words = Messages that stayed without what they refer to, and other work that failed too often. They are kept for a month.
jobs-empty = Nothing gave up.
jobs-number = no. { $id }
jobs-failed = { $count ->
    [one] failed once
   *[other] failed { $count } times
}
jobs-crashed = { $count ->
    [one] the server stopped once while it ran
   *[other] the server stopped { $count } times while it ran
}
jobs-retry = Try again
jobs-retry-name = Try no. { $id } again
jobs-retry-all = Try all again
jobs-drop = Throw away
jobs-drop-name = Throw away no. { $id }
jobs-drop-all = Throw all away

## Why a plugin fails
plugin-install = Install a plugin
plugin-install-button = Install
plugin-package = Package
plugin-package-help = A .plugin.zip or a .wasm from somebody you trust. It stays switched off until you have seen what it asks for.
plugin-not-taken = The package was not taken.
plugin-other-author = I know this author and take it all the same
plugin-other-author-help = Only if the author told you that their key changed.
plugin-signed = Signed by
plugin-unsigned = Nobody signed this package.
plugin-waiting = Version { $version } is here and asks for more. The present one goes on until you decide.
plugin-waiting-button = Allow and update
plugin-waiting-take = Allow and update { $name }
plugin-waiting-drop = Throw it away
plugin-waiting-drop-name = Throw the new version of { $name } away
plugin-change-grants = Change what it may
plugin-change-grants-name = Change what { $name } may
plugin-roll-back = Back to { $version }
plugin-roll-back-name = Put { $name } back to { $version }
plugin-uninstall = Uninstall
plugin-uninstall-name = Uninstall { $name }
plugin-state-removed = Removed
plugin-removed = Its package is gone. What it stored and what you decided about it is still here, in case it comes back.
plugin-purge-now = Delete all of that
plugin-purge-now-name = Delete everything that is left of { $name }
plugin-purge = Delete what it stored, too
plugin-purge-help = Polls and the like belong to the posts they hang on, and stay there.
flash-plugin-here = The plugin is here. Look at what it asks for, then switch it on.
flash-plugin-runs = The new version runs.
flash-plugin-waits = That version asks for more than it is granted now. Look at it below.
flash-plugin-gone = The plugin is gone.
plugin-error-text = { $detail }
plugin-error-not-found = There is no plugin { $name } on this pod.
plugin-error-unreadable = Its file cannot be read: { $detail }
plugin-error-manifest = Its plugin.toml is wrong at { $at }: { $detail }
plugin-error-api = It needs version { $needs } of the plugin interface; this pod has { $has }.
plugin-error-unknown-import = It imports { $name }, which this pod does not offer.
plugin-error-undeclared-import = It imports { $name }, but its plugin.toml does not declare it.
plugin-error-missing-hook = Its plugin.toml declares the hook { $name }, but it does not export it.
plugin-error-undeclared-hook = It exports the hook { $name }, but its plugin.toml does not declare it.
plugin-error-too-large = It needs more than this pod gives a plugin: { $detail }
plugin-error-component = It is not a working component: { $detail }
plugin-error-trap = It crashed: { $detail }
plugin-error-budget = It used more than its { $count } ms of processor time.
plugin-error-deadline = It gave no answer within { $count } ms.
plugin-error-memory = It asked for more than its { $count } MiB of memory.
plugin-error-answer = Its answer was refused: { $detail }
plugin-error-busy = Too many of its calls are running already.
plugin-error-taken = { $by }, which is on, makes “{ $name }” already; a post holds only one of a kind.
plugin-error-signature = Its signature is no good: { $detail }
plugin-error-other-author = It is signed by { $by }, and this pod knows the plugin from { $has }.
plugin-error-bundled = This plugin comes with the pod, and the package is signed by { $by }.
plugin-error-other-plugin = “{ $name }” is the name of { $by } on this pod.
plugin-error-older = It is version { $needs }, and { $has } is here already.
plugin-error-failed = It gave up: { $detail }
plugin-error-no-hook = It does not offer { $name }.
plugin-error-grants = What it was granted cannot be read. Switch it on again.
plugin-error-asks-more = Its new version asks for { $name } too. Switch it on again to allow that.
plugin-error-gone = Its package is gone.
