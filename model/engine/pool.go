package engine

import (
	"fmt"
	"math"
)

// Pool makes one value of each group of columns: "mean" (added up in the order of the columns, then divided), "max", "min", or "median". Groups[i]
// is the group of column i; every group from 0 to Out.N-1 has a column. The columns are finite.
type Pool struct {
	Op     string  `json:"op"`
	In     Span    `json:"in"`
	Out    Span    `json:"out"`
	Groups []int32 `tensor:"groups"`
}

// Kind is "pool".
func (*Pool) Kind() string { return "pool" }

func (t *Pool) check(f *frame) error {
	switch t.Op {
	case "mean", "max", "min", "median":
	default:
		return fmt.Errorf(`op is %q, want "mean", "max", "min" or "median"`, t.Op)
	}
	if err := items("groups", t.Groups, int(t.In.N)); err != nil {
		return err
	}
	if err := f.apart(t.In, t.Out); err != nil {
		return err
	}
	seen := make([]bool, t.Out.N)
	for i, g := range t.Groups {
		if g < 0 || g >= t.Out.N {
			return fmt.Errorf("groups[%d] is %d, want 0 to %d", i, g, t.Out.N-1)
		}
		seen[g] = true
	}
	for g, ok := range seen {
		if !ok {
			return fmt.Errorf("group %d has no column", g)
		}
	}
	return nil
}

func (t *Pool) run(s *session, n int) {
	for r := range n {
		in, out := s.span(r, t.In), s.span(r, t.Out)
		for g := range out {
			out[g] = t.pool(in, int32(g))
		}
	}
}

func (t *Pool) pool(in []float64, group int32) float64 {
	sum, count, low, high := 0.0, 0, math.Inf(1), math.Inf(-1)
	for i, v := range in {
		if t.Groups[i] == group {
			sum += v
			count++
			low, high = min(low, v), max(high, v)
		}
	}
	switch t.Op {
	case "mean":
		return sum / float64(count)
	case "max":
		return high
	case "min":
		return low
	}
	if count%2 == 1 {
		return 0 + t.ranked(in, group, count/2) // numpy.median takes a mean, which is never -0
	}
	return (t.ranked(in, group, count/2-1) + t.ranked(in, group, count/2)) / 2
}

// ranked is the value of the given rank in the group, by counting, which needs no memory.
func (t *Pool) ranked(in []float64, group int32, rank int) float64 {
	for i, v := range in {
		if t.Groups[i] != group {
			continue
		}
		below := 0
		for j, w := range in {
			if t.Groups[j] == group && (w < v || w == v && j < i) {
				below++
			}
		}
		if below == rank {
			return v
		}
	}
	return math.NaN()
}
