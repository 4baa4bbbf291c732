package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/claimlake/claimlake/load/embedded"
)

// demoPatients are those of the demo. 3,600 become ten million rows.
const demoPatients = 200

// question is what analysts ask of a view.
type question struct{ name, where string }

// queriedView is a view, and its columns that analysts filter on; "" for none.
type queriedView struct{ name, patient, claim, month string }

var queriedViews = []queriedView{
	{"claim_line", "patient_id", "claim_id", "service_start_date"},
	{"claim_version", "patient_id", "claim_id", ""},
	{"claim_amount", "patient_id", "claim_id", ""},
	{"claim_balance", "patient_id", "claim_id", ""},
	{"submitted_claim_line", "patient_id", "claim_id", "service_start_date"},
	{"claim_duplicate", "", "claim_id", ""},
	{"medical_claim", "person_id", "claim_id", "claim_line_start_date"},
	{"pharmacy_claim", "person_id", "claim_id", "dispensing_date"},
	{"eligibility", "person_id", "", "enrollment_start_date"},
	{"eligibility_span", "patient_id", "", "first_day"},
	{"member_month", "patient_id", "", "month"},
	{"service_month_completeness", "", "", "service_month"},
	{"claim_without_coverage", "", "", ""},
}

// questions are those that have an answer: a patient and a claim are one of the view's, the
// month is in the middle of its rows.
func (v queriedView) questions(ctx context.Context, duck *sql.DB) ([]question, error) {
	all := []question{{"limit", "LIMIT 100"}, {"whole", ""}}
	for _, filter := range []struct{ name, column, pick, where string }{
		{"patient", v.patient, "min(%s)", "WHERE %[1]s = '%[2]s'"},
		{"claim", v.claim, "min(%s)", "WHERE %[1]s = '%[2]s'"},
		{"month", v.month, "CAST(date_trunc('month', quantile_disc(%s, 0.5)) AS DATE)", "WHERE %[1]s >= toDate32('%[2]s') AND %[1]s < addMonths(toDate32('%[2]s'), 1)"},
	} {
		if filter.column == "" {
			continue
		}
		var value sql.NullString
		if err := duck.QueryRowContext(ctx, fmt.Sprintf("SELECT CAST("+filter.pick+" AS VARCHAR) FROM %s", filter.column, v.name)).Scan(&value); err != nil {
			return nil, err
		}
		all = append(all, question{filter.name, fmt.Sprintf(filter.where, filter.column, strings.ReplaceAll(value.String, "'", "''"))})
	}
	return all, nil
}

// inDuckDB are the same words for DuckDB.
var inDuckDB = strings.NewReplacer("toDate32(", "date(", "addMonths(", "date_add(", ", 1)", ", INTERVAL 1 MONTH)")

// querying asks both databases the same of each view: ClickHouse over claimlake's tables as
// they are after a load, DuckDB over the Parquet files of the same lake. Rows are
// read to the end, and their number is compared.
func (o options) querying(ctx context.Context, work string) ([]result, error) {
	lake, err := o.loadPatients(ctx, work)
	if err != nil {
		return nil, err
	}
	duck, err := o.duckViews(ctx, lake)
	if err != nil {
		return nil, err
	}
	defer duck.Close() //nolint:errcheck // nothing is to be kept
	server, err := embedded.Start(ctx, embedded.Options{Dir: filepath.Join(lake, "warehouse"), Reader: "claimlake"})
	if err != nil {
		return nil, err
	}
	results, err := o.queryAll(ctx, server, duck)
	return results, errors.Join(err, server.Close())
}

