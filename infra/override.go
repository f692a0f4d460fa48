package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
)

// overrideFrom sets the fields that a JSON file names, as Config spells them: {"MemoryMB": 1024, "Alarms": {"Email": "…"}}. Structs
// and Tags are merged, lists replaced. "" is no file.
func (c *Config) overrideFrom(path string) error {
	if path == "" {
		return nil
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("-c config: %w", err)
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(data, &fields); err != nil {
		return fmt.Errorf("-c config: %s: %w; allowed is one JSON object of fields of Config (infra/config.go)", path, err)
	}
	if fields == nil {
		return fmt.Errorf("-c config: %s holds null; allowed is one JSON object of fields of Config (infra/config.go)", path)
	}
	for name := range fields {
		if strings.EqualFold(name, "Models") {
			c.Models = nil // or encoding/json would merge a new element with the old one in its place
		}
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(c); err != nil {
		return fmt.Errorf("-c config: %s: %w (infra/config.go has the fields)", path, err)
	}
	return nil
}
