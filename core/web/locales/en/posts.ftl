## Streams
stream-title-mine = My stream
stream-title-public = Public stream
stream-title-aspects = Posts from { $names }
stream-empty-mine = Nothing here yet. Add people to your aspects or follow a tag, and their posts will land here.
stream-empty-public = Nobody on this pod has posted in public yet.
stream-empty-aspects = The people in these aspects have not posted yet.
tag-title = #{ $tag }
tag-empty = No post with this tag has reached this pod yet.
tag-follow = Follow this tag
tag-unfollow = Following

## Posts
post-title = Post by { $name }
post-like = { $count ->
    [0] Like
   *[other] Like · { $count }
}
post-liked = Liked · { $count }
post-likes = { $count ->
    [one] { $count } like
   *[other] { $count } likes
}
post-like-name = { $count ->
    [0] Like the post by { $name }
   *[other] Like · { $count }, the post by { $name }
}
post-unlike-name = Liked · { $count }: take back your like of the post by { $name }
post-likers = Liked by
post-comments = { $count ->
    [0] Comment
    [one] { $count } comment
   *[other] { $count } comments
}
post-menu = More for this post
post-delete = Delete this post
post-delete-help = It is taken back here and from every pod it was sent to. That cannot be undone.
post-shield = Marked as not safe for everybody's eyes. Show it
post-visitor = To like or comment, use your own account.
photo-without-words = Picture by { $name }, without a description
comments-label = Comments
comments-earlier = { $count ->
    [one] Show one earlier comment
   *[other] Show { $count } earlier comments
}
comment-label = Comment on the post by { $name }
comment-placeholder = Write a comment
comment-button = Comment
comment-delete-name = Delete the comment by { $name }

## Composer and audience
composer-label = What is growing today?
composer-placeholder = Write something. @mention people, #tag things
composer-button = Share
composer-extra-gone = What you filled in belongs to a plugin that is switched off now. Post again to send the text without it.
composer-extra-twice = A post can hold only one of these.
composer-more = More fields
plugin-page-title = { $heading }
plugin-compose-failed = This could not be made. Please try again, or leave it out.
audience-label = Who can see it:
audience-question = Who can see it?
audience-public = Public
audience-public-help = Anybody, with or without an account, and search engines.
audience-all = All my aspects
audience-all-help = Everybody you share with now. Nobody who joins an aspect later.
audience-chosen = Chosen aspects
audience-chosen-help = Only the people who are in these aspects now:
audience-limited = Limited
audience-nobody = Nobody yet
people-count = { $count ->
    [0] nobody
    [one] { $count } person
   *[other] { $count } people
}

## Reshares, likes of comments
reshare-mark = passes this on:
reshare-gone = The post that was passed on here has been deleted.
reshare-button = { $count ->
    [0] Reshare
   *[other] Reshare · { $count }
}
reshare-name = { $count ->
    [0] Reshare the post by { $name } with everybody
   *[other] Reshare · { $count }, the post by { $name }, with everybody
}
reshare-done = { $count ->
    [0] Reshared
   *[other] Reshared · { $count }
}
reshare-count = { $count ->
    [one] { $count } reshare
   *[other] { $count } reshares
}
comment-like-name = { $count ->
    [0] Like the comment by { $name }
   *[other] Like · { $count }, the comment by { $name }
}
comment-unlike-name = Liked · { $count }: take back your like of the comment by { $name }
person-closed = account closed

## Texts that could not be sent
sign-in-unsent = Your session was over before your text arrived. It is kept on this page: sign in, and you can send it.
flash-unsent = Your text has not been sent yet. Send it now.
kept-label = What you wrote was not sent. Here it is, to copy:
rule-person-there = This person is in these aspects already.
rule-person-gone = This account was closed.
rule-person-ignored = You ignore this person.
notifications-read-about = Mark as read
comments-before = Show earlier comments
comments-newest = Show the newest comments

## Photos
photos-label = Photos
photos-help = JPEG, PNG, GIF or WebP, up to 20 MiB each. Places and other details that cameras write into them are removed. A photo of a limited post has an address that nobody can guess: whoever is given it by a reader on another pod can open it.
photos-step = Upload and describe
photos-text-label = What is in the picture? For people who cannot see it
photos-leave-out = Leave out
photos-sending = Sending
photos-cancel = Cancel
photos-retry = Try again
photos-remove = Remove
photos-failed = It did not get through.
photos-done = The photo is here.
photos-title = Photos by { $name }
photos-back = Back to the profile
photos-empty = No photos yet.
photos-delete-name = Delete the photo: { $name }
photos-nameless = without a description
rule-picture-format = This is no picture that we know. It takes JPEG, PNG, GIF or WebP.
rule-picture-bytes = This file is too large. A photo may have 20 MiB.
rule-picture-pixels = This picture has too many pixels. 50 million are the most.
rule-picture-broken = This picture is damaged or was cut off.
rule-picture-waiting = Too many photos wait to be shared. Share or remove some first.
rule-picture-count = A post holds 20 photos at most.
rule-picture-gone = One of the photos is not there any more. Add it again.
