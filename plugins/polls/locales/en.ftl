name = Polls
description = Adds a question with answers to a post. Everybody who may read the post votes once, on any pod.
add = Poll
question = Question
answer = Answer
question-missing = Ask something, too.
answers-few = A poll needs at least two answers.
answers-same = Two answers are the same.
vote = Vote
vote-label = Vote: { $question }
votes = { $count ->
    [one] { $count } vote
   *[other] { $count } votes
  }
share = { $percent } %
yours = your vote
not-offered = This poll does not offer that answer.
voted = You have voted already.
choose = Choose an answer first.
