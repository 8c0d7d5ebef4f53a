-- What an answer chooses: of a poll an answer's guid, of an event a status. Counted for each page.
ALTER TABLE attachment_answers ADD COLUMN choice TEXT NOT NULL DEFAULT '';
UPDATE attachment_answers
   SET choice = substr(xml, instr(xml, '<poll_answer_guid>') + 18, instr(xml, '</poll_answer_guid>') - instr(xml, '<poll_answer_guid>') - 18)
 WHERE kind = 'poll_participation' AND instr(xml, '<poll_answer_guid>') > 0 AND instr(xml, '</poll_answer_guid>') > instr(xml, '<poll_answer_guid>');
UPDATE attachment_answers
   SET choice = substr(xml, instr(xml, '<status>') + 8, instr(xml, '</status>') - instr(xml, '<status>') - 8)
 WHERE kind = 'event_participation' AND instr(xml, '<status>') > 0 AND instr(xml, '</status>') > instr(xml, '<status>');
CREATE INDEX attachment_answers_by_choice ON attachment_answers (attachment_id, choice);
