package engine

import "math"

// Precision says which rounding errors of distances are too large, where their last bits depend on the processor: one that comes from an expanded square is rounding
// noise next to its point.
type Precision struct {
	// Bound, if it is not 0, is what a found distance may be off by, absolute or relative: a row with a larger error is marked Unstable. With +Inf only the choice of the
	// points counts.
	Bound Number64 `json:"bound"`
	// Relative: absolute errors do not count, as for distances that become weights.
	Relative bool `json:"relative"`
}

// hold marks row r, x, if a distance to one of the found points is not precise enough.
func (p *Precision) hold(s *session, r int, set *Points, x, indices, distances []float64) {
	if p.Bound == 0 {
		return
	}
	least := 1.0
	if p.Relative {
		least = 0
	}
	for k, d := range distances {
		if set.errorOf(x, int(indices[k]), d) > float64(p.Bound)*max(least, d) {
			s.mark(r, Unstable, -1)
			return
		}
	}
}

// errorOf is the rounding error to be expected in the distance d from x to point i.
func (p *Points) errorOf(x []float64, i int, d float64) float64 {
	if p.Gram != "" && p.Name == "euclidean" {
		return rootError(p.rounding(x, i, d*d), d)
	}
	return p.rounding(x, i, d)
}

// rounding is the rounding error to be expected in the reduced distance d from x to point i: a few ulps of 1 for a cosine, of the squared lengths for an expanded square,
// none of whole numbers or where no digits are lost.
func (p *Points) rounding(x []float64, i int, d float64) float64 {
	switch {
	case math.IsNaN(d), math.IsInf(d, 0):
		return 0
	case p.Gram != "", p.Name == "nan_euclidean":
	case p.Name == "cosine", p.Name == "correlation":
		return 0x1p-51
	default:
		return 0
	}
	point := p.Data[i*len(x) : (i+1)*len(x)]
	lengths := pairedNorm(x) + pairedNorm(point)
	if lengths < 1<<52 && whole(x) && whole(point) {
		return 0
	}
	square := 0x1p-50 * lengths
	if p.Gram != "" {
		return square
	}
	present := 0
	for k, v := range x {
		if v == v && point[k] == point[k] {
			present++
		}
	}
	return rootError(square/float64(max(present, 1))*float64(len(x)), d)
}

// rootError is the error of a root d whose square may be off by an error.
func rootError(square, d float64) float64 {
	if square == 0 {
		return 0
	}
	return min(square/(2*d), math.Sqrt(square))
}

// whole tells whether all numbers are whole, or NaN.
func whole(v []float64) bool {
	for _, f := range v {
		if f != math.Trunc(f) && f == f {
			return false
		}
	}
	return true
}
