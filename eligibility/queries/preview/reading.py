"""The caseload as columns, part by part: packed rows straight from the database, JSON only where a record has no packed row of this catalogue."""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from uuid import UUID

import numpy as np
from django.db import connection

from consent import packing
from consent.facts import FactKind
from consent.models import TypedFacts
from eligibility.batch import Caseload
from eligibility.batch.caseload import Column
from eligibility.interchange import OLDEST, InterchangeError, read_household
from eligibility.rules import catalogue

ROWS = 8_192  # records of one part, about: with more, what the rules work out on the way needs too much memory
_APPLICANT, _PARTNER = packing.ROLES.index("applicant"), packing.ROLES.index("partner")

# Few rows of four fields, joined bytes: far fewer things to send and to read than a row for each record.
_SQL = """copy (
with part as (
  select record_id, people_count, packed, substring(packed from 1 for 8) = %(digest)s as is_packed
    from consent_typedfacts {sample}
   where {which} and version > 0)
select string_agg(uuid_send(record_id), ''::bytea) filter (where is_packed),
       string_agg(int2send(people_count::int2), ''::bytea) filter (where is_packed),
       string_agg(packed, ''::bytea) filter (where is_packed),
       string_agg(uuid_send(record_id), ''::bytea) filter (where not is_packed)
  from part group by uuid_hash_extended(record_id, 0) & %(spread)s) to stdout (format binary)"""
_PLACES = _SQL.format(sample="", which="ctid >= %(first)s::tid and ctid < %(last)s::tid")
_NAMED = _SQL.format(sample="", which="record_id = any(%(ids)s::uuid[])")
_SOME = _SQL.format(sample="tablesample system (%(percent)s) repeatable (1)", which="true")
_SIZE = """select pg_relation_size(oid) / current_setting('block_size')::int, reltuples::bigint, relpages
  from pg_class where oid = 'consent_typedfacts'::regclass"""
_COUNCILS = """select local_authority from consent_typedfacts {sample}
 where version > 0 and local_authority is not null group by 1 having count(*) >= %(fewest)s order by 1"""


@dataclass(frozen=True)
class Part:
    """Some of the records. ids: their 16 bytes each, a row each. left_out: of the records whose facts cannot be read, the same."""

    ids: np.ndarray
    caseload: Caseload
    left_out: np.ndarray = field(default_factory=lambda: np.zeros((0, 16), dtype=np.uint8))


@dataclass(frozen=True)
class Extent:
    """How large the caseload is: records (an estimate once there are many), blocks of the table, records in a block."""

    records: int
    blocks: int
    dense: float


def extent(many: int) -> Extent:
    """The size of the caseload; counted one by one only where there are no more than about `many`."""
    with connection.cursor() as cursor:
        cursor.execute(_SIZE)
        blocks, rows, pages = cursor.fetchone()
    dense = rows / pages if rows > 0 and pages > 0 else 16.0
    records = round(dense * blocks)
    if rows < 0 or records <= many:
        records = TypedFacts.objects.filter(version__gt=0).count()
    return Extent(records, blocks, dense)


def councils(fewest: int, size: Extent, many: int) -> list[str]:
    """Where at least so many of the records live; where there are far more than `many` records, of a tenth of them."""
    sample = "" if size.records <= many else "tablesample system (10) repeatable (1)"
    with connection.cursor() as cursor:
        cursor.execute(_COUNCILS.format(sample=sample), {"fewest": fewest})
        return [row[0] for row in cursor.fetchall()]


def parts(
    on: dt.date, facts: Iterable[str], *, size: Extent | None = None, share: float = 1.0, ids: Iterable[UUID] | None = None
) -> Iterator[Part]:
    """All records that hold facts, in no order; needs an actor who may read the caseload, inside a transaction.

    facts: catalogue codes of the columns that are wanted. share: read about so many of them, chosen by where they are stored: the same
    ones each time as long as nothing is written. ids: only these.
    """
    wanted, size = frozenset(facts), size or extent(0)
    asked: dict[str, object] = {"digest": packing.layout().digest}
    if ids is not None:
        yield from _read(_NAMED, {**asked, "ids": [str(id_) for id_ in ids]}, wanted, on)
        return
    if share < 1:
        spread = 2 ** max(0, round(share * size.records / ROWS) - 1).bit_length() - 1
        yield from _read(_SOME, {**asked, "percent": 100 * share, "spread": spread}, wanted, on)
        return
    step = max(64, round(ROWS / size.dense))
    for first in range(0, size.blocks, step):
        yield from _read(_PLACES, {**asked, "first": f"({first},0)", "last": f"({first + step},0)"}, wanted, on)


def _read(statement: str, asked: dict[str, object], wanted: frozenset[str], on: dt.date) -> Iterator[Part]:
    for found, counts, packed, rest in _rows(statement, asked):
        if found:
            yield _from_packed(_ids(found), np.frombuffer(counts, dtype=">i2").astype(np.int64), packed, wanted, on)
        if rest:
            yield _from_json(_ids(rest), on)


