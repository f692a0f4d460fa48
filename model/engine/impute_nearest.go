package engine

import (
	"fmt"
	"math"
)

// ImputeNearest fills missing values with the average of the nearest donors (sklearn.impute.KNNImputer). Distances are Euclidean over the columns
// that both rows have, scaled up to all columns. Donors is row-major, rows × In.N, 0 where Holes is 1 (the donor lacks the value). A row's value is the mean
// of the Neighbors nearest donors that have the column, weighted by the inverse distance with Weighted; Means[i] where none shares a column with it. Of
// donors at the same distance the first are taken. Columns with Fixed[i] = 1 are left as they are, but count in the distance.
type ImputeNearest struct {
	In        Span      `json:"in"`
	Out       Span      `json:"out"`
	Missing   Number64  `json:"missing"`
	Neighbors int32     `json:"neighbors"`
	Weighted  bool      `json:"weighted"`
	Fixed     []int32   `tensor:"fixed"`
	Means     []float64 `tensor:"means"`
	Donors    []float64 `tensor:"donors"`
	Holes     []float64 `tensor:"holes"`
	// Norms are the squared lengths of the donors.
	Norms []float64 `tensor:"norms"`
	// Work has 3·In.N + 3·rows slots.
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
		{"fixed", len(t.Fixed), n}, {"means", len(t.Means), n}, {"donors", len(t.Donors), n * rows}, {"holes", len(t.Holes), n * rows}, {"work", int(t.Work.N), 3*n + 3*rows},
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
		distances, nearest, chosen := lists[:len(t.Norms)], lists[len(t.Norms):2*len(t.Norms)], lists[2*len(t.Norms):]
		t.measure(filled, squares, holes, distances)
		for i := range in {
			if holes[i] == 1 && t.Fixed[i] == 0 {
				out[i] = t.fill(i, distances, nearest, chosen)
			}
		}
	}
}

// measure writes the distance to each donor, NaN without a common column, in the order of sklearn.metrics.pairwise.nan_euclidean_distances.
func (t *ImputeNearest) measure(filled, squares, holes, distances []float64) {
	columns := len(filled)
	norm := squaredNorm(filled)
	for d := range distances {
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
			distances[d] = math.NaN()
			continue
		}
		distances[d] = math.Sqrt(float64(v/present) * float64(columns))
	}
}

// fill is the average of the nearest donors of a column. near and order are scratch.
func (t *ImputeNearest) fill(column int, distances, near, order []float64) float64 {
	columns := int(t.In.N)
	donors, usable := 0, false
	for d, v := range distances {
		if t.Holes[d*columns+column] == 0 {
			order[donors] = float64(d)
			donors++
			usable = usable || !math.IsNaN(v)
		}
	}
	if !usable {
		return t.Means[column]
	}
	k := min(int(t.Neighbors), donors)
	selection{distances, order[:donors]}.partition(k - 1)
	nearest := order[:k]
	t.weigh(nearest, distances, near)
	sum, weights := 0.0, 0.0
	for i, d := range nearest {
		sum += float64(near[i] * t.Donors[int(d)*columns+column])
		weights += near[i]
	}
	return sum / weights
}

// weigh writes the weight of each of the nearest donors: none without a common column (NaN), and only those at distance 0 if there are some.
func (t *ImputeNearest) weigh(nearest, distances, weights []float64) {
	exact := false
	for i, d := range nearest {
		weights[i] = 1
		if t.Weighted {
			weights[i] = 1 / distances[int(d)]
		}
		exact = exact || weights[i] > math.MaxFloat64
	}
	for i, d := range nearest {
		switch {
		case exact:
			weights[i] = truth(weights[i] > math.MaxFloat64)
		case math.IsNaN(distances[int(d)]):
			weights[i] = 0
		}
	}
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