func (o options) queryAll(ctx context.Context, server *embedded.Server, duck *sql.DB) (results []result, err error) {
	for _, v := range queriedViews {
		questions, err := v.questions(ctx, duck)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", v.name, err)
		}
		for _, q := range questions {
			statement := strings.TrimSpace("SELECT * FROM " + v.name + " " + q.where)
			ours, rows, err := repeated(o.runs, func() (int, error) { return countLines(ctx, server, statement) })
			if err != nil {
				return nil, fmt.Errorf("%s: %w", statement, err)
			}
			theirs, same, err := repeated(0, func() (int, error) { return countRows(ctx, duck, inDuckDB.Replace(statement)) })
			if err != nil {
				return nil, fmt.Errorf("%s: %w", statement, err)
			}
			if rows != same {
				return nil, fmt.Errorf("%s: %d rows, in DuckDB %d", statement, rows, same)
			}
			results = append(results, result{
				Case: fmt.Sprintf("query/%s/%s", v.name, q.name), Value: ours.Seconds() * 1000, Unit: "ms", Ratio: theirs.Seconds() / ours.Seconds(),
				Note: fmt.Sprintf("%d rows of %d patients; DuckDB %.0f ms", rows, o.patients, theirs.Seconds()*1000),
			})
		}
	}
	return results, nil
}

// loadPatients loads synthetic patients into a lake, unless it is there.
func (o options) loadPatients(ctx context.Context, work string) (lake string, err error) {
	data := filepath.Join(o.dir, "patients-"+strconv.Itoa(o.patients))
	lake = filepath.Join(work, "query-"+strconv.Itoa(o.patients), "lake")
	if err := os.RemoveAll(lake); err != nil {
		return "", err
	}
	if _, err := os.Stat(data); err != nil {
		if _, err := measure(ctx, []string{o.claimlake, "demo", "data", "--out", data, "--patients", strconv.Itoa(o.patients)}); err != nil {
			return "", err
		}
	}
	_, err = measure(ctx, []string{o.claimlake, "flatten", data, "--lake", lake})
	return lake, err
}

// duckViews is DuckDB with the views over the lake.
func (o options) duckViews(ctx context.Context, lake string) (*sql.DB, error) {
	script, err := exec.CommandContext(ctx, o.claimlake, "schema", "views", "--duckdb", lake).Output()
	if err != nil {
		return nil, err
	}
	db, err := sql.Open("duckdb", "")
	if err != nil {
		return nil, err
	}
	for statement := range strings.SplitSeq(strings.TrimSuffix(string(script), ";\n"), ";\n") {
		if _, err := db.ExecContext(ctx, statement); err != nil {
			return nil, errors.Join(fmt.Errorf("%.200s: %w", statement, err), db.Close())
		}
	}
	_, err = db.ExecContext(ctx, "SET threads = 2")
	return db, err
}

// repeated is the median of some runs after one to warm up, and the rows that came; without
// runs it is the time of the first.
func repeated(runs int, do func() (int, error)) (time.Duration, int, error) {
	var times []time.Duration
	var rows int
	for range runs + 1 {
		begun := time.Now()
		n, err := do()
		if err != nil {
			return 0, 0, err
		}
		rows = n
		times = append(times, time.Since(begun))
	}
	times = times[min(1, runs):]
	slices.Sort(times)
	return times[len(times)/2], rows, nil
}

// countLines asks ClickHouse by HTTP, as a client does, and counts the lines of the answer.
func countLines(ctx context.Context, server *embedded.Server, statement string) (int, error) {
	ask := url.Values{"database": {"claimlake"}, "default_format": {"TSV"}}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+server.Addr+"/?"+ask.Encode(), strings.NewReader(statement))
	if err != nil {
		return 0, err
	}
	r.SetBasicAuth(server.User, server.Password)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close() //nolint:errcheck // read to its end
	if answer.StatusCode != http.StatusOK {
		text, err := io.ReadAll(answer.Body)
		return 0, errors.Join(err, fmt.Errorf("%s: %.2000s", answer.Status, text))
	}
	var lines lineCounter
	_, err = io.Copy(&lines, answer.Body)
	return int(lines), err
}

// lineCounter counts the lines that are written to it.
type lineCounter int

func (c *lineCounter) Write(p []byte) (int, error) {
	*c += lineCounter(strings.Count(string(p), "\n"))
	return len(p), nil
}

// countRows asks DuckDB and reads all rows.
func countRows(ctx context.Context, db *sql.DB, statement string) (n int, err error) {
	rows, err := db.QueryContext(ctx, statement)
	if err != nil {
		return 0, err
	}
	defer rows.Close() //nolint:errcheck // read only
	for rows.Next() {
		n++
	}
	return n, rows.Err()
}
