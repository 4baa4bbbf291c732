package config

import "time"

// Export is what to ask for: the parameters of Bulk Data's kick-off request.
type Export struct {
	Mode                  string      `yaml:"mode"`  // export, search or publish
	Level                 string      `yaml:"level"` // system, patient or group
	Group                 string      `yaml:"group"` // id, with level group
	Types                 []string    `yaml:"types"` // default: those that have a mapping
	Since                 time.Time   `yaml:"since"`
	Until                 time.Time   `yaml:"until"`
	Elements              Elements    `yaml:"elements"`
	TypeFilters           []string    `yaml:"type_filters"`
	Patients              []string    `yaml:"patients"` // ids; not at system level
	IncludeAssociatedData []string    `yaml:"include_associated_data"`
	OrganizeOutputBy      string      `yaml:"organize_output_by"` // a resource type
	AllowPartialManifests bool        `yaml:"allow_partial_manifests"`
	OutputFormat          string      `yaml:"output_format"`
	MinimumFileSize       int64       `yaml:"minimum_file_size"` // bytes; 0 for not asked
	MaximumFileSize       int64       `yaml:"maximum_file_size"`
	Custom                []Parameter `yaml:"custom"`
	Method                string      `yaml:"method"`  // auto, get or post
	Lenient               bool        `yaml:"lenient"` // Prefer: handling=lenient
	SeparateExportStatus  bool        `yaml:"separate_export_status"`
	FullEvery             string      `yaml:"full_every"` // never, or days such as 30d; see Full
}

// Full is FullEvery as a time span; 0 is never. A checked configuration has one.
func (e Export) Full() (time.Duration, error) {
	if e.FullEvery == "never" {
		return 0, nil
	}
	return days(e.FullEvery)
}

// Whole reports whether an export since ever is all that the server has of its types.
func (e Export) Whole() bool {
	return e.Since.IsZero() && e.Until.IsZero() && len(e.Elements) == 0 && len(e.TypeFilters) == 0 && len(e.Patients) == 0 && len(e.Custom) == 0
}

// Parameter is a kick-off parameter that only some servers know.
type Parameter struct {
	Name  string `yaml:"name"`
	Value string `yaml:"value"`
}

// fromMappings stands for the elements that the mappings take.
const fromMappings = "from-mappings"

// Elements are names such as item or Claim.item, or the word from-mappings.
type Elements []string

// FromMappings reports whether the mappings say which elements to ask for.
func (e Elements) FromMappings() bool { return len(e) == 1 && e[0] == fromMappings }

// UnmarshalYAML reads the word from-mappings or a list.
func (e *Elements) UnmarshalYAML(decode func(any) error) error {
	var word string
	if decode(&word) == nil {
		*e = Elements{word}
		return nil
	}
	var names []string
	err := decode(&names)
	*e = names
	return err
}