def _rows(statement: str, asked: dict[str, object]) -> Iterator[list[memoryview]]:
    """The four fields of each row, empty for NULL; not copied, they can be large."""
    out = BytesIO()
    with connection.cursor() as cursor:
        driver = cursor.cursor
        driver.copy_expert(driver.mogrify(statement, {"spread": 0, **asked}), out)
    data, place = out.getbuffer(), 19  # the header of the format
    while int.from_bytes(data[place : place + 2], "big", signed=True) > 0:
        place += 2
        fields: list[memoryview] = []
        for _number in range(4):
            size = int.from_bytes(data[place : place + 4], "big", signed=True)
            place += 4
            fields.append(data[place : place + max(size, 0)])
            place += max(size, 0)
        yield fields


def _ids(joined: memoryview) -> np.ndarray:
    return np.frombuffer(joined, dtype=np.uint8).reshape(-1, 16)


def _from_packed(ids: np.ndarray, counts: np.ndarray, packed: memoryview, wanted: frozenset[str], on: dt.date) -> Part:
    shape = packing.layout()
    head, each = packing.DIGEST + shape.home_format.size, shape.person_format.size
    data = np.frombuffer(packed, dtype=np.uint8)
    starts = np.concatenate([[0], np.cumsum(head + each * counts)[:-1]]).astype(np.int64)
    is_head = np.zeros(len(data), dtype=bool)
    is_head[(starts[:, None] + np.arange(head)).ravel()] = True
    homes = np.ascontiguousarray(data[is_head].reshape(-1, head)[:, packing.DIGEST :]).view(np.dtype(shape.home_type))[:, 0]
    people = data[~is_head].reshape(-1, each).view(np.dtype(shape.person_type))[:, 0]
    caseload = _caseload(homes, people, counts, wanted)
    impossible = _impossible(people, caseload.starts, on)
    if not impossible.any():
        return Part(ids, caseload)
    kept = np.flatnonzero(~impossible)
    return Part(ids[kept], caseload.take(kept), ids[impossible])


def _caseload(homes: np.ndarray, people: np.ndarray, counts: np.ndarray, wanted: frozenset[str]) -> Caseload:
    shape = packing.layout()
    roles = people["role"].astype(np.int8)
    partner = np.full(len(counts), -1, dtype=np.int64)
    partners = np.flatnonzero(roles == _PARTNER)
    partner[np.repeat(np.arange(len(counts)), counts)[partners]] = partners
    return Caseload(
        ids=list(range(len(counts))),
        home={kind.name: _column(kind, homes) for kind in shape.home if kind.code in wanted},
        person={kind.name: _column(kind, people) for kind in shape.person if kind.code in wanted},
        starts=np.concatenate([[0], np.cumsum(counts)[:-1]]).astype(np.int64),
        sizes=counts,
        roles=roles,
        applicant=np.flatnonzero(roles == _APPLICANT),
        partner=partner,
        open=np.zeros(len(counts), dtype=bool),
    )


def _column(kind: FactKind, rows: np.ndarray) -> Column:
    state = rows[kind.name]
    column = Column(
        np.zeros(0, dtype=np.int64),
        _some(state == packing.MISSING),
        _some(state == packing.NOT_APPLICABLE),
        packing.DECIMAL_SCALE if kind.type == "decimal" else 1,
    )
    value = np.maximum(state.astype(np.int64) - packing.KNOWN, 0)
    if kind.type == "boolean":
        column.values = value.astype(bool)
    elif kind.type == "choice":
        column.values, column.names = value, kind.choices
    elif kind.type == "text":
        names, column.values = np.unique(rows[f"{kind.name}.value"], return_inverse=True)
        column.names = tuple(name.decode() for name in names.tolist())
    else:
        column.values = rows[f"{kind.name}.value"].astype(np.int64)
        if kind.type == "money":
            column.per = np.where(state < packing.KNOWN, 3, value).astype(np.int8)
    if column.values.dtype == np.int64 and len(column.values):
        column.bound = int(np.abs(column.values).max())
    return column


def _some(mask: np.ndarray) -> np.ndarray | None:
    return mask if mask.any() else None


def _impossible(people: np.ndarray, starts: np.ndarray, on: dt.date) -> np.ndarray:
    """Households with somebody who cannot be alive on the day."""
    born = people["born_on.value"]
    wrong = (people["born_on"] == packing.KNOWN) & (
        (born > on.toordinal()) | (born < dt.date(on.year - OLDEST, 1, 1).toordinal())
    )
    return np.add.reduceat(wrong.astype(np.int64), starts) > 0


def _from_json(ids: np.ndarray, on: dt.date) -> Part:
    records = [UUID(bytes=row.tobytes()) for row in ids]
    rows = {row[0]: row[1:] for row in TypedFacts.objects.filter(pk__in=records).values_list("pk", "household", "people")}
    kept, households = [], []
    for place, record_id in enumerate(records):
        home, people = rows[record_id]
        try:
            households.append(read_household({"id": "household", "household": home, "people": people}, catalogue(), on))
        except InterchangeError:
            continue
        kept.append(place)
    return Part(ids[kept], Caseload.from_households(households, catalogue()), np.delete(ids, kept, axis=0))
