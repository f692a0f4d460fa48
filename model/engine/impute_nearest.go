package engine

import (
	"fmt"
	"math"
	"slices"
)

// ImputeNearest fills missing values with the average of the nearest donors (sklearn.impute.KNNImputer). Distances are Euclidean over the columns
// that both rows have, scaled up to all columns. Donors is row-major, rows × In.N, 0 where Holes is 1 (the donor lacks the value). A row's value is the mean
// of the Neighbors nearest donors that have the column, weighted by the inverse distance with Weighted; Means[i] where none shares a column with it. A row is
// marked as a Tie where donors with other values are as near as the last that is taken, but for rounding errors: which of them scikit-learn takes depends on
// the processor; as Unstable where rounding errors of the distances, as weights, may move a mean by more than Bound, absolute or relative. Columns with Fixed[i] = 1 are left as they are, but count in the distance.
type ImputeNearest struct {
	In        Span      `json:"in"`
	Out       Span      `json:"out"`
	Missing   Number64  `json:"missing"`
	Neighbors int32     `json:"neighbors"`
	Weighted  bool      `json:"weighted"`
	Bound     Number64  `json:"bound"`
	Fixed     []int32   `tensor:"fixed"`
	Means     []float64 `tensor:"means"`
	Donors    []float64 `tensor:"donors"`
	Holes     []float64 `tensor:"holes"`
	// Norms are the squared lengths of the donors.
	Norms []float64 `tensor:"norms"`
	// Work has 3·In.N + 4·rows slots.
	Work Span `json:"work"`
}

// Kind is "impute_nearest".
func (*ImputeNearest) Kind() string { return "impute_nearest" }

func (t *ImputeNearest) check(f *frame) error {
	if t.Neighbors < 1 {
		return fmt.Errorf("neighbors is %d, want at least 1", t.Neighbors)
	}
	n, rows := int(t.In.N), len(t.Norms)
	for _, list := range []struct {
		name string
		got  int
		want int
	}{
		{"fixed", len(t.Fixed), n}, {"means", len(t.Means), n}, {"donors", len(t.Donors), n * rows}, {"holes", len(t.Holes), n * rows}, {"work", int(t.Work.N), 3*n + 4*rows},
	} {
		if list.got != list.want {
			return fmt.Errorf("%s has %d items, want %d", list.name, list.got, list.want)
		}
	}
	if overlap(t.Work, t.In) || overlap(t.Work, t.Out) {
		return fmt.Errorf("work %v overlaps in %v or out %v", t.Work, t.In, t.Out)
	}
	if err := f.apart(t.In, t.Out); err != nil {
		return err
	}
	return f.write("work", t.Work)
}

func (t *ImputeNearest) run(s *session, n int) {
	columns := int(t.In.N)
	for r := range n {
		in, out, work := s.span(r, t.In), s.span(r, t.Out), s.span(r, t.Work)
		copy(out, in)
		any := false
		for i, v := range in {
			any = any || t.Fixed[i] == 0 && same(v, float64(t.Missing))
		}
		if !any {
			continue
		}
		filled, squares, holes, lists := work[:columns], work[columns:2*columns], work[2*columns:3*columns], work[3*columns:]
		for i, v := range in {
			holes[i] = truth(same(v, float64(t.Missing)))
			filled[i] = v
			if holes[i] == 1 {
				filled[i] = 0
			}
			squares[i] = filled[i] * filled[i]
		}
		rows := len(t.Norms)
		found := donorSearch{lists[:rows], lists[rows : 2*rows], lists[2*rows : 3*rows], lists[3*rows:]}
		t.measure(filled, squares, holes, found)
		for i := range in {
			if holes[i] == 0 || t.Fixed[i] != 0 {
				continue
			}
			var tie ErrorCode
			if out[i], tie = t.fill(i, found); tie != OK {
				s.mark(r, tie, -1)
			}
		}
	}
}

// donorSearch holds the squared distance of each donor and the rounding error that it may have, and scratch for the nearest.
type donorSearch struct{ distances, errors, nearest, chosen []float64 }

// measure writes the squared distance to each donor, NaN without a common column, in the order of sklearn.metrics.pairwise.nan_euclidean_distances, and the error
// of a difference of sums: a few ulps of the squared lengths, none of whole numbers.
func (t *ImputeNearest) measure(filled, squares, holes []float64, found donorSearch) {
	columns := len(filled)
	norm, exact := squaredNorm(filled), whole(filled)
	for d := range found.distances {
		donor, gaps := t.Donors[d*columns:][:columns], t.Holes[d*columns:][:columns]
		v := float64(-2*dotGEMM(filled, donor)) + norm
		v = max(v+t.Norms[d], 0)
		v -= dotGEMM(squares, gaps)
		missed, present := 0.0, 0.0
		for i, x := range donor {
			missed += float64(holes[i] * float64(x*x))
			present += float64((1 - holes[i]) * (1 - gaps[i]))
		}
		v = max(v-missed, 0)
		if present == 0 {
			found.distances[d] = math.NaN()
			continue
		}
		found.distances[d] = float64(v/present) * float64(columns)
		found.errors[d] = float64(0x1p-49*(norm+t.Norms[d])) / present * float64(columns)
		if exact && norm+t.Norms[d] < 1<<52 && whole(donor) {
			found.errors[d] = 0
		}
	}
}

