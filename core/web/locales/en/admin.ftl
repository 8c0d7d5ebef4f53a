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
risk-low = Low risk.
risk-middle = Middle risk.
risk-high = High risk.
grant-refused = (not granted)
grant-audience = Whose texts it sees
grant-audience-all-text = Every text, limited posts too
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
rule-too-long = This is too long.
rule-too-short = This is too short.
rule-too-many = That is more than allowed.
rule-taken = This one is taken.
rule-reserved = This one is not to be had.
rule-different = The two are not the same.
rule-fixed = This cannot be changed any more.
rule-expired = This has expired or was used already.
rule-unknown-choice = This is none of the choices.
rule-own = That is you.
rule-person-unknown = Its pod does not know this person. Is it spelled right?
rule-person-unreachable = Its pod did not answer. Try again later.
rule-person-refused = Its pod answered in a way we do not accept.
rule-person-off = A development pod does not talk to other pods.
rule-wrong-code = This code is wrong, or was used already.
rule-wrong-password = This is not your password.
rule-wrong-sign-in = User name and password do not belong together.
rule-locked = This account is locked.
rule-characters = It has characters that do not belong there.
rule-not-a-date = This is not a date we can read.
rule-all-needed = It needs everything it asks for.
rule-not-asked-for = It did not ask for that.
rule-not-a-cursor = This page does not exist any more.
rule-unknown = Nothing is known by this.
rule-not-an-address = This is not an email address.
rule-not-a-url = This is not a web address.
rule-not-a-base-url = Only the scheme and the host belong here: https://pod.example
rule-needs-https = A pod that others can reach needs https.
