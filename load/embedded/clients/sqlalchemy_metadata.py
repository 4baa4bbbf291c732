"""Browses a served warehouse by SQLAlchemy, through both of its ClickHouse dialects."""
import sys
from sqlalchemy import create_engine, inspect, text
port = sys.argv[1]
for url in (f"clickhouse+http://claimlake:open@127.0.0.1:{port}/claimlake", f"clickhousedb://claimlake:open@127.0.0.1:{port}/claimlake"):
    e = create_engine(url); i = inspect(e)
    print(url.split(":")[0], "schemas", i.get_schema_names(), "default", i.default_schema_name)
    t = i.get_table_names(); v = i.get_view_names(); print("tables", len(t), "views", len(v), sorted(set(t + v))[:3]); assert not any(x.endswith("_v") or x.startswith("_") for x in t + v)
    print("columns", len(i.get_columns("claim")), i.get_columns("claim")[0]); print("pk", i.get_pk_constraint("claim"), i.get_indexes("claim"), i.get_foreign_keys("claim"))
    with e.connect() as c:
        r = c.execute(text("SELECT id FROM claim WHERE 0")); assert r.fetchall() == []; print("empty")
        print("filter", c.execute(text("SELECT count() FROM claim WHERE id != :x"), {"x": "none"}).fetchall())
        n = sum(1 for _ in c.execute(text("SELECT number, toString(number) FROM numbers(300000)"))); assert n == 300000; print("big", n)
        for bad in ("DROP TABLE claim", "SELECT file('/etc/hostname')"):
            try: c.execute(text(bad)); print("NOT REFUSED"); sys.exit(1)
            except Exception as x: print("refused", str(x)[:80].replace("\n", " "))
