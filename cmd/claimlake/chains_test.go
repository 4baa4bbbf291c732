package main

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/claimlake/claimlake/internal/claimtest"
)

// histories is how many histories of claims are drawn; CLAIMLAKE_SOAK=1 asks for many.
func histories() int {
	if os.Getenv("CLAIMLAKE_SOAK") != "" {
		return 10_000
	}
	return 500
}

// Whatever comes of a claim, named in whatever way and in whatever order, what counts is
// what docs/views.md says; and whatever a claim says of its money, and where, its lines
// add up to it.
func TestDrawnClaimsCount(t *testing.T) {
	n, from := histories(), seed(t)
	drawn, statements := claimtest.Draw(from, n), claimtest.DrawStatements(from, n)
	dir := t.TempDir()
	lake := filepath.Join(dir, "lake")
	load := func(run int, source, lines string) {
		in := put(t, filepath.Join(dir, "in", fmt.Sprint(run), source+".ndjson"), lines)
		if code, out, problems := command(t, "flatten", in, "--lake", lake, "--source", source); code != exitDone {
			t.Fatalf("exit %d: %s%s", code, out, problems)
		}
	}
	for run := range claimtest.Runs {
		for source, lines := range claimtest.Lines(drawn, run) {
			load(run, source, lines)
		}
	}
	var lines strings.Builder
	for _, s := range statements {
		lines.WriteString(s.Line())
	}
	load(0, "money", lines.String())
	served := serveLake(t, lake) // an engine for all of them
	ask := func(sql string) [][]string {
		code, out, problems := command(t, "query", sql, "--config", served, "--format", "csv")
		rows, err := csv.NewReader(strings.NewReader(out)).ReadAll()
		if code != exitDone || err != nil {
			t.Fatalf("exit %d: %s %v", code, problems, err)
		}
		return slices.Clone(rows[1:])
	}
	claimtest.Compare(t, drawn, ask(claimtest.CountsSQL))
	ofLines, ofBalance := claimtest.MoneySQL("money")
	claimtest.CompareMoney(t, statements, ask(ofLines), ask(ofBalance))
}

// seed is of the draw; CLAIMLAKE_SEED gives the one of a test that failed.
func seed(t *testing.T) (n uint64) {
	n = uint64(os.Getpid())
	if given := os.Getenv("CLAIMLAKE_SEED"); given != "" {
		if _, err := fmt.Sscan(given, &n); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("CLAIMLAKE_SEED=%d draws the same", n)
	return n
}
