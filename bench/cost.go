package main

import (
	"fmt"
	"math"
)

// Prices of Lambda on arm64 in us-east-1, in US dollars, and the assumptions of the estimate.
const (
	priceGBSecond    = 0.0000133334
	priceMillion     = 0.20 // requests
	invocationMs     = 1.0  // of the runtime's loop and of JSON, before any model
	coldShare        = 0.01 // of the invocations
	costMemoryMB     = 512
	millisecondsCost = priceGBSecond / 1000 * costMemoryMB / 1024
)

// CostAssumptions is what the estimate is made of.
func (r *report) CostAssumptions() string {
	return fmt.Sprintf("%d MB of memory, %.2f of a CPU; $%.10f a GB-second, $%.2f a million requests, billed by the millisecond, rounded up; %g ms for the runtime's loop; %g %% cold starts, "+
		"whose INIT is billed. Times are those above, divided by the share of a CPU. An estimate: nothing here ran on AWS. API Gateway costs the same for both and is left out.",
		costMemoryMB, share, priceGBSecond, priceMillion, invocationMs, 100*coldShare)
}

// CostTable compares with scikit-learn.
func (r *report) CostTable() string {
	var lines [][]string
	for _, model := range models {
		ours := cost(r.Figures["sklambda row "+model], r.Figures["sklambda start "+model])
		theirs := cost(r.Figures["scikit-learn row "+model], r.Figures["scikit-learn start "+model])
		lines = append(lines, []string{model, fmt.Sprintf("$%.2f", ours), fmt.Sprintf("$%.2f", theirs), times(theirs / ours)})
	}
	all := &report{Tables: map[string]string{}}
	all.table("", []string{"model", "sklambda", "Python + scikit-learn", "ratio"}, lines)
	return all.Tables[""]
}

// cost is dollars a million predictions, of a row's µs and a start's ms on a whole CPU.
func cost(row, start float64) float64 {
	warm := math.Ceil(invocationMs + row/1000/share)
	return priceMillion + 1e6*millisecondsCost*(warm+coldShare*math.Ceil(start/share))
}
