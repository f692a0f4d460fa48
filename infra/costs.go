package main

import (
	"fmt"
	"math"
	"strings"
)

// List prices of us-east-1 in dollars, without taxes: https://aws.amazon.com/pricing. Other regions differ by up to a half.
const (
	lambdaRequestUSD = 0.20 / 1e6
	apiRequestUSD    = 1.00 / 1e6 // up to 300 million a month, 0.90 beyond
	logGBUSD         = 0.50       // taken in
	logStoredGBUSD   = 0.03       // a month, compressed
	traceUSD         = 5.00 / 1e6
	transferGBUSD    = 0.09 // out to the internet
	alarmUSD         = 0.10
	metricUSD        = 0.30
	dashboardUSD     = 3.00
	keyUSD           = 1.00
)

// gbSecondUSD is a second of 1024 MB of a function by its architecture: running, running in provisioned environments, and keeping
// one provisioned.
var gbSecondUSD = map[string]struct{ run, runProvisioned, provisioned float64 }{
	"arm64": {0.0000133334, 0.0000077778, 0.0000033334},
	"amd64": {0.0000166667, 0.0000097222, 0.0000041667},
}

// What a prediction is taken to be: one row a request, its answer computed in microseconds.
const (
	billedMilliseconds = 2.0  // Lambda bills whole ones
	coldStartShare     = 1e-3 // of the requests start an environment, whose INIT is billed
	coldMilliseconds   = 80.0
	logBytes           = 1800.0 // a request: the function's line, Lambda's own three, the access log's
	responseBytes      = 700.0  // with headers
	storedShare        = 0.15   // what compression leaves of a log
	traceShare         = 0.05   // X-Ray's default sampling, beside one a second
	monthSeconds       = 730 * 3600.0
	bytesPerGB         = 1 << 30
)

// charge is one line of a bill: a quantity a month, what of it AWS's free tier covers for ever, and the price of one.
type charge struct {
	name     string
	quantity func(c Config, predictions float64) float64
	free     float64
	usd      func(c Config) float64
}

func flat(usd float64) func(Config) float64 { return func(Config) float64 { return usd } }

// charges are what an environment is billed for.
var charges = []charge{
	{"HTTP API requests", apiRequests, 0, flat(apiRequestUSD)},
	{"Lambda requests", func(_ Config, n float64) float64 { return n }, 1e6, flat(lambdaRequestUSD)},
	{"Lambda time, GB-seconds", gbSeconds, 400_000, func(c Config) float64 { return c.millisecondUSD() * 1000 / c.gigabytes() }},
	{"provisioned concurrency, GB-seconds", provisionedGBSeconds, 0, func(c Config) float64 { return gbSecondUSD[c.Architecture].provisioned }},
	{"logs taken in, GB", logGB, 5, flat(logGBUSD)},
	{"logs kept, GB", storedGB, 0, flat(logStoredGBUSD)},
	{"traces", traces, 100_000, flat(traceUSD)},
	{"answers out, GB", func(_ Config, n float64) float64 { return n * responseBytes / bytesPerGB }, 100, flat(transferGBUSD)},
	{"alarms", func(c Config, _ float64) float64 { return float64(alarmCount(c)) }, 10, flat(alarmUSD)},
	{"custom metrics", func(c Config, _ float64) float64 { return float64(customMetricCount(c)) }, 10, flat(metricUSD)},
	{"keys", keys, 0, flat(keyUSD)},
	{"dashboards", func(Config, float64) float64 { return dashboardCount }, 3, flat(dashboardUSD)},
}

// dashboardCount is the number of dashboards of a stack.
const dashboardCount = 1

// customMetricCount is the number of metrics that the environment's functions and hooks write.
func customMetricCount(c Config) int {
	of := 5 // rows, latency, client errors, server errors, cold starts
	if c.hasCodeDeploy() {
		of++ // golden mismatches
	}
	return of * max(1, len(c.Models))
}

func keys(c Config, _ float64) float64 {
	if c.CustomerKey {
		return 1
	}
	return 0
}

func (c Config) gigabytes() float64 { return float64(c.MemoryMB) / 1024 }

// millisecondUSD is the price of a millisecond of the function.
func (c Config) millisecondUSD() float64 {
	price := gbSecondUSD[c.Architecture]
	second := price.run
	if c.ProvisionedConcurrency != nil {
		second = price.runProvisioned
	}
	return second * c.gigabytes() / 1000
}

func apiRequests(c Config, n float64) float64 {
	if c.Front == FrontFunctionURL {
		return 0
	}
	return n
}

func gbSeconds(c Config, n float64) float64 {
	return n * (billedMilliseconds + coldStartShare*coldMilliseconds) / 1000 * c.gigabytes()
}

func provisionedGBSeconds(c Config, _ float64) float64 {
	if c.ProvisionedConcurrency == nil {
		return 0
	}
	return float64(c.ProvisionedConcurrency.Min*max(1, len(c.Models))) * monthSeconds * c.gigabytes()
}

func logGB(_ Config, n float64) float64 { return n * logBytes / bytesPerGB }

func storedGB(c Config, n float64) float64 {
	return logGB(c, n) * storedShare * float64(c.LogRetentionDays) / 30
}

func traces(_ Config, n float64) float64 { return math.Min(n, monthSeconds+n*traceShare) }

// volumes are the predictions a month of the table's columns.
var volumes = []struct {
	name        string
	predictions float64
}{{"10 thousand", 1e4}, {"1 million", 1e6}, {"100 million", 1e8}}

// costs is the table of docs/operations.md: for each environment what a month costs by the number of predictions, line by line.
func costs(configs []Config) string {
	var out strings.Builder
	for _, config := range configs {
		fmt.Fprintf(&out, "| %s: USD a month |", config.Name)
		for _, v := range volumes {
			fmt.Fprintf(&out, " %s |", v.name)
		}
		out.WriteString("\n| --- |" + strings.Repeat(" ---: |", len(volumes)) + "\n")
		total, free := make([]float64, len(volumes)), make([]float64, len(volumes))
		for _, charge := range charges {
			row, any := "", false
			for i, v := range volumes {
				quantity, usd := charge.quantity(config, v.predictions), charge.usd(config)
				total[i] += quantity * usd
				free[i] += max(0, quantity-charge.free) * usd
				row += " " + dollars(quantity*usd) + " |"
				any = any || quantity > 0
			}
			if any {
				fmt.Fprintf(&out, "| %s |%s\n", charge.name, row)
			}
		}
		fmt.Fprintf(&out, "| **total** |%s\n| **total after the free tier** |%s\n\n", bold(total), bold(free))
	}
	return out.String()
}

func bold(amounts []float64) string {
	var row strings.Builder
	for _, usd := range amounts {
		row.WriteString(" **" + dollars(usd) + "** |")
	}
	return row.String()
}

func dollars(usd float64) string { return fmt.Sprintf("%.2f", usd) }
