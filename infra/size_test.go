package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestReportSizes(t *testing.T) {
	folder := func(bytes int64) string {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "file"), nil, 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(filepath.Join(dir, "file"), bytes); err != nil { // sparse
			t.Fatal(err)
		}
		return dir
	}
	for _, tt := range []struct {
		name            string
		function, layer int64
		memoryMB        int
		want            string // in the error; none if empty
	}{
		{"small", 7 << 20, 1 << 20, 128, ""},
		{"at the limit", 50 << 20, 200 << 20, 512, ""},
		{"beyond it", 50 << 20, 200<<20 + 1, 512, "function 50.0 MB and layer 200.0 MB are 250.0 MB unzipped, allowed are 250 MB; fit fewer or smaller trees"},
		{"beyond the memory", 7 << 20, 100 << 20, 128, "MemoryMB is 128, allowed for its 107.0 MB is 171 or more"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			config := environments()[0]
			config.MemoryMB = tt.memoryMB
			assets := Assets{Models: []ModelAssets{{Function: folder(tt.function), Layer: folder(tt.layer), Model: ModelIdentity{Name: "m", Version: "v1"}}}}
			var out bytes.Buffer
			err := reportSizes(&out, config, assets)
			if (err == nil) != (tt.want == "") || (err != nil && !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
			if !strings.Contains(out.String(), "% of Lambda's 250 MB") {
				t.Errorf("printed %q", out.String())
			}
		})
	}
}
