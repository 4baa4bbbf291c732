"""Asks a served warehouse by clickhouse-connect, as notebooks, dbt and Superset do."""
import clickhouse_connect, sys, time, threading
port = int(sys.argv[1])
for compress in (True, False):
    c = clickhouse_connect.get_client(host="127.0.0.1", port=port, username="claimlake", password="open", compress=compress)
    print("version", c.server_version, "tz", c.server_tz, "database", c.database)
    r = c.query("SELECT id FROM claim WHERE 0"); assert r.result_rows == [], r.result_rows; print("empty:", r.column_names)
    print("filter:", c.query("SELECT count() FROM claim WHERE id != {x:String}", parameters={"x": "none"}).result_rows)
    print("databases:", c.query("SHOW DATABASES").result_rows)
    t = [x[0] for x in c.query("SHOW TABLES").result_rows]; assert "claim" in t and not any(x.endswith("_v") or x.startswith("_") for x in t); print("tables:", len(t))
    print("describe:", c.query("DESCRIBE TABLE claim").result_rows[:1])
    r = c.query("SELECT number, toString(number) FROM numbers(3000000)"); assert r.row_count == 3000000; print("big:", r.row_count, r.summary)
    df = c.query_df("SELECT number, toDecimal64(number, 2) d FROM numbers(200000)"); assert len(df) == 200000; print("df", df.dtypes.to_dict())
    a = c.query_arrow("SELECT number FROM numbers(200000)"); assert a.num_rows == 200000
    n = 0
    with c.query_row_block_stream("SELECT number FROM numbers(2000000)") as s:
        for b in s: n += len(b)
    assert n == 2000000
    print("command:", c.command("SELECT count() FROM claim"))
    print("settings:", c.query("SELECT 1", settings={"max_threads": 2, "join_use_nulls": 1, "max_result_rows": 100}).result_rows)
    for bad in ("INSERT INTO claim SELECT * FROM claim", "SELECT file('/etc/hostname')", "SELECT * FROM nothing", "SELECT throwIf(number = 5) FROM numbers(10)"):
        try: c.query(bad); print("NOT REFUSED", bad); sys.exit(1)
        except Exception as e: print("refused:", str(e)[:120].replace("\n", " "))
    # cancel
    def run():
        try: c.query("SELECT count() FROM numbers(100000000000) WHERE NOT ignore(sipHash64(number))", settings={"query_id": "q1"})
        except Exception as e: print("cancelled:", str(e)[:140])
    c2 = clickhouse_connect.get_client(host="127.0.0.1", port=port, username="claimlake", password="open")
    th = threading.Thread(target=run); th.start(); time.sleep(1); t0=time.time()
    print("kill:", c2.command("KILL QUERY WHERE query_id = 'q1'")); th.join(); print("took", round(time.time()-t0,2))
