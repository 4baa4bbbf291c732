package setup

import (
	"fmt"
	"os"
	"strings"

	"github.com/claimlake/claimlake/internal/config"
	"github.com/claimlake/claimlake/internal/policy"
)

// Policy gives the policy that the configuration names, and its key; ok is false where
// it has none.
func Policy(c config.Policy) (spec policy.Spec, key []byte, ok bool, err error) {
	spec = policy.Spec{Preset: c.Preset, Labels: c.ExcludeLabels}
	for _, r := range c.Columns {
		spec.Rules = append(spec.Rules, policy.Rule{Match: r.Match, Action: policy.Action(r.Action)})
	}
	if c.ExcludeCodesFile != "" {
		if spec.Codes, err = readCodes(c.ExcludeCodesFile); err != nil {
			return spec, nil, false, fmt.Errorf("%w: policy.exclude_codes_file: %w", policy.ErrPolicy, err)
		}
	}
	for _, f := range c.Flags {
		codes, err := readCodes(f.CodesFile)
		if err != nil {
			return spec, nil, false, fmt.Errorf("%w: policy.flags: %w", policy.ErrPolicy, err)
		}
		spec.Flags = append(spec.Flags, policy.Flag{Label: f.Label, Codes: codes})
	}
	if c.KeyFile != "" || c.KeyEnv != "" {
		text, err := Secret(c.KeyFile, c.KeyEnv)
		if err != nil {
			return spec, nil, false, fmt.Errorf("%w: %w", policy.ErrPolicy, err)
		}
		key = []byte(text)
	}
	ok = spec.Preset != "" || len(spec.Rules)+len(spec.Labels)+len(spec.Codes)+len(spec.Flags) > 0
	return spec, key, ok, nil
}

// readCodes reads a list of codes, one a line; what begins with # is a comment. A list
// without a code is an error: whoever names one wants resources to be found by it.
func readCodes(path string) (codes []string, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			codes = append(codes, line)
		}
	}
	if len(codes) == 0 {
		return nil, fmt.Errorf("%s has no code", path)
	}
	return codes, nil
}
