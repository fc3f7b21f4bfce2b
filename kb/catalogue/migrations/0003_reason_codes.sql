-- Reasons become codes with values (JSON), which the doors put into words; they were English sentences before.
-- char(59) is a semicolon, at which a script is cut into its statements.
CREATE TABLE reason_codes (prose TEXT PRIMARY KEY, code TEXT NOT NULL);
INSERT INTO reason_codes (prose, code) VALUES
    ('same DOI', 'same-doi'),
    ('same ISBN', 'same-isbn'),
    ('same DOI, other title', 'doi-agrees-title-differs'),
    ('same ISBN, other title', 'isbn-agrees-title-differs'),
    ('other title', 'title-differs'),
    ('another edition', 'edition-differs'),
    ('same title, other authors', 'authors-differ'),
    ('same title, other year', 'year-differs'),
    ('same title and authors, other DOI: perhaps another version', 'doi-differs'),
    ('same title and authors, other ISBN: perhaps another edition', 'isbn-differs'),
    ('same title, authors known on one side only', 'authors-on-one-side'),
    ('same title and authors, no year on one side', 'year-on-one-side'),
    ('same title and authors, once at a conference and once in a journal', 'conference-and-journal'),
    ('same title, no authors, other place', 'container-differs'),
    ('title, year and author agree', 'title-year-author-agree'),
    ('author and year agree, nothing else is known', 'author-year-agree-nothing-else'),
    ('author and year agree, no title to compare', 'no-title-to-compare'),
    ('other author or year', 'author-or-year-differs'),
    ('the same words', 'same-words'),
    ('two documents', 'two-documents'),
    ('printed alike', 'printed-alike'),
    ('title, authors and address agree, no date on either side', 'title-authors-address-agree'),
    ('same title and year, the institution is named otherwise', 'institution-named-otherwise'),
    ('agrees', 'agrees'),
    ('other', 'differs'),
    ('decided', 'decided'),
    ('agrees with more than one work', 'several-works-agree'),
    ('its number in the list', 'list-number'),
    ('its address', 'same-address'),
    ('author and year', 'author-year'),
    ('author alone', 'author-alone'),
    ('author, without date', 'author-undated'),
    ('author' || char(59) || ' no year on one side', 'author-year-missing'),
    ('author and the year of the original', 'author-original-year'),
    ('author and year' || char(59) || ' the letter is on one side only', 'year-letter-on-one-side'),
    ('author' || char(59) || ' the years differ by one', 'years-differ-by-one'),
    ('one author where several are meant', 'one-author-where-several'),
    ('the one work by this name that the document cites', 'only-work-cited-here'),
    ('the one work by this name in the collection', 'only-work-in-collection'),
    ('by author and year alone', 'author-year-only'),
    ('confirmed', 'confirmed'),
    ('said by a person', 'decided-by-person');
UPDATE work_citations SET reason = coalesce(
    (SELECT '{"code": "' || code || '"}' FROM reason_codes WHERE prose = reason),
    (SELECT '{"code": "equal-candidates", "values": ["' || code || '"]}' FROM reason_codes
     WHERE prose || char(59) || ' another fits as well' = reason),
    (SELECT '{"code": "entries-disagree", "values": ["' || code || '"]}' FROM reason_codes
     WHERE 'agrees with one entry, and with another does not: ' || prose = reason),
    '{"code": "decided"}'
);
UPDATE doubts SET reason = coalesce(
    (SELECT '{"code": "' || code || '"}' FROM reason_codes WHERE prose = reason),
    (SELECT '{"code": "equal-candidates", "values": ["' || code || '"]}' FROM reason_codes
     WHERE prose || char(59) || ' another fits as well' = reason),
    (SELECT '{"code": "entries-disagree", "values": ["' || code || '"]}' FROM reason_codes
     WHERE 'agrees with one entry, and with another does not: ' || prose = reason),
    '{"code": "decided"}'
);
UPDATE decisions SET reason = coalesce(
    (SELECT '{"code": "' || code || '"}' FROM reason_codes WHERE prose = reason),
    (SELECT '{"code": "equal-candidates", "values": ["' || code || '"]}' FROM reason_codes
     WHERE prose || char(59) || ' another fits as well' = reason),
    (SELECT '{"code": "entries-disagree", "values": ["' || code || '"]}' FROM reason_codes
     WHERE 'agrees with one entry, and with another does not: ' || prose = reason),
    '{"code": "decided"}'
);
DROP TABLE reason_codes;
