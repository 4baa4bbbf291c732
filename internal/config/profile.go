package config

import (
	"maps"
	"slices"

	"github.com/goccy/go-yaml"
)

// profiles are what claimlake.yaml means for a kind of server where it says
// nothing itself. docs/servers.md tells a user the same, and what else to know.
var profiles = map[string]func(*Config){
	"bcda": func(c *Config) {
		c.Source.Auth.Type = "basic"                                             // its token endpoint takes HTTP Basic
		c.Export.Level = "patient"                                               // or group; it has no export of the system
		c.Export.Types = []string{"Patient", "Coverage", "ExplanationOfBenefit"} // it refuses others
		c.Export.Method = "get"                                                  // it has no POST
	},
	"ab2d": func(c *Config) {
		c.Source.Auth.Type = "basic"
		c.Source.Auth.Scopes = []string{"clientCreds"} // its identity provider's, not SMART's
		c.Export.Level = "patient"
		c.Export.Types = []string{"ExplanationOfBenefit"} // it has no others
		c.Export.Method = "get"
		c.Limits.FileRetries = 5        // a file is gone after six downloads
		c.Limits.FileDownloads = 1      // and a part of it may count as one
		c.Limits.ExportDeadline = "30h" // it ends jobs itself by then
	},
	"dpc": func(c *Config) {
		c.Source.Auth.Type = "smart"
		c.Source.Auth.Scopes = []string{"system/*.*"} // the only one it has
		c.Export.Level = "group"                      // the roster of a provider
		c.Export.Types = []string{"Patient", "Coverage", "ExplanationOfBenefit"}
		c.Export.Method = "get"
	},
	"epic": func(c *Config) {
		c.Source.Auth.Type = "smart"
		c.Export.Level = "group"
		c.Export.Method = "get"
		c.Limits.ExportDeadline = "504h" // waits of weeks are seen
		c.Limits.StallDeadline = "0"     // and days at one percentage
	},
	"oracle": func(c *Config) {
		c.Source.Auth.Type = "smart"
		c.Export.Level = "group"
		c.Export.Method = "get" // it takes comma lists, not repeated parameters
	},
	"hapi": func(c *Config) {
		c.Limits.ExportDeadline = "6h"
		c.Limits.StallDeadline = "2h" // a job whose server was killed stays at its percentage for ever
	},
	"smart": func(c *Config) {
		c.Source.Auth.Type = "smart"
		c.Export.SeparateExportStatus = true // tells a failed export from a failed poll; others pass over it
	},
}

// profileNames are the names of all profiles, sorted.
func profileNames() []string { return slices.Sorted(maps.Keys(profiles)) }

// defaults are what src means where it says nothing: Default, and its profile.
// Mistakes in src are left to who reads all of it.
func defaults(src []byte) Config {
	c := Default()
	var named struct {
		Source struct {
			Profile string `yaml:"profile"`
		} `yaml:"source"`
	}
	if yaml.Unmarshal(src, &named) == nil {
		if profile := profiles[named.Source.Profile]; profile != nil {
			profile(&c)
		}
	}
	return c
}
