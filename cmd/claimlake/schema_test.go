package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

func TestDataDictionaryIsCurrent(t *testing.T) {
	plan, err := compile("")
	if err != nil {
		t.Fatal(err)
	}
	tables, err := chosen(plan, nil)
	if err != nil {
		t.Fatal(err)
	}
	var want bytes.Buffer
	if err := printMarkdown(&want, tables); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join("..", "..", "docs", "tables.md"))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want.Bytes()) {
		t.Error("docs/tables.md is not what the mappings say: run make docs")
	}
}
