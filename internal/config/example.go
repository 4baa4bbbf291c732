package config

import _ "embed"

// Example is a claimlake.yaml with every key, its default and its meaning; it
// is what `claimlake config init` writes.
//
//go:embed example.yaml
var Example string
