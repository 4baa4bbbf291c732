package transform_test

import (
	"bytes"
	"testing"

	"pgregory.net/rapid"

	"github.com/claimlake/claimlake/transform"
)

// Memory that the pool gave is nobody else's until it is freed, and zero at first.
func TestPoolGivesMemoryOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := transform.NewPool()
		held := map[byte][]byte{} // by what it is filled with
		next := byte(1)
		some := func(t *rapid.T) byte {
			if len(held) == 0 {
				t.Skip("nothing is held")
			}
			return rapid.SampledFrom(keys(held)).Draw(t, "which")
		}
		t.Repeat(map[string]func(*rapid.T){
			"allocate": func(t *rapid.T) {
				b := p.Allocate(rapid.IntRange(1, 5000).Draw(t, "size"))
				if !bytes.Equal(b, make([]byte, len(b))) {
					t.Fatal("what was allocated is not zero")
				}
				held[next] = b
				fill(b, next)
				next++
			},
			"reallocate": func(t *rapid.T) {
				mark := some(t)
				old := len(held[mark])
				b := p.Reallocate(old+rapid.IntRange(0, 5000).Draw(t, "more"), held[mark])
				if !filled(b[:old], mark) {
					t.Fatal("what was reallocated is not the same")
				}
				held[mark] = b
				fill(b, mark)
			},
			"free": func(t *rapid.T) {
				mark := some(t)
				p.Free(held[mark])
				delete(held, mark)
			},
			"": func(t *rapid.T) {
				for mark, b := range held {
					if !filled(b, mark) {
						t.Fatal("what is held was given twice")
					}
				}
			},
		})
	})
}

func keys(held map[byte][]byte) []byte {
	var list []byte
	for b := range 255 {
		if held[byte(b)] != nil {
			list = append(list, byte(b))
		}
	}
	return list
}

func fill(b []byte, with byte) {
	for i := range b {
		b[i] = with
	}
}

func filled(b []byte, with byte) bool { return bytes.Count(b, []byte{with}) == len(b) }
