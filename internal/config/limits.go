package config

import "time"

// Limits bound what a run uses.
type Limits struct {
	Workers           int     `yaml:"workers"`             // pages flattened at once; 0: one a core
	Downloads         int     `yaml:"downloads"`           // files downloaded at once; also connections for that to one host
	FileDownloads     int     `yaml:"file_downloads"`      // of them parts of one large file
	RequestsPerSecond float64 `yaml:"requests_per_second"` // 0: as many as it takes
	FileRetries       int     `yaml:"file_retries"`        // repetitions for one file or request
	RunRetries        int     `yaml:"run_retries"`         // repetitions in all
	IdleTimeout       string  `yaml:"idle_timeout"`        // without a byte, such as "2m"; see Idle
	ExportDeadline    string  `yaml:"export_deadline"`     // from kick-off to manifest, such as "24h"; more where past ones took a third of it; see Deadline
	StallDeadline     string  `yaml:"stall_deadline"`      // that an export may stand still at one percentage; "0" for as long as it likes; see Stall
}

// Deadline is ExportDeadline as a time span. A checked configuration has one.
func (l Limits) Deadline() (time.Duration, error) { return time.ParseDuration(l.ExportDeadline) }

// Stall is StallDeadline as a time span. A checked configuration has one.
func (l Limits) Stall() (time.Duration, error) { return time.ParseDuration(l.StallDeadline) }

// Idle is IdleTimeout as a time span. A checked configuration has one.
func (l Limits) Idle() (time.Duration, error) { return time.ParseDuration(l.IdleTimeout) }
