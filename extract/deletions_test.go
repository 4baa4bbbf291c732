package extract

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

func deletions(t testing.TB, c *Client) (got []Deletion, err error) {
	for d, err := range c.Download(fileOf(base+"/deleted", -1), Start).Deletions(t.Context()) {
		if err != nil {
			return got, err
		}
		got = append(got, d)
	}
	return got, nil
}

func TestDeletions(t *testing.T) {
	entry := func(method, address string) string {
		return fmt.Sprintf(`{"request":{"url":%q,"method":%q},"fullUrl":"x"}`, address, method)
	}
	bundle := func(entries ...string) string {
		return `{"type":"transaction","entry":[` + strings.Join(entries, ",") + `],"resourceType":"Bundle"}` + "\n"
	}
	a, b := Deletion{"Patient", "a"}, Deletion{"Claim", "b.1-2"}
	many := slices.Repeat([]string{entry("DELETE", "Patient/a")}, 5000)
	for name, tc := range map[string]struct {
		body string
		want []Deletion
		err  string
	}{
		"no file content":         {"", nil, ""},
		"an empty bundle":         {`{"resourceType":"Bundle","type":"transaction"}`, nil, ""},
		"one for each bundle":     {bundle(entry("DELETE", "Patient/a")) + bundle(entry("DELETE", "Claim/b.1-2")), []Deletion{a, b}, ""},
		"many in one":             {bundle(many...), slices.Repeat([]Deletion{a}, 5000), ""},
		"absolute, with version":  {bundle(entry("DELETE", "https://h/r4/Patient/a/_history/3")), []Deletion{a}, ""},
		"the same twice":          {bundle(entry("DELETE", "Patient/a"), entry("DELETE", "Patient/a")), []Deletion{a, a}, ""},
		"something else is asked": {bundle(entry("PUT", "Patient/Jane")), nil, "resource 1 is not a Bundle"},
		"a delete by search":      {bundle(entry("DELETE", "Patient?name=Jane")), nil, "resource 1 is not a Bundle"},
		"another resource":        {bundle() + `{"resourceType":"Patient","name":"Jane"}`, nil, "resource 2 is not a Bundle"},
		"not JSON":                {"Jane\n", nil, "resource 1 is not a Bundle"},
		"entries that are none":   {`{"resourceType":"Bundle","entry":{"Jane":1}}`, nil, "resource 1 is not a Bundle"},
		"a list":                  {"[]", nil, "resource 1 is not a Bundle"},
		"the second line cut":     {bundle(entry("DELETE", "Patient/a")) + `{"resourceType":"Bun`, []Deletion{a}, "in the middle of a line"},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, send(200, tc.body), func(t *testing.T, c *Client) {
				got, err := deletions(t, c)
				if !slices.Equal(got, tc.want) || (err == nil) != (tc.err == "") || err != nil && (!strings.Contains(err.Error(), tc.err) || strings.Contains(err.Error(), "Jane")) {
					t.Errorf("%v, %v", got, err)
				}
				if e, ok := errors.AsType[*Error](err); err != nil && (!ok || e.Class != Data) {
					t.Errorf("%v has no class", err)
				}
			})
		})
	}
}

func TestDeletionsMayStop(t *testing.T) {
	bubble(t, send(200, strings.Repeat(`{"resourceType":"Bundle","entry":[{"request":{"method":"DELETE","url":"Patient/a"}},{"request":{"method":"DELETE","url":"Patient/b"}}]}`+"\n", 3)), func(t *testing.T, c *Client) {
		n := 0
		for _, err := range c.Download(fileOf(base+"/deleted", -1), Start).Deletions(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			if n++; n == 3 {
				break
			}
		}
		if n != 3 {
			t.Error(n)
		}
	})
}

func FuzzDeletionReference(f *testing.F) {
	for _, seed := range []string{"Patient/a", "https://h/r4/Patient/a/_history/3", "Patient?name=x", "/", "Patient/"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, reference string) {
		if d, ok := parseDeletion(reference); ok && !strings.Contains(reference, d.Type+"/"+d.ID) {
			t.Errorf("%q became %+v", reference, d)
		}
	})
}

func TestHeadersOfOrganizedFilesAreBlanked(t *testing.T) {
	header := `{"resourceType":"Parameters","parameter":[{"name":"header","valueReference":{"reference":"Patient/1"}}]}`
	claim := `{"resourceType":"Claim","note":"\"Parameters\""}`
	body := header + "\n" + claim + "\n" + header + "\n" + claim
	blank := strings.Repeat(" ", len(header))
	bubble(t, send(200, body), func(t *testing.T, c *Client) {
		f := fileOf(base+"/x", -1)
		f.organized = true
		got, err := content(t, c, f)
		if want := blank + "\n" + claim + "\n" + blank + "\n" + claim; err != nil || got != want {
			t.Errorf("%q, %v", got, err)
		}
		f.organized = false
		if got, err := content(t, c, f); err != nil || got != body {
			t.Errorf("a file that is not organized changed: %q, %v", got, err)
		}
	})
}
