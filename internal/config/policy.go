package config

import (
	"slices"
	"strings"
)

// Policy is what becomes of rows before they are loaded, and what may be asked for.
type Policy struct {
	Preset  string       `yaml:"preset"`   // safe-harbor, or "" for none
	KeyFile string       `yaml:"key_file"` // secret for pseudonyms and shifts, as claimlake policy keygen makes it, mode 0600
	KeyEnv  string       `yaml:"key_env"`  // environment variable that holds it instead
	Columns []PolicyRule `yaml:"columns"`  // the first that matches a column counts, those of the preset last

	ExcludeLabels    []string `yaml:"exclude_labels"`     // codes of meta.security whose resources are left out
	ExcludeCodesFile string   `yaml:"exclude_codes_file"` // a code, or system|code, a line: resources with one are left out

	Flags []PolicyFlag `yaml:"flags"` // labels for resources with some codes

	Sources         []string `yaml:"sources"`          // names of sources that may be loaded; none: all
	Hosts           []string `yaml:"hosts"`            // hosts that may be asked; none: all
	RequireElements bool     `yaml:"require_elements"` // exports must ask for some elements only
}

// PolicyFlag is a label that resources get in their column security_codes.
type PolicyFlag struct {
	Label     string `yaml:"label"`      // such as 42CFRPart2
	CodesFile string `yaml:"codes_file"` // a code, or system|code, a line: resources with one get the label
}

// PolicyRule says what becomes of columns.
type PolicyRule struct {
	Match  []string `yaml:"match"`  // such as patient.*_name, or *_display for all tables
	Action string   `yaml:"action"` // keep, drop, pseudonymise, shift, year, birth-year, zip3 or age
}

func checkPolicy(c Config) (m []mistake) {
	p := c.Policy
	if p.KeyFile != "" && p.KeyEnv != "" {
		m = append(m, mistake{"policy.key_env", "give key_file or key_env, not both"})
	}
	for _, flag := range p.Flags {
		if flag.Label == "" || flag.CodesFile == "" {
			m = append(m, mistake{"policy.flags", "each needs a label and a codes_file"})
		}
	}
	if len(p.Sources) > 0 && !slices.Contains(p.Sources, c.Source.Name) {
		m = append(m, mistake{"policy.sources", "source.name is not among the sources that the policy allows"})
	}
	for _, host := range c.Source.Hosts() {
		if len(p.Hosts) > 0 && !slices.Contains(p.Hosts, host) {
			m = append(m, mistake{"policy.hosts", host + " is not among the hosts that the policy allows: " + strings.Join(p.Hosts, ", ")})
		}
	}
	if p.RequireElements && len(c.Export.Elements) == 0 {
		m = append(m, mistake{"policy.require_elements", "export.elements must say what is needed; from-mappings asks for what becomes a column"})
	}
	return m
}
