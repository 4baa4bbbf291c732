package config

import (
	"errors"
	"time"
)

// Checks says when a sync is loaded and not shown to readers.
type Checks struct {
	MaxRejected   float64 `yaml:"max_rejected"`   // share of a type's lines that may be unusable; 0: any
	MaxDrop       float64 `yaml:"max_drop"`       // share of a type's usual lines that a full sync may lack; 0: any
	MaxShort      float64 `yaml:"max_short"`      // share of the lines that the server announced of a file that may not come; 0: none
	MaxUnbalanced float64 `yaml:"max_unbalanced"` // share of a source's claims whose lines and headers may say different sums before a run warns
	SecondAttempt string  `yaml:"second_attempt"` // never, or the wait before a second export, such as 30m; see Second
	ClockSkew     string  `yaml:"clock_skew"`     // by which the server's clock may be ahead of this machine's; see Skew
}

// Second is SecondAttempt as a time span; 0 is never. A checked configuration has one.
func (c Checks) Second() (time.Duration, error) {
	if c.SecondAttempt == "never" {
		return 0, nil
	}
	wait, err := time.ParseDuration(c.SecondAttempt)
	if err != nil || wait <= 0 {
		return 0, errors.New("want never, or a time such as 30m")
	}
	return wait, nil
}

// Skew is ClockSkew as a time span. A checked configuration has one.
func (c Checks) Skew() (time.Duration, error) {
	skew, err := time.ParseDuration(c.ClockSkew)
	if err != nil || skew <= 0 || skew > 24*time.Hour {
		return 0, errors.New("want a time such as 5m, of a day at most")
	}
	return skew, nil
}

func checkSeal(s Seal) (m []mistake) {
	if s.KeyFile != "" && s.KeyEnv != "" {
		m = append(m, mistake{"seal.key_env", "give key_file or key_env, not both"})
	}
	if s.KMSTokenFile != "" && s.KMSTokenEnv != "" {
		m = append(m, mistake{"seal.kms_token_env", "give kms_token_file or kms_token_env, not both"})
	}
	if s.KMS != "" && s.KMSTokenFile+s.KMSTokenEnv == "" {
		m = append(m, mistake{"seal.kms_token_file", "needed with kms"})
	}
	return m
}

func checkAudit(a Audit) (m []mistake) {
	if a.KeepYears < 6 {
		m = append(m, mistake{"audit.keep_years", "want 6 or more: HIPAA wants six years (45 CFR 164.316)"})
	}
	return m
}

func checkChecks(c Checks) (m []mistake) {
	if !(c.MaxRejected >= 0 && c.MaxRejected <= 1) {
		m = append(m, mistake{"checks.max_rejected", "want a share from 0 (no limit) to 1"})
	}
	if !(c.MaxDrop >= 0 && c.MaxDrop <= 1) {
		m = append(m, mistake{"checks.max_drop", "want a share from 0 (no limit) to 1"})
	}
	if !(c.MaxShort >= 0 && c.MaxShort <= 1) {
		m = append(m, mistake{"checks.max_short", "want a share from 0 (none) to 1 (counts of the server mean nothing)"})
	}
	if !(c.MaxUnbalanced >= 0 && c.MaxUnbalanced <= 1) {
		m = append(m, mistake{"checks.max_unbalanced", "want a share from 0 to 1"})
	}
	if _, err := c.Second(); err != nil {
		m = append(m, mistake{"checks.second_attempt", err.Error()})
	}
	if _, err := c.Skew(); err != nil {
		m = append(m, mistake{"checks.clock_skew", err.Error()})
	}
	return m
}
