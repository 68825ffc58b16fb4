"""A query is one SELECT, whatever strings and comments it has."""

import pytest

from pulsar_ml.databases.dialects import MARIADB, POSTGRESQL, SQLITE, SQLSERVER
from pulsar_ml.databases.select import checked
from pulsar_ml.errors import DatabaseFault


@pytest.mark.parametrize(
    ("query", "dialect"),
    [
        ("SELECT 1", SQLITE),
        ("with a as (select 1) select * from a", SQLITE),
        ("SELECT ';', \"into\", `delete` FROM t", SQLITE),
        ("SELECT [drop] FROM t", SQLSERVER),
        ("SELECT 'it''s; ?' FROM t", POSTGRESQL),
        ("SELECT $$;$$, $a$ $$;(? $a$, $1 FROM t", POSTGRESQL),
        (r"SELECT E'\'; ' FROM t", POSTGRESQL),
        (r"SELECT '\' FROM t", POSTGRESQL),
        (r"SELECT '\'; ' FROM t", MARIADB),
        ("SELECT a[1] FROM t", POSTGRESQL),
        ("SELECT 5--3 FROM t", MARIADB),
        ("SELECT updated_at, created FROM t", MARIADB),
    ],
)
def test_one_select_passes_as_it_is(query, dialect) -> None:
    assert checked(f"  {query} ;\n", dialect) == query


@pytest.mark.parametrize(
    ("query", "dialect", "plain"),
    [
        ("SELECT 1 -- ; ?", SQLITE, "SELECT 1"),
        ("SELECT 1; -- done", SQLITE, "SELECT 1"),
        ("-- all of it\nSELECT 1", POSTGRESQL, "SELECT 1"),
        ("SELECT /* ; /* */ ; */ 1", POSTGRESQL, "SELECT   1"),
        ("SELECT 1 # ;", MARIADB, "SELECT 1"),
        ("SELECT/**/1", MARIADB, "SELECT 1"),
    ],
)
def test_comments_are_left_out(query, dialect, plain) -> None:
    assert checked(query, dialect) == plain


@pytest.mark.parametrize(
    ("query", "dialect", "words"),
    [
        ("", SQLITE, "must begin with SELECT or WITH"),
        (" ; ", SQLITE, "must begin with SELECT or WITH"),
        ("DROP TABLE t", SQLITE, "must begin with SELECT or WITH"),
        ("SELECT 1; DROP TABLE t", SQLITE, "it has a ; inside"),
        ("SELECT 1;;", SQLITE, "it has a ; inside"),
        ("SELECT 1) t; SELECT (1", SQLITE, "it has a ; inside"),
        ("SELECT 1) t JOIN (SELECT 2", SQLITE, "brackets of the query do not match"),
        ("SELECT (1", SQLITE, "brackets of the query do not match"),
        ("SELECT * INTO x FROM t", SQLSERVER, "it has the word INTO"),
        ("WITH a AS (DELETE FROM t RETURNING *) SELECT 1", POSTGRESQL, "DELETE"),
        ("SELECT * FROM t INTO OUTFILE '/tmp/x'", MARIADB, "it has the word INTO"),
        ("SELECT 1 /*! INTO @a */", MARIADB, "carried out: /*!"),
        ("SELECT 1 /*M! INTO @a */", MARIADB, "carried out: /*!"),
        ("SELECT 'a", SQLITE, "begins with ' has no end"),
        ("SELECT $a$ ; $$", POSTGRESQL, "begins with $a$ has no end"),
        ("SELECT /* ;", SQLITE, "A comment of the query has no end"),
        ("SELECT /* /* */ 1", POSTGRESQL, "A comment of the query has no end"),
        (r"SELECT '\'; DROP TABLE t --'", SQLITE, "it has a ; inside"),
        ("SELECT 1 --2; DROP TABLE t", MARIADB, "it has a ; inside"),
        ("SELECT ?", SQLITE, "must not have a ?"),
        (f"SELECT '{'a' * 20_000}'", SQLITE, "longer than 20,000 characters"),
    ],
)
def test_anything_else_is_refused(query, dialect, words) -> None:
    with pytest.raises(DatabaseFault) as refused:
        checked(query, dialect)
    assert words in str(refused.value)
    assert not refused.value.passing
