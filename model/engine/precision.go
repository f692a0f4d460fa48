package engine

import (
	"fmt"
	"math"
)

// Precision says which rounding errors of distances are too large, where their last bits depend on the processor: one that comes from an expanded square is rounding
// noise next to its point.
type Precision struct {
	// Bound, if it is not 0, is what a found distance may be off by, absolute or relative: a row with a larger error is marked Unstable. With +Inf only the choice of the
	// points counts.
	Bound Number64 `json:"bound"`
	// Weights: the distances become weights, by InverseWeights, and Bound is what the shares of answers in them may be off by.
	Weights bool `json:"weights"`
	// Noise is what a number of the row may be off by, absolute or relative: a sum, whose order is not promised.
	Noise Number64 `json:"noise"`
	// Groups are those of the points that answer alike; empty if no two do.
	Groups []int32 `tensor:"groups"`
}

func (p *Precision) checkPrecision(points int) error {
	if len(p.Groups) != 0 && len(p.Groups) != points {
		return fmt.Errorf("groups has %d items, want %d or none", len(p.Groups), points)
	}
	return nil
}

// noiseOf is what the distance from a row to a point may be off by through the noise of its numbers: the sum of it, which no Minkowski distance exceeds.
func (p *Precision) noiseOf(x []float64) float64 {
	sum := 0.0
	if p.Noise == 0 {
		return sum
	}
	for _, v := range x {
		sum += max(1, math.Abs(v))
	}
	return sum * float64(p.Noise)
}

// hold marks row r if a distance to one of the found points is not precise enough; errorOf gives what the distance d to point i may be off by.
func (p *Precision) hold(s *session, r int, indices, distances []float64, errorOf func(i int, d float64) float64) {
	if p.Bound == 0 {
		return
	}
	unstable := false
	if p.Weights {
		unstable = shift(len(distances), func(k int) (d, off float64, alike bool) {
			i := int(indices[k])
			return distances[k], errorOf(i, distances[k]), p.alike(i, int(indices[0]))
		}) > float64(p.Bound)
	}
	for k, d := range distances {
		unstable = unstable || !p.Weights && errorOf(int(indices[k]), d) > float64(p.Bound)*max(1, d)
	}
	if unstable {
		s.mark(r, Unstable, -1)
	}
}

// alike tells whether two points answer alike.
func (p *Precision) alike(i, j int) bool {
	return i == j || len(p.Groups) != 0 && p.Groups[i] == p.Groups[j]
}

// shift bounds how far rounding moves the shares that answers have in n neighbours with the weights 1/distance: the distance of a neighbour may be off, and it answers as
// the first, the nearest, does or otherwise. It is 1 where a neighbour that answers otherwise may be at the row itself, and so have all the weight.
func shift(n int, neighbour func(k int) (distance, off float64, alike bool)) float64 {
	var low, high [2]float64 // the least and the greatest weight of those that answer as the first does, and of the others
	exact := true
	for k := range n {
		d, off, alike := neighbour(k)
		side := 1
		if alike {
			side = 0
		}
		exact = exact && off == 0
		low[side] += 1 / (d + off)
		high[side] += 1 / max(d-off, 0)
	}
	switch {
	case exact, high[1] == 0:
		return 0
	case math.IsInf(high[1], 1):
		return 1
	}
	among := (high[1] - low[1]) / (low[0] + low[1])
	return high[1]/(high[1]+low[0]) - low[1]/(low[1]+high[0]) + among
}

// errors gives the rounding error to be expected in the distance d from x to point i.
func (p *Points) errors(x []float64, noise float64) func(i int, d float64) float64 {
	return func(i int, d float64) float64 {
		if p.Gram != "" && p.Name == "euclidean" {
			return rootError(p.rounding(x, i, d*d), d) + noise
		}
		return p.rounding(x, i, d) + noise
	}
}

// reducedNoise is the noise of a distance in its reduced form d.
func (m *Metric) reducedNoise(noise, d float64) float64 {
	if noise == 0 {
		return 0
	}
	return m.reduce(m.unreduce(max(d, 0))+noise) - d
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
