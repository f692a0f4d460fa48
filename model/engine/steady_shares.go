package engine

import (
	"fmt"
	"math"
)

// SteadyShares marks a row Unstable where rounding errors of logarithms may move their shares p, a softmax, by more than Bound: where p·(1 - p)·Unit times the largest
// logarithm, a relative error of Unit in it, is larger.
type SteadyShares struct {
	Logs   Span     `json:"logs"`
	Shares Span     `json:"shares"`
	Unit   Number64 `json:"unit"`
	Bound  Number64 `json:"bound"`
}

// Kind is "steady_shares".
func (*SteadyShares) Kind() string { return "steady_shares" }

func (t *SteadyShares) check(f *frame) error {
	if t.Logs.N != t.Shares.N {
		return fmt.Errorf("logs has %d slots and shares %d, want the same number", t.Logs.N, t.Shares.N)
	}
	if err := f.read("logs", t.Logs); err != nil {
		return err
	}
	return f.read("shares", t.Shares)
}

func (t *SteadyShares) run(s *session, n int) {
	for r := range n {
		logs, largest := s.span(r, t.Logs), 0.0
		for k, p := range s.span(r, t.Shares) {
			if p > 0 { // a class without a share has no say
				largest = max(largest, math.Abs(logs[k]))
			}
		}
		for _, p := range s.span(r, t.Shares) {
			if p*(1-p)*float64(t.Unit)*largest > float64(t.Bound) {
				s.mark(r, Unstable, -1)
				break
			}
		}
	}
}
