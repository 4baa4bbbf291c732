package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/claimlake/claimlake/internal/config"
	"github.com/claimlake/claimlake/internal/pipeline"
	"github.com/claimlake/claimlake/load/embedded"
)

// newLake makes a lake in lake that has ClickHouse's tables and views, and no rows. It is
// a copy: making three hundred tables and views takes an engine seconds. That a load makes
// them is for TestDemo and TestWarehouseFill to see.
func newLake(t *testing.T, lake string) string {
	t.Helper()
	needEngine(t)
	made, err := madeLake()
	if err == nil {
		err = os.CopyFS(lake, os.DirFS(made))
	}
	if err != nil {
		t.Fatal(err)
	}
	return lake
}

// needEngine skips a test where there is no libchdb, loudly.
func needEngine(t *testing.T) {
	t.Helper()
	if _, err := embedded.Locate(""); err != nil && os.Getenv("CLAIMLAKE_REQUIRE_LIBCHDB") == "" {
		t.Skipf("NOT TESTED: %v", err)
	}
}

var madeLake = sync.OnceValues(func() (dir string, err error) {
	temp, err := os.MkdirTemp("", "claimlake-test-")
	if err != nil {
		return "", err
	}
	afterTests = append(afterTests, func() { _ = os.RemoveAll(temp) })
	dir = filepath.Join(temp, "lake")
	ctx := context.Background()
	w, err := pipeline.OpenWarehouse(ctx, config.Default().Warehouse, dir)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	plan, err := compile("")
	if err != nil {
		return "", err
	}
	if err := w.Migrate(ctx, plan.Schemas()); err != nil {
		return "", err
	}
	views, err := claimViews()
	if err == nil {
		_, err = w.MakeViews(ctx, views)
	}
	return dir, err
})
