package config

import (
	"fmt"
	"net/url"
	"regexp"
)

// Hook is a system that is told when readers see a run.
type Hook struct {
	Name       string   `yaml:"name"`
	URL        string   `yaml:"url"`         // posted to, or
	Command    []string `yaml:"command"`     // program and arguments that get the message; no shell
	SecretFile string   `yaml:"secret_file"` // signs what is posted
	SecretEnv  string   `yaml:"secret_env"`
	CAFile     string   `yaml:"ca_file"` // PEM; trusted in addition to the system's authorities
}

var hookName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

func checkHooks(hooks []Hook) (m []mistake) {
	names := map[string]bool{}
	for i, h := range hooks {
		key := func(name string) string { return fmt.Sprintf("on_promote[%d].%s", i, name) }
		if !hookName.MatchString(h.Name) || names[h.Name] {
			m = append(m, mistake{key("name"), "want a name of its own, of letters, digits, _ and -"})
		}
		names[h.Name] = true
		if (h.URL == "") == (len(h.Command) == 0) {
			m = append(m, mistake{key("name"), "give a url or a command"})
		}
		if h.URL != "" && !isURL(h.URL) {
			m = append(m, mistake{key("url"), "want a URL, such as https://claims.example.org/loaded"})
		}
		if h.SecretFile != "" && h.SecretEnv != "" {
			m = append(m, mistake{key("secret_env"), "give secret_file or secret_env, not both"})
		}
	}
	return m
}

func isURL(text string) bool {
	u, err := url.Parse(text)
	return err == nil && u.Host != "" && (u.Scheme == "https" || u.Scheme == "http")
}

func checkTraces(t Traces) (m []mistake) {
	if t.URL != "" && !isURL(t.URL) {
		m = append(m, mistake{"traces.url", "want a URL, such as https://collector.example.org:4318/v1/traces"})
	}
	if t.SecretFile != "" && t.SecretEnv != "" {
		m = append(m, mistake{"traces.secret_env", "give secret_file or secret_env, not both"})
	}
	return m
}
