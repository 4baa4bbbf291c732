package main

import (
	"os"
	"testing"

	"github.com/claimlake/claimlake/load/embedded"
)

func TestMain(m *testing.M) {
	embedded.Child() // the test's program is the engine's process too
	os.Exit(m.Run())
}