// fill is the average of the nearest donors of a column, and why it is none: a Tie where others are as near as the last of them, Unstable where it hangs on rounding.
func (t *ImputeNearest) fill(column int, found donorSearch) (value float64, why ErrorCode) {
	usable, count := 0, 0
	for d, v := range found.distances { // insertion into the nearest so far
		if !t.gives(d, column) || math.IsNaN(v) {
			continue
		}
		usable++
		if count == int(t.Neighbors) && v >= found.nearest[count-1] {
			continue
		}
		count = min(count+1, int(t.Neighbors))
		at := count - 1
		for ; at > 0 && found.nearest[at-1] > v; at-- {
			found.nearest[at], found.chosen[at] = found.nearest[at-1], found.chosen[at-1]
		}
		found.nearest[at], found.chosen[at] = v, float64(d)
	}
	if usable == 0 {
		return t.Means[column], OK
	}
	value = t.average(column, found.nearest[:count], found.chosen)
	switch {
	case usable > count && t.tied(column, found.chosen[:count], found):
		return value, Tie
	case t.Weighted && t.unsteady(column, value, found.chosen[:count], found):
		return value, Unstable
	}
	return value, OK
}

// unsteady tells whether errors of the distances may move a weighted mean by more than the bound: a quarter of those that decide about ties, for scikit-learn's own
// answers under other kernels were never further apart than half of that. A weight 1/√v whose v may be off by an error has half its relative
// error, and is anything where that is no less than v.
func (t *ImputeNearest) unsteady(column int, mean float64, chosen []float64, found donorSearch) bool {
	lost, weights, widest, noise := 0.0, 0.0, 0.0, false
	for _, at := range chosen {
		d := int(at)
		v, e, apart := found.distances[d], found.errors[d]/4, math.Abs(t.Donors[d*int(t.In.N)+column]-mean)
		if e == 0 && v == 0 { // it is at the row itself, and the others count for nothing
			return false
		}
		w := 1 / math.Sqrt(v)
		lost += float64(float64(w*float64(e/(2*v))) * apart)
		weights += w
		widest, noise = max(widest, apart), noise || v <= e
	}
	if noise {
		lost, weights = widest, 1
	}
	return unsteady(lost/weights, mean, float64(t.Bound))
}

// gives tells whether a donor has a column.
func (t *ImputeNearest) gives(donor, column int) bool {
	return t.Holes[donor*int(t.In.N)+column] == 0
}

// tied tells whether the last of those that are taken could be another, of another value: donors outside are as near, but for rounding errors, and not all that
// are as near have one value.
func (t *ImputeNearest) tied(column int, chosen []float64, found donorSearch) bool {
	columns, last := int(t.In.N), int(chosen[len(chosen)-1])
	outside, differ := false, false
	for d, v := range found.distances {
		near := math.Abs(v-found.distances[last]) <= found.errors[d]+found.errors[last]
		if near && t.gives(d, column) {
			outside = outside || !slices.Contains(chosen, float64(d))
			differ = differ || t.Donors[d*columns+column] != t.Donors[last*columns+column]
		}
	}
	return outside && differ
}

// average weighs donors alike, or by the inverse of their distances: then those at the distance 0 alone, if there are some.
func (t *ImputeNearest) average(column int, nearest, chosen []float64) float64 {
	sum, weights := 0.0, 0.0
	exact := t.Weighted && 1/math.Sqrt(nearest[0]) > math.MaxFloat64
	for i, v := range nearest {
		w := 1.0
		switch {
		case exact:
			w = truth(1/math.Sqrt(v) > math.MaxFloat64)
		case t.Weighted:
			w = 1 / math.Sqrt(v)
		}
		sum += float64(w * t.Donors[int(chosen[i])*int(t.In.N)+column])
		weights += w
	}
	return sum / weights
}

// Choose writes Then[i] where Flags[i] is not 0, else Else[i]. Flags may be one slot, which then serves for all. Out may be Then or Else.
type Choose struct {
	Flags Span `json:"flags"`
	Then  Span `json:"then"`
	Else  Span `json:"else"`
	Out   Span `json:"out"`
}

// Kind is "choose".
func (*Choose) Kind() string { return "choose" }

func (t *Choose) check(f *frame) error {
	if t.Flags.N != 1 && t.Flags.N != t.Then.N {
		return fmt.Errorf("flags has %d slots, want 1 or then's %d", t.Flags.N, t.Then.N)
	}
	if overlap(t.Flags, t.Out) {
		return fmt.Errorf("flags %v and out %v overlap", t.Flags, t.Out)
	}
	if err := f.read("flags", t.Flags); err != nil {
		return err
	}
	if err := f.each(t.Then, t.Out); err != nil {
		return err
	}
	return f.each(t.Else, t.Out)
}

func (t *Choose) run(s *session, n int) {
	for r := range n {
		flags, then, other, out := s.span(r, t.Flags), s.span(r, t.Then), s.span(r, t.Else), s.span(r, t.Out)
		for i := range out {
			v := other[i]
			if flags[min(i, len(flags)-1)] != 0 {
				v = then[i]
			}
			out[i] = v
		}
	}
}
