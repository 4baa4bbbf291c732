"""Syncs from real servers, and compares what is then in Parquet with what each server has.

usage: servers.py hapi|smart BASE_URL CLAIMLAKE WORK_FOLDER

Prints a line for each thing that was tried. The exit code says whether all went well.
"""
import base64
import gzip
import json
import pathlib
import re
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

import pyarrow.parquet

kind, base, claimlake, work = sys.argv[1], sys.argv[2].rstrip("/"), sys.argv[3], pathlib.Path(sys.argv[4])
failed = 0


def told(what, ok, more=""):
    """Prints whether something went well."""
    global failed
    failed += not ok
    print(f"{'ok  ' if ok else 'FAIL'}  {kind}: {what}{': ' + more if more else ''}", flush=True)


def ask(method, url, body=None, **headers):
    """Sends a request, and gives its status, headers and body."""
    if isinstance(body, (dict, list)):
        body, headers["Content-Type"] = json.dumps(body).encode(), "application/fhir+json"
    elif isinstance(body, str):
        body = body.encode()
    request = urllib.request.Request(url, body, {k.replace("_", "-"): v for k, v in headers.items()}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=300) as answer:
            raw = answer.read()
            return answer.status, answer.headers, gzip.decompress(raw) if answer.headers.get("Content-Encoding") == "gzip" else raw
    except urllib.error.HTTPError as e:
        return e.code, e.headers, e.read()


def config(name, export, lake=None, url=None, **source):
    """Writes a configuration, and gives it and its lake."""
    lake, path = work / (lake or name), work / f"{name}.yaml"
    path.write_text(json.dumps({  # which is YAML
        "source": {"name": kind, "profile": kind, "url": url or base, "auth": {"type": "none"}, **source},
        "export": export, "lake": {"dir": str(lake)}, "warehouse": {"mode": "none"},
    }))
    path.chmod(0o600)
    return path, lake


def sync(what, path, *args, code=0, says=""):
    """Runs a sync, and tells whether it ended as it should."""
    begun = time.time()
    ran = subprocess.run([claimlake, "sync", "--config", path, *args], capture_output=True, text=True)
    ok = ran.returncode == code and says in ran.stderr
    told(what, ok, f"exit {ran.returncode} after {time.time() - begun:.0f} s" + ("" if ok else f", want {code} {says}\n{ran.stdout}{ran.stderr}"))


def in_lake(lake, resource_type):
    """The ids of a type that readers see; a list, so that none is there twice."""
    table = re.sub(r"(?<=[a-z])([A-Z])", r"_\1", resource_type).lower()
    return [i for f in (lake / "current" / table).glob("*.parquet") for i in pyarrow.parquet.read_table(f, columns=["id"])["id"].to_pylist()]


def same(what, lake, want):
    """Compares the lake with ids by type."""
    wrong = []
    for resource_type, ids in sorted(want.items()):
        got = in_lake(lake, resource_type)
        if sorted(got) != sorted(ids):
            wrong.append(f"{resource_type}: {len(got)} rows, {len(ids)} on the server, {len(set(ids) - set(got))} missing, {len(set(got) - set(ids))} too many")
    told(what, not wrong and any(want.values()), "; ".join(wrong) or f"{sum(map(len, want.values()))} resources of {len(want)} types, id by id")


def searched(resource_type, **query):
    """The ids of a type that the server's search gives."""
    url, ids = f"{base}/{resource_type}?" + urllib.parse.urlencode({"_count": 200, "_elements": "id", **query}), []
    while url:
        bundle = json.loads(ask("GET", url)[2])
        ids += [e["resource"]["id"] for e in bundle.get("entry", [])]
        url = next((link["url"] for link in bundle["link"] if link["relation"] == "next"), None)
    return ids


