-- What an answer chooses: of a poll an answer's guid, of an event a status. Counted for each page.
ALTER TABLE attachment_answers ADD COLUMN choice TEXT NOT NULL DEFAULT '';
UPDATE attachment_answers SET choice = coalesce(substring(xml from '<poll_answer_guid>([^<]*)<'), '')
 WHERE kind = 'poll_participation';
UPDATE attachment_answers SET choice = coalesce(substring(xml from '<status>([^<]*)<'), '')
 WHERE kind = 'event_participation';
CREATE INDEX attachment_answers_by_choice ON attachment_answers (attachment_id, choice);
