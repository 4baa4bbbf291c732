"""Prints the rows of each mart, and holds Tuva's figures against the lake.

usage: figures.py tuva.duckdb LAKE

Member months, the share of claims that find their member and the cost a member month are
counted here from the lake's Parquet files, in Python, by other code than the views.
"""
import collections
import datetime
import glob
import sys
from decimal import Decimal

import duckdb

MARTS = ("core", "financial_pmpm", "chronic_conditions", "readmissions", "ed_classification", "ccsr", "cms_hcc", "quality_measures",
         "ahrq_measures", "pharmacy", "hcc_suspecting", "hcc_recapture", "semantic_layer")

database, lake = sys.argv[1:]
tuva = duckdb.connect(database, read_only=True)


def one(sql):
    return tuva.execute(sql).fetchone()


for schema, name in tuva.execute("SELECT table_schema, table_name FROM information_schema.tables WHERE table_name NOT LIKE '\\_%' ESCAPE '\\' ORDER BY ALL").fetchall():
    if schema in MARTS:
        print(f"{schema}.{name}: {one(f'SELECT count(*) FROM {schema}.{name}')[0]}")


def rows(table, columns):
    files = glob.glob(f"{glob.escape(lake)}/current/{table}/*.parquet")
    return duckdb.execute(f"SELECT {columns} FROM read_parquet(?, union_by_name = true)", [files]).fetchall() if files else []


def by_hand():
    """Months of each patient and payer with a coverage, dental and vision ones excepted."""
    names = dict(((s, i), n) for s, i, n in rows("organization", "_source, id, name"))
    kinds = collections.defaultdict(set)  # of the claims of a payer's plan
    covers = {}
    for source, id_, patient, status, start, end, kind, plan, display, identifier, payor in rows(
            "coverage", "_source, id, patient_id, status, period_start, period_end, type_code, "
            "coalesce(class_plan_name, class_plan_value, class_subplan_name, class_subplan_value, class_group_name, class_group_value), payor_display, payor_identifier, payor_id"):
        covers[source, id_] = (patient, status, start, end, kind, plan, display or names.get((source, payor)) or identifier or payor)
    for source, cover, kind in rows("explanation_of_benefit", "_source, insurance_coverage_id, coalesce(claim_type_code, cms_eob_type)"):
        if (source, cover) in covers:
            c = covers[source, cover]
            kinds[source, c[6], c[5]].add("tooth or eye" if kind in ("oral", "vision") else "other")
    today = datetime.date.today()
    months = set()
    for (source, _), (patient, status, start, end, kind, plan, payer) in covers.items():
        dental = kind in ("DENTPRG", "VISPOL") or kinds[source, payer, plan] == {"tooth or eye"}
        if start is None or dental or status in ("cancelled", "entered-in-error", "draft"):
            continue
        last = min(end or today, today.replace(day=28))
        month = max(start, datetime.date(1900, 1, 1)).replace(day=1)
        while month <= last and (end is None or end >= start):
            months.add((source, patient, payer, month))
            month = (month + datetime.timedelta(days=31)).replace(day=1)
    return len(months)


wrong = False


def same(what, got, want):
    global wrong
    wrong |= got != want
    print(f"{what}: {got} in Tuva, {want} counted from the lake{'' if got == want else '   DIFFERENT'}")


members = one("SELECT count(*) FROM core.member_months")[0]
same("member months", members, by_hand())
for kind, table in (("medical", "medical_claim"), ("pharmacy", "pharmacy_claim")):
    n, matched = one(f"SELECT count(DISTINCT claim_id), count(DISTINCT CASE WHEN enrollment_flag = 1 THEN claim_id END) FROM core.{table}")
    share = 100 * matched / n if n else 100
    wrong |= members > 0 and share < 99
    print(f"{kind} claims that find their member: {matched} of {n} ({share:.2f} %)")
unmatched = one("SELECT coalesce(sum(p), 0) FROM (SELECT paid_amount AS p FROM core.medical_claim WHERE enrollment_flag <> 1 UNION ALL SELECT paid_amount FROM core.pharmacy_claim WHERE enrollment_flag <> 1)")[0]
paid = one("SELECT sum(paid_amount) FROM claims.claim_line WHERE is_final_action AND claim_type NOT IN ('dental', 'vision')")[0] or Decimal(0)
cents = Decimal("0.01")
# Tuva's mart leaves out lines whose service category its terminology does not have.
unsorted = one("SELECT coalesce(sum(paid_amount), 0) FROM core.medical_claim WHERE enrollment_flag = 1 AND service_category_1 = 'Service cat value not in seed table'")[0]
same("paid in the PMPM mart", one("SELECT coalesce(sum(total_paid), 0) FROM financial_pmpm.pmpm_prep")[0].quantize(cents), (paid - unmatched - unsorted).quantize(cents))
out = one("SELECT count(DISTINCT claim_id), coalesce(sum(paid_amount), 0) FROM claims.claim_line WHERE is_final_action AND claim_type IN ('dental', 'vision')")
print(f"dental and vision claims, which Tuva leaves out: {out[0]}, paid {out[1]}; claims without a member: paid {unmatched}; lines without a service category in Tuva's seeds: paid {unsorted}")
if members:
    print(f"paid a member month: {(paid - unmatched - unsorted) / members:.4f}")
sys.exit(wrong)
