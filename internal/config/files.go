package config

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"

	"github.com/claimlake/claimlake/extract/smart"
	"github.com/claimlake/claimlake/internal/seal"
	"github.com/claimlake/claimlake/internal/transport"
)

// CheckFiles looks at the files that a configuration names: each must be there, be a file
// that can be read and hold what it is named for, such as a key, and those with secrets
// must be the owner's alone. It asks no server. The error lists all, as Load's does, and
// quotes none.
func CheckFiles(path string) error {
	c, doc, problems, err := readFile(path)
	if err != nil {
		return err
	}
	return invalid(append(problems, doc.place(checkFiles(c))...))
}

// named is a file that a configuration names.
type named struct {
	key, path string
	secret    bool
	holds     func(path string) error // says what is wrong with its content; nil: it may be anything
}

// checkFiles lists what is wrong with the files that c names.
func checkFiles(c Config) (m []mistake) {
	readable := map[string]bool{}
	for _, f := range files(c) {
		if f.path == "" {
			continue
		}
		text := f.look()
		if readable[f.path] = text == ""; readable[f.path] && f.holds != nil {
			if err := f.holds(f.path); err != nil {
				text = err.Error()
			}
		}
		if text != "" {
			m = append(m, mistake{f.key, text})
		}
	}
	for of, t := range map[string]TLS{"source": c.Source.TLS, "warehouse": c.Warehouse.TLS} {
		if t.CertFile == "" || t.KeyFile == "" || !readable[t.CertFile] || !readable[t.KeyFile] {
			continue
		}
		if _, err := transport.TLS(transport.Options{CertFile: t.CertFile, KeyFile: t.KeyFile}); err != nil {
			m = append(m, mistake{of + ".tls.key_file", err.Error()})
		}
	}
	return m
}

// files are those that c names.
func files(c Config) []named {
	a, w, s, p := c.Source.Auth, c.Warehouse, c.Seal, c.Policy
	list := []named{
		{"source.auth.key_file", a.KeyFile, true, signingKey(a)},
		{"source.auth.secret_file", a.SecretFile, true, notEmpty},
		{"source.tls.ca_file", c.Source.TLS.CAFile, false, authorities},
		{"source.tls.cert_file", c.Source.TLS.CertFile, false, nil},
		{"source.tls.key_file", c.Source.TLS.KeyFile, true, nil},
		{"warehouse.tls.ca_file", w.TLS.CAFile, false, authorities},
		{"warehouse.tls.cert_file", w.TLS.CertFile, false, nil},
		{"warehouse.tls.key_file", w.TLS.KeyFile, true, nil},
		{"warehouse.password_file", w.PasswordFile, true, nil},
		{"warehouse.read_password_file", w.ReadPasswordFile, true, nil},
		{"seal.key_file", s.KeyFile, true, keySet(s)},
		{"seal.kms_token_file", s.KMSTokenFile, true, notEmpty},
		{"seal.kms_ca_file", s.KMSCAFile, false, authorities},
		{"policy.key_file", p.KeyFile, true, notEmpty},
		{"policy.exclude_codes_file", p.ExcludeCodesFile, false, notEmpty},
		{"traces.secret_file", c.Traces.SecretFile, true, notEmpty},
		{"traces.ca_file", c.Traces.CAFile, false, authorities},
	}
	for i, f := range p.Flags {
		list = append(list, named{fmt.Sprintf("policy.flags[%d].codes_file", i), f.CodesFile, false, notEmpty})
	}
	for i, h := range c.OnPromote {
		list = append(list,
			named{fmt.Sprintf("on_promote[%d].secret_file", i), h.SecretFile, true, notEmpty},
			named{fmt.Sprintf("on_promote[%d].ca_file", i), h.CAFile, false, authorities})
	}
	return list
}

// look says why a file cannot be used, whatever it holds; "" for no reason.
func (f named) look() string {
	st, err := os.Stat(f.path)
	switch {
	case os.IsNotExist(err):
		return "there is no " + f.path
	case err != nil:
		return f.path + " cannot be read"
	case st.IsDir():
		return f.path + " is a folder"
	case f.secret && st.Mode().Perm()&0o077 != 0 && runtime.GOOS != "windows":
		return fmt.Sprintf("others may read or change %s, and it holds a secret: chmod 600 %s", f.path, f.path)
	}
	opened, err := os.Open(f.path)
	if err != nil {
		return f.path + " may not be read by this user"
	}
	_ = opened.Close() // nothing was written
	return ""
}

// signingKey checks the key that signs assertions; nil where none does.
func signingKey(a Auth) func(string) error {
	if a.Type != "smart" {
		return nil
	}
	return func(path string) error {
		_, err := smart.LoadKey(path, a.KeyID)
		return err
	}
}

// keySet checks a key set that seals. What a KMS has encrypted only that can read.
func keySet(s Seal) func(string) error {
	return func(path string) error {
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if s.KMS == "" {
			_, err = seal.Parse(text, nil)
		} else if len(strings.TrimSpace(string(text))) == 0 {
			err = errEmpty
		}
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		return nil
	}
}

// authorities checks a file of certificate authorities.
func authorities(path string) error {
	_, err := transport.TLS(transport.Options{CAFile: path})
	return err
}

var errEmpty = errors.New("there is nothing in it")

func notEmpty(path string) error {
	text, err := os.ReadFile(path)
	if err == nil && len(strings.TrimSpace(string(text))) == 0 {
		err = fmt.Errorf("%s: %w", path, errEmpty)
	}
	return err
}
