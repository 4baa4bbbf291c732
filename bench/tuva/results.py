"""Counts what a dbt command did by its status, and names what failed or warned.

usage: results.py run_results.json
"""
import collections
import json
import sys

results = json.load(open(sys.argv[1]))["results"]
print(", ".join(f"{n} {status}" for status, n in collections.Counter(r["status"] for r in results).most_common()))
for r in results:
    if r["status"] in ("error", "fail", "warn"):
        print(f"  {r['status']}: {r['unique_id'].split('.', 2)[2].rsplit('.', 1)[0]}: {r['message']}")