def hapi():
    """A server that one can write to: what it has is what was written."""
    types = {}
    for path in sorted((work / "data").glob("*.ndjson")):
        resources = [json.loads(line) for line in path.read_text().splitlines()]
        types.setdefault(resources[0]["resourceType"], []).extend(r["id"] for r in resources)
        for i in range(0, len(resources), 50):
            batch = [{"resource": r, "request": {"method": "PUT", "url": f"{r['resourceType']}/{r['id']}"}} for r in resources[i:i + 50]]
            status, _, body = ask("POST", base, {"resourceType": "Bundle", "type": "batch", "entry": batch})
            assert status == 200 and all(e["response"]["status"].startswith("20") for e in json.loads(body)["entry"]), body[:2000]
    patients = types["Patient"]
    cohort = patients[:len(patients) // 2]
    ask("PUT", f"{base}/Group/half", {"resourceType": "Group", "id": "half", "type": "person", "actual": True, "member": [{"entity": {"reference": f"Patient/{p}"}} for p in cohort]})
    all_of = lambda: {t: searched(t) for t in types}
    told("what was written is there", {t: sorted(i) for t, i in all_of().items()} == {t: sorted(i) for t, i in types.items()})

    system, lake = config("system", {"level": "system"})
    sync("system level", system)
    same("system level, by its search", lake, all_of())

    path, patient_lake = config("patient", {"level": "patient"})
    sync("Patient level", path)
    compartment = {"Patient": "_id", "Coverage": "beneficiary", "Claim": "patient", "ExplanationOfBenefit": "patient", "Encounter": "patient", "Procedure": "patient", "Observation": "patient"}
    same("Patient level, by its search", patient_lake, {t: searched(t) for t in compartment if t in types})

    path, group_lake = config("group", {"level": "group", "group": "half"})
    sync("Group level", path)
    same("Group level, by its search", group_lake, {t: [i for p in cohort for i in searched(t, **{compartment[t]: p})] for t in compartment if t in types})

    claims, eobs = types["Claim"], types["ExplanationOfBenefit"]
    time.sleep(1)
    changed = json.loads(ask("GET", f"{base}/Claim/{claims[0]}")[2])
    changed["status"] = "cancelled"
    added = {**json.loads(ask("GET", f"{base}/ExplanationOfBenefit/{eobs[0]}")[2]), "id": "added"}
    for resource in changed, added:
        assert ask("PUT", f"{base}/{resource['resourceType']}/{resource['id']}", resource)[0] in (200, 201)
    assert ask("DELETE", f"{base}/ExplanationOfBenefit/{eobs[1]}")[0] in (200, 204)
    before = all_of()
    sync("changes since, with a deletion that the server does not tell", system)
    same("changes since: the deleted one is still there", lake, {**before, "ExplanationOfBenefit": before["ExplanationOfBenefit"] + [eobs[1]]})
    status = {r["id"]: r["status"] for f in (lake / "current" / "claim").glob("*.parquet") for r in pyarrow.parquet.read_table(f, columns=["id", "status"]).to_pylist()}
    told("changes since: the changed one has changed", status.get(claims[0]) == "cancelled", str(status.get(claims[0])))
    sync("everything again", system, "--full", "--accept-absent")
    same("everything again: the deleted one is gone", lake, all_of())
    sync("nothing has changed", system)
    same("nothing has changed, by its search", lake, all_of())


def exported(url, level, **query):
    """What the server exports, by a client of a few lines: ids by type."""
    accept = {"Accept": "application/fhir+json", "Prefer": "respond-async"}
    status, headers, body = ask("GET", f"{url}/{level}$export?" + urllib.parse.urlencode(query), **accept)
    assert status == 202, body
    job = headers["Content-Location"]
    while True:
        status, _, body = ask("GET", job)
        if status == 200:
            break
        assert status == 202, body
        time.sleep(2)
    ids = {}
    for f in json.loads(body)["output"]:
        for line in ask("GET", f["url"], Accept_Encoding="identity")[2].decode().splitlines():
            resource = json.loads(line)
            if resource["resourceType"] != "Parameters":  # the header of a block
                ids.setdefault(resource["resourceType"], []).append(resource["id"])
    ask("DELETE", job)
    return ids


def simulating(**what):
    """The base URL at which the server does something that servers do."""
    return base.replace("/fhir", "/" + base64.urlsafe_b64encode(json.dumps(what).encode()).decode().rstrip("=") + "/fhir")


def registered(**what):
    """Registers our key, and gives how to log in with it."""
    key = work / "key.pem"
    if not key.exists():
        subprocess.run([claimlake, "keys", "generate", "--out", key], check=True, capture_output=True)
    jwks = subprocess.run([claimlake, "keys", "jwks", key], check=True, capture_output=True, text=True).stdout
    status, _, body = ask("POST", base.replace("/fhir", "/auth/register"), urllib.parse.urlencode({"jwks": jwks, "dur": 15, **what}), Content_Type="application/x-www-form-urlencoded")
    assert status == 200, body
    return {"type": "smart", "client_id": body.decode(), "key_file": str(key)}


def smart():
    """A server that simulates what servers do wrong, with data of its own."""
    types = ["ExplanationOfBenefit", "Organization", "Patient", "Procedure"]
    few = ["Claim", "ExplanationOfBenefit", "Patient"]
    group = "BlueCrossBlueShield"
    want = exported(base, f"Group/{group}/", _type=",".join(few))
    export = {"level": "group", "group": group, "types": few}

    for name, level in ("system", ""), ("patient", "Patient/"):
        path, lake = config(name, {"level": name, "types": types})
        sync(f"{name} level", path)
        same(f"{name} level", lake, exported(base, level, _type=",".join(types)))
    path, lake = config("group", export)
    sync("group level", path)
    same("group level", lake, want)
    path, lake = config("chosen", {"level": "group", "group": group})
    sync("types that nobody chose", path)
    same("types that nobody chose", lake, want)
    path, lake = config("post", {**export, "method": "post"})
    sync("kick-off by POST", path)
    same("kick-off by POST", lake, want)

    secure = simulating(secure=1)
    path, lake = config("login", export, url=secure, auth=registered())
    sync("SMART Backend Services", path)
    same("SMART Backend Services", lake, want)
    path, lake = config("nologin", export, url=secure)
    sync("no login where one is wanted", path, code=1)
    told("no login: nothing is loaded", not in_lake(lake, "Patient"))

    for name, url, more in (
        ("files of 50", simulating(page=50), {}),
        ("a manifest in parts", simulating(page=50, opp=2), {"allow_partial_manifests": True}),
        ("a manifest in parts, with a login", simulating(page=100, opp=2, secure=1), {"allow_partial_manifests": True}),
        ("organized by patient", base, {"organize_output_by": "Patient"}),
        # Organized, this server sends the same resources in each of several files: one is large enough.
        ("organized by patient, a manifest in parts", simulating(page=100000, opp=1), {"organize_output_by": "Patient", "allow_partial_manifests": True}),
        ("a poll that fails once", simulating(err="transient_error"), {}),
    ):
        login = {"auth": registered()} if "login" in name else {}
        path, lake = config(re.sub(r"\W", "-", name), {**export, **more}, url=url, **login)
        sync(name, path)
        same(name, lake, want)

    for err, code, says in (
        ("file_generation_failed", 1, ""), ("file_expired", 1, ""), ("some_file_generation_failed", 1, "export_errors"),
    ):
        path, lake = config(err, export, url=simulating(err=err, page=100))
        sync(err, path, code=code, says=says)
        told(f"{err}: nothing is shown", not in_lake(lake, "Patient"))
    for err in "token_invalid_token", "token_expired_registration_token", "token_invalid_scope", "invalid_jti", "request_invalid_token", "request_expired_token":
        path, lake = config(err, export, url=secure, auth=registered(err=err))
        sync(err, path, code=1)
        told(f"{err}: nothing is shown", not in_lake(lake, "Patient"))

    path, lake = config("before", export, lake="deleting")
    sync("before deletions", path)
    path, lake = config("deleting", {**export, "since": "2015-01-01T00:00:00Z"}, lake="deleting", url=simulating(**{"del": 20}))
    sync("a fifth is told as deleted", path, "--accept-absent")
    left = sum(len(in_lake(lake, t)) for t in few)
    told("a fifth is told as deleted: fewer are left", 0 < left < sum(len(want[t]) for t in few), f"{left} of {sum(len(want[t]) for t in few)}")


if __name__ == "__main__":
    {"hapi": hapi, "smart": smart}[kind]()
    sys.exit(failed > 0)
