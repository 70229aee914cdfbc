-- Lending library: titles, copies, members and loans (PostgreSQL 14+).
--
-- A title is the work; a copy is the thing on the shelf. Members borrow
-- copies but reserve titles, which is why the two tables below point at
-- different parents.

BEGIN;

CREATE EXTENSION IF NOT EXISTS btree_gist;

CREATE TABLE title (
    title_id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name        text NOT NULL CHECK (name <> ''),
    published   smallint CHECK (published BETWEEN 1400 AND 2200),
    isbn13      char(13) UNIQUE CHECK (isbn13 ~ '^97[89][0-9]{10}$')
);

CREATE TABLE copy (
    barcode     text PRIMARY KEY,
    title_id    bigint NOT NULL REFERENCES title,
    shelf       text NOT NULL,
    withdrawn   date            -- NULL while the copy is in circulation
);
CREATE INDEX copy_by_title ON copy (title_id) WHERE withdrawn IS NULL;

CREATE TABLE member (
    member_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    card_no     text NOT NULL UNIQUE,
    joined      date NOT NULL DEFAULT current_date,
    loan_limit  smallint NOT NULL DEFAULT 8 CHECK (loan_limit >= 0)
);

CREATE TABLE loan (
    loan_id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    barcode     text NOT NULL REFERENCES copy,
    member_id   bigint NOT NULL REFERENCES member,
    out_during  tstzrange NOT NULL DEFAULT tstzrange(now(), NULL),
    due         date NOT NULL DEFAULT current_date + 21,
    renewals    smallint NOT NULL DEFAULT 0 CHECK (renewals <= 3),

    -- A copy cannot be in two bags at once. An open loan has no upper bound,
    -- so it clashes with anything later.
    CONSTRAINT one_borrower_at_a_time
        EXCLUDE USING gist (barcode WITH =, out_during WITH &&)
);
CREATE INDEX open_loans_by_member ON loan (member_id)
    WHERE upper_inf(out_during);

CREATE TABLE reservation (
    title_id    bigint NOT NULL REFERENCES title ON DELETE CASCADE,
    member_id   bigint NOT NULL REFERENCES member ON DELETE CASCADE,
    placed_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (title_id, member_id)
);

CREATE VIEW overdue AS
SELECT m.card_no,
       t.name,
       l.due,
       current_date - l.due AS days_late
FROM loan l
JOIN copy c USING (barcode)
JOIN title t USING (title_id)
JOIN member m USING (member_id)
WHERE upper_inf(l.out_during)
  AND l.due < current_date;

COMMENT ON VIEW overdue IS 'Loans still out past their due date.';

COMMIT;
