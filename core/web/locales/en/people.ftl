## Profiles
profile-title = { $name }
profile-edit = Edit my profile
profile-about = About
profile-location = Place
profile-gender = Gender
profile-birthday = Birthday
profile-birthday-help = As year-month-day. Use 1004 as the year to keep it to yourself.
profile-bio = About me
profile-first-name = First name
profile-last-name = Last name
profile-tags = Five tags that describe you
profile-tags-help = For example: #gardening #chess
profile-everybody = Everybody sees
profile-contacts-only = Only the people you share with see
profile-public-details = Show these to everybody
profile-public-details-help = Without this, people must be in one of your aspects to see them.
profile-finding = Being found
profile-searchable = People can find me by name
profile-nsfw = My posts are not safe for everybody's eyes
profile-nsfw-help = They are shown folded, and open with a click.
profile-empty = No posts that you could see.
profile-empty-mine = You have not posted yet. Your first post will stand here.
relation-mutual = You share with each other
relation-receiving = You share with them
relation-sharing = They share with you
relation-none = Not in contact
relation-add = Add to an aspect
relation-change = In your aspects
relation-question = Which of your aspects is { $name } in?

## Contacts and aspects
contacts-title = Contacts
contacts-lists = Lists of contacts
contacts-mine = All my contacts
contacts-only-sharing = Only sharing with me
contacts-only-sharing-help = These people sent you something to read. You decide whether to share with them, too.
contacts-empty = Nobody here yet.
contacts-add = Add somebody
contacts-add-label = diaspora* ID
contacts-add-help = It looks like an email address: name@pod.example
contacts-add-aspects = Into these aspects
contacts-add-button = Find and add
aspect-add = New aspect
aspect-help = An aspect is a circle of your life. Only you see its name and who is in it.
aspect-name = Name of the aspect
aspect-add-button = Create aspect
aspect-change = Change this aspect
aspect-rename = Rename this aspect
aspect-delete = Delete this aspect
aspect-delete-help = People who are in no other aspect stop being your contacts. Posts stay as they are.

## Search
search-title = Find people
search-help = Type a name, or paste a whole diaspora* ID or the address of a profile page to look it up on its own pod.
search-empty = Nobody known here has that name. With the whole diaspora* ID we can ask the other pod.
discovery-often = You have looked up many people in a short time. Wait a minute and try again.
discovery-unreachable = The pod of { $query } did not answer. Try again later.
discovery-unknown = Its pod does not know { $query }. Is it spelled right?
discovery-invalid = { $query } is neither a diaspora* ID nor the address of a page.
discovery-refused = We cannot look up { $query }: its pod answered in a way we do not accept.
discovery-off = A development pod does not talk to other pods.

## Notifications
notifications-title = Notifications
notifications-empty = All quiet. When somebody mentions you, comments or shares with you, it will stand here.
notifications-read-all = Mark all as read
notifications-read-one = Mark as read
notification-new = New:
notification-plugin = A plugin that is switched off at the moment has something to tell you.
notification-comment_on_post = { $others ->
    [0] { $name } commented on your post
    [one] { $name } and one other commented on your post
   *[other] { $name } and { $others } others commented on your post
}
notification-also_commented = { $others ->
    [0] { $name } also commented on a post you commented on
    [one] { $name } and one other also commented on a post you commented on
   *[other] { $name } and { $others } others also commented on a post you commented on
}
notification-liked = { $others ->
    [0] { $name } liked your post
    [one] { $name } and one other liked your post
   *[other] { $name } and { $others } others liked your post
}
notification-mentioned = { $others ->
    [0] { $name } mentioned you in a post
    [one] { $name } and one other mentioned you in a post
   *[other] { $name } and { $others } others mentioned you in a post
}
notification-mentioned_in_comment = { $others ->
    [0] { $name } mentioned you in a comment
    [one] { $name } and one other mentioned you in a comment
   *[other] { $name } and { $others } others mentioned you in a comment
}
notification-started_sharing = { $others ->
    [0] { $name } started sharing with you
    [one] { $name } and one other started sharing with you
   *[other] { $name } and { $others } others started sharing with you
}
notification-liked_comment = { $others ->
    [0] { $name } liked your comment
    [one] { $name } and one other liked your comment
   *[other] { $name } and { $others } others liked your comment
}
notification-reshared = { $others ->
    [0] { $name } reshared your post
    [one] { $name } and one other reshared your post
   *[other] { $name } and { $others } others reshared your post
}

## Conversations and ignoring
nav-conversations = Conversations
conversations-title = Conversations
conversations-hidden-title = Hidden conversations
conversations-empty = No conversations yet. Write to somebody who shares with you and with whom you share.
conversations-hidden-empty = You have not put any conversation away.
conversations-back = All conversations
conversation-title = { $subject }
conversation-new = New conversation
conversation-new-title = New conversation
conversation-no-subject = No subject
conversation-nobody = You can write to people with whom you share both ways, and there is nobody yet.
conversation-with = With whom?
conversation-with-help = People who share with you and with whom you share. Who is in it cannot be changed later.
conversation-subject = Subject
conversation-text = Message
conversation-start = Send
conversation-more = { $count ->
    [one] and one other
   *[other] and { $count } others
}
conversation-unread = { $count ->
    [one] one new message
   *[other] { $count } new messages
}
conversation-is-muted = muted
conversation-unknown = Not found yet:
conversation-earlier = Earlier messages
conversation-messages = Messages
conversation-new-from-here = New
conversation-answer = Your answer
conversation-send = Send
conversation-menu = Mute or hide this conversation
conversation-mute = Mute
conversation-mute-help = Nobody is told. What comes is kept, and shown when you listen again.
conversation-hide = Hide
conversation-hide-help = Mutes it and takes it out of your list. It stays with everybody else, and you can bring it back.
conversation-open = Listen again
conversation-muted-words = You have muted this conversation: what came since is kept, and not shown.
profile-message = Message
relation-ignored = You ignore this person
ignore-open = Ignore
ignore-help = You stop sharing with each other. You see and hear nothing more of them, and they cannot write below your posts. What you post in public they can still read.
ignore = Ignore
ignore-name = Ignore { $name }
ignore-stop = Stop ignoring
ignore-stop-name = Stop ignoring { $name }
settings-privacy-title = Privacy
ignored-title = People whom you ignore
ignored-words = Only you see this list. Whoever you stop ignoring is not back in your aspects by that.
ignored-empty = You ignore nobody.
rule-not-mutual = You can only write to people with whom you share both ways.
flash-sent = Your message is on its way.
flash-talk-open = You hear this conversation again.
flash-talk-muted = Muted. Nobody is told.
flash-talk-hidden = Put away. You find it under your hidden conversations.
flash-ignored = You ignore this person from now on.
flash-not-ignored = You do not ignore this person any more.

profile-photos = Photos
