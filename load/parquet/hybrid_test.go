package parquet

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/parquet-go/parquet-go/encoding/rle"
	"pgregory.net/rapid"
)

// What is written is what parquet-go reads, in hardly more bytes than it writes itself.
func TestHybridIsRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		width := rapid.IntRange(1, 32).Draw(t, "width")
		most := int32(min(1<<width-1, 1<<31-1))
		var list []int32
		for range rapid.IntRange(1, 60).Draw(t, "runs") {
			v, n := rapid.Int32Range(0, most).Draw(t, "value"), rapid.SampledFrom([]int{1, 1, 1, 2, 3, 7, 8, 9, 19, 100}).Draw(t, "times")
			list = append(list, slices.Repeat([]int32{v}, n)...)
		}
		checkHybrid(t, list, width)
	})
}

func checkHybrid(t rapid.TB, list []int32, width int) {
	t.Helper()
	got := appendHybrid([]byte("before"), list, width)[6:]
	e := &rle.Encoding{BitWidth: width}
	back, err := e.DecodeInt32(nil, got)
	if err != nil || len(back) < len(list) || !slices.Equal(back[:len(list)], list) {
		t.Fatalf("width %d, %v: read %v, %v", width, list, back, err)
	}
	theirs, err := e.EncodeInt32(nil, list)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) > len(theirs)+width+2 { // the last group may be a full one
		t.Errorf("width %d: %d bytes, parquet-go takes %d: %v", width, len(got), len(theirs), list)
	}
}

// The rows of child tables are what it is for.
func TestHybridMakesRunsOfAnyLengthShort(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var list []int32
	for line := range int32(10_000) {
		list = append(list, slices.Repeat([]int32{line}, 10+r.IntN(20))...)
	}
	checkHybrid(t, list, 14)
	theirs, err := (&rle.Encoding{BitWidth: 14}).EncodeInt32(nil, list)
	if err != nil {
		t.Fatal(err)
	}
	if got := len(appendHybrid(nil, list, 14)); 3*got > len(theirs) {
		t.Errorf("%d bytes, parquet-go takes %d", got, len(theirs))
	}
}
