package main

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestCostsInDocs holds the table of docs/operations.md to the command that makes it.
func TestCostsInDocs(t *testing.T) {
	const path, begin, end = "../docs/operations.md", "<!-- go run ./infra costs -->\n", "<!-- end of costs -->"
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(data), begin)
	table, after, closed := strings.Cut(rest, end)
	if !found || !closed {
		t.Fatalf("%s has no %q … %q", path, begin, end)
	}
	want := costs(environments())
	if *update {
		table = want
		if err := os.WriteFile(path, []byte(before+begin+want+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(want, table); diff != "" {
		t.Errorf("%s is not what go run ./infra costs prints; go test ./infra -run Costs -update writes it anew (-want +got):\n%s", path, diff)
	}
}

// Figures worked out by hand from AWS's price list.
func TestCharges(t *testing.T) {
	dev := environments()[0]
	provisioned := dev
	provisioned.ProvisionedConcurrency = &ProvisionedConcurrency{Min: 2}
	url := dev
	functionURL(&url)
	for _, tt := range []struct {
		name        string
		config      Config
		charge      string
		predictions float64
		want        string // USD
	}{
		{"a million requests", dev, "Lambda requests", 1e6, "0.20"},
		{"a million through the API", dev, "HTTP API requests", 1e6, "1.00"},
		{"no API", url, "HTTP API requests", 1e6, "0.00"},
		{"100 M times 2.08 ms of 512 MB", dev, "Lambda time, GB-seconds", 1e8, "1.39"},
		{"two environments of 512 MB for 730 hours", provisioned, "provisioned concurrency, GB-seconds", 0, "8.76"},
		{"four alarms", dev, "alarms", 0, "0.40"},
		{"a trace a second and 5 %", dev, "traces", 1e8, "38.14"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, charge := range charges {
				if charge.name == tt.charge {
					if got := dollars(charge.quantity(tt.config, tt.predictions) * charge.usd(tt.config)); got != tt.want {
						t.Errorf("got %s, want %s", got, tt.want)
					}
					return
				}
			}
			t.Errorf("no charge %q", tt.charge)
		})
	}
}
