package config

import (
	"fmt"
	"os"
	"runtime"
)

// CheckFiles looks at the files that a configuration names: each must be there and be a
// file that can be read, and those with secrets must be the owner's alone. It reads none.
// The error lists all, as Load's does.
func CheckFiles(path string) error {
	c, doc, problems, err := readFile(path)
	if err != nil {
		return err
	}
	return invalid(append(problems, doc.place(checkFiles(c))...))
}

// checkFiles lists what is wrong with the files that c names.
func checkFiles(c Config) (m []mistake) {
	look := func(key, file string, secret bool) {
		if file == "" {
			return
		}
		st, err := os.Stat(file)
		switch {
		case os.IsNotExist(err):
			m = append(m, mistake{key, "there is no " + file})
		case err != nil:
			m = append(m, mistake{key, file + " cannot be read"})
		case st.IsDir():
			m = append(m, mistake{key, file + " is a folder"})
		case secret && st.Mode().Perm()&0o077 != 0 && runtime.GOOS != "windows":
			m = append(m, mistake{key, fmt.Sprintf("others may read or change %s, and it holds a secret: chmod 600 %s", file, file)})
		default:
			f, err := os.Open(file)
			if err != nil {
				m = append(m, mistake{key, file + " may not be read by this user"})
				return
			}
			_ = f.Close() // nothing was written
		}
	}
	a, w, s, p := c.Source.Auth, c.Warehouse, c.Seal, c.Policy
	look("source.auth.key_file", a.KeyFile, true)
	look("source.auth.secret_file", a.SecretFile, true)
	for _, t := range []struct {
		of string
		TLS
	}{{"source", c.Source.TLS}, {"warehouse", w.TLS}} {
		look(t.of+".tls.ca_file", t.CAFile, false)
		look(t.of+".tls.cert_file", t.CertFile, false)
		look(t.of+".tls.key_file", t.KeyFile, true)
	}
	look("warehouse.password_file", w.PasswordFile, true)
	look("warehouse.read_password_file", w.ReadPasswordFile, true)
	look("seal.key_file", s.KeyFile, true)
	look("seal.kms_token_file", s.KMSTokenFile, true)
	look("seal.kms_ca_file", s.KMSCAFile, false)
	look("policy.key_file", p.KeyFile, true)
	look("policy.exclude_codes_file", p.ExcludeCodesFile, false)
	for i, f := range p.Flags {
		look(fmt.Sprintf("policy.flags[%d].codes_file", i), f.CodesFile, false)
	}
	look("traces.secret_file", c.Traces.SecretFile, true)
	look("traces.ca_file", c.Traces.CAFile, false)
	for i, h := range c.OnPromote {
		look(fmt.Sprintf("on_promote[%d].secret_file", i), h.SecretFile, true)
		look(fmt.Sprintf("on_promote[%d].ca_file", i), h.CAFile, false)
	}
	return m
}
