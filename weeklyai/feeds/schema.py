"""The archive's tables, as numbered migrations.

Each runs once, in order, in a transaction of its own; `PRAGMA user_version` counts them. Never edit one: add one.
"""

import sqlite3
import time

_PATIENCE = 30.0  # seconds

MIGRATIONS = (
    """
    CREATE TABLE items (
        id TEXT PRIMARY KEY,
        feed_url TEXT NOT NULL,
        source TEXT NOT NULL,
        title TEXT NOT NULL,
        url TEXT,
        published INTEGER NOT NULL, -- seconds since 1970, UTC
        date_guessed INTEGER NOT NULL,
        summary TEXT NOT NULL,
        body TEXT NOT NULL,
        first_seen INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX items_published ON items (published);
    CREATE TABLE feeds (
        url TEXT PRIMARY KEY,
        title TEXT NOT NULL DEFAULT '',
        etag TEXT NOT NULL DEFAULT '',
        last_modified TEXT NOT NULL DEFAULT '',
        last_status INTEGER NOT NULL DEFAULT 0,
        last_reason TEXT NOT NULL DEFAULT '',
        last_fetched INTEGER,
        failures INTEGER NOT NULL DEFAULT 0, -- in a row
        gone INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    """,
    # A number of its own for each item, as a full-text index needs one that lasts (VACUUM may change a bare rowid).
    """
    ALTER TABLE items RENAME TO old_items;
    DROP INDEX items_published;
    CREATE TABLE items (
        number INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        feed_url TEXT NOT NULL,
        source TEXT NOT NULL,
        title TEXT NOT NULL,
        url TEXT,
        published INTEGER NOT NULL, -- seconds since 1970, UTC
        date_guessed INTEGER NOT NULL,
        summary TEXT NOT NULL,
        body TEXT NOT NULL,
        licence TEXT NOT NULL DEFAULT '',
        content INTEGER NOT NULL DEFAULT 0, -- hash of feed, title, text and date as the feed gave them
        first_seen INTEGER NOT NULL
    ) STRICT;
    INSERT INTO items (id, feed_url, source, title, url, published, date_guessed, summary, body, first_seen)
        SELECT id, feed_url, source, title, url, published, date_guessed, summary, body, first_seen FROM old_items;
    DROP TABLE old_items;
    CREATE INDEX items_published ON items (published, id, date_guessed); -- order and span without reading the items
    CREATE INDEX items_content ON items (content);
    CREATE INDEX items_feed ON items (feed_url, published, date_guessed);
    CREATE VIRTUAL TABLE words USING fts5(
        title, summary, body, content = 'items', content_rowid = 'number', tokenize = 'porter unicode61 remove_diacritics 2'
    );
    INSERT INTO words (words) VALUES ('rebuild');
    CREATE TRIGGER items_in AFTER INSERT ON items BEGIN
        INSERT INTO words (rowid, title, summary, body) VALUES (new.number, new.title, new.summary, new.body);
    END;
    CREATE TRIGGER items_out AFTER DELETE ON items BEGIN
        INSERT INTO words (words, rowid, title, summary, body) VALUES ('delete', old.number, old.title, old.summary, old.body);
    END;
    CREATE TRIGGER items_mended AFTER UPDATE OF title, summary, body ON items BEGIN
        INSERT INTO words (words, rowid, title, summary, body) VALUES ('delete', old.number, old.title, old.summary, old.body);
        INSERT INTO words (rowid, title, summary, body) VALUES (new.number, new.title, new.summary, new.body);
    END;
    CREATE TABLE imports ( -- how far each file of bulk text was read
        path TEXT PRIMARY KEY,
        size INTEGER NOT NULL,
        changed INTEGER NOT NULL, -- nanoseconds since 1970
        lines INTEGER NOT NULL, -- whose items are in the archive
        finished INTEGER NOT NULL
    ) STRICT;
    ALTER TABLE feeds ADD COLUMN failing_since INTEGER;
    ALTER TABLE feeds ADD COLUMN wait_until INTEGER; -- what Retry-After asked for
    ALTER TABLE feeds ADD COLUMN moved TEXT NOT NULL DEFAULT '';
    """,
)


def use_wal(db: sqlite3.Connection) -> None:
    """Put `db` into WAL mode; it stays so.

    The switch needs the file alone, and of two processes that open a new one SQLite fails one at once instead of letting
    it wait (sqlite.org/c3ref/busy_handler.html: a wait of both for each other would never end).
    """
    began = time.monotonic()
    while True:
        try:
            db.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            late = time.monotonic() - began > _PATIENCE
            if late or error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            time.sleep(0.05)
        else:
            return


def migrate(db: sqlite3.Connection) -> bool:
    """Bring `db` forward; return False where it is of a newer version than this program's.

    Two processes may open an old archive at once: whoever takes the lock second finds the work done.
    """
    while True:
        (version,) = db.execute("PRAGMA user_version").fetchone()
        if version >= len(MIGRATIONS):
            return bool(version == len(MIGRATIONS))
        db.execute("BEGIN IMMEDIATE")
        try:
            if db.execute("PRAGMA user_version").fetchone()[0] == version:
                for statement in _statements(MIGRATIONS[version]):
                    db.execute(statement)
                db.execute(f"PRAGMA user_version = {version + 1}")
            db.execute("COMMIT")
        except BaseException:
            db.execute("ROLLBACK")
            raise


def _statements(script: str) -> list[str]:
    """Return the statements of a script (`executescript` would end the transaction)."""
    found, statement = [], ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            found.append(statement)
            statement = ""
    return found
