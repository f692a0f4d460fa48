package engine

import (
	"fmt"
	"math"
)

// The steps of this file work on one value for each pair of n classes (one against one), in the order (0,1), (0,2), …, (0,n-1), (1,2), …
// A positive decision speaks for the first class of its pair.

// PairSums writes the decision of each pair from values that are grouped by class: Counts[k] values of class k follow one another in In.
// Row j-1 of Coef weighs the values of class i against j for i < j, row i those of class j: Out = sum over i's values, then over
// j's values, + Bias. A row is marked Unstable where a decision is so small beside what it adds up that rounding decides its sign.
type PairSums struct {
	In     Span      `json:"in"`
	Out    Span      `json:"out"`
	Counts []int32   `tensor:"counts"` // n items, which add up to In.N
	Coef   []float64 `tensor:"coef"`   // (n-1) × In.N
	Bias   []float64 `tensor:"bias"`   // of each pair
}

// PairVotes writes the votes that each class gets: Predictions holds 0 where a pair's vote goes to its first class, 1 where it goes to its second. With
// Confidences, which are larger the more they speak for the second class, s/(3(|s|+1)) is added, where s is their sum over the class's pairs.
type PairVotes struct {
	Predictions Span `json:"predictions"`
	Confidences Span `json:"confidences"` // empty, or one for each pair
	Out         Span `json:"out"`
}

// PairProbabilities writes the probability of each class that fits those of the pairs best (Wu, Lin, Weng: Probability estimates for multi-class classification by
// pairwise coupling, 2004, algorithm 2): 1/(1+exp(A·decision+B)) for the first class of a pair. It
// stops as libsvm does, after 100 steps or n, or when the error is below 0.005/n. Work is 2n²+n slots of scratch.
type PairProbabilities struct {
	In   Span      `json:"in"`
	Out  Span      `json:"out"`
	Work Span      `json:"work"`
	A    []float64 `tensor:"a"`
	B    []float64 `tensor:"b"`
}

// pairs is the number of pairs of n classes.
func pairs(n int32) int64 { return int64(n) * (int64(n) - 1) / 2 }

// perPair checks that there is a value for each pair of n classes.
func perPair(what string, got int64, n int32) error {
	if n < 2 {
		return fmt.Errorf("there are %d classes, want at least 2", n)
	}
	if got != pairs(n) {
		return fmt.Errorf("%s has %d items, want %d, one for each pair of %d classes", what, got, pairs(n), n)
	}
	return nil
}

// Kind is "pair_sums".
func (*PairSums) Kind() string { return "pair_sums" }

func (t *PairSums) check(f *frame) error {
	classes := slot(len(t.Counts))
	if err := perPair("out", int64(t.Out.N), classes); err != nil {
		return err
	}
	total := int64(0)
	for k, count := range t.Counts {
		if count < 0 {
			return fmt.Errorf("counts[%d] is %d", k, count)
		}
		total += int64(count)
	}
	if total != int64(t.In.N) {
		return fmt.Errorf("counts add up to %d, in has %d slots", total, t.In.N)
	}
	if want := (int64(classes) - 1) * total; int64(len(t.Coef)) != want {
		return fmt.Errorf("coef has %d items, want %d", len(t.Coef), want)
	}
	if err := items("bias", t.Bias, int(t.Out.N)); err != nil {
		return err
	}
	return f.apart(t.In, t.Out)
}

func (t *PairSums) run(s *session, n int) {
	for r := range n {
		in, out := s.span(r, t.In), s.span(r, t.Out)
		pair, from := 0, 0
		for i, count := range t.Counts {
			to, other := from+int(count), from+int(count)
			for k, otherCount := range t.Counts[i+1:] {
				j, end := i+1+k, other+int(otherCount)
				sum, size := 0.0, math.Abs(t.Bias[pair])
				for at, c := range t.Coef[(j-1)*len(in):][from:to] {
					v := float64(c * in[from+at])
					sum, size = sum+v, size+math.Abs(v)
				}
				for at, c := range t.Coef[i*len(in):][other:end] {
					v := float64(c * in[other+at])
					sum, size = sum+v, size+math.Abs(v)
				}
				out[pair] = sum + t.Bias[pair]
				if math.Abs(out[pair]) < float64(0x1p-51*size) {
					s.mark(r, Unstable, -1)
				}
				pair, other = pair+1, end
			}
			from = to
		}
	}
}

// Kind is "pair_votes".
func (*PairVotes) Kind() string { return "pair_votes" }

func (t *PairVotes) check(f *frame) error {
	if err := perPair("predictions", int64(t.Predictions.N), t.Out.N); err != nil {
		return err
	}
	if t.Confidences.N != 0 {
		if err := perPair("confidences", int64(t.Confidences.N), t.Out.N); err != nil {
			return err
		}
		if overlap(t.Confidences, t.Out) {
			return fmt.Errorf("confidences %v and out %v overlap", t.Confidences, t.Out)
		}
		if err := f.read("confidences", t.Confidences); err != nil {
			return err
		}
	}
	return f.apart(t.Predictions, t.Out)
}

func (t *PairVotes) run(s *session, n int) {
	for r := range n {
		predictions, confidences, out := s.span(r, t.Predictions), s.span(r, t.Confidences), s.span(r, t.Out)
		if len(confidences) > 0 {
			sumConfidences(confidences, out)
		} else {
			clear(out)
		}
		for c := range out {
			out[c] += votes(predictions, c, len(out))
		}
	}
}

// sumConfidences writes s/(3(|s|+1)) for each class.
func sumConfidences(confidences, out []float64) {
	clear(out)
	pair := 0
	for i := range out {
		for j := i + 1; j < len(out); j++ {
			out[i] -= confidences[pair]
			out[j] += confidences[pair]
			pair++
		}
	}
	for i, v := range out {
		out[i] = v / (3 * (math.Abs(v) + 1))
	}
}

// votes counts the votes for class c of n.
func votes(predictions []float64, c, n int) float64 {
	count := 0.0
	for i := range c { // the pairs (i, c)
		if predictions[i*(2*n-i-1)/2+c-i-1] == 1 {
			count++
		}
	}
	first := c * (2*n - c - 1) / 2
	for _, p := range predictions[first : first+n-1-c] { // the pairs (c, j)
		if p == 0 {
			count++
		}
	}
	return count
}

// Kind is "pair_probabilities".
func (*PairProbabilities) Kind() string { return "pair_probabilities" }

func (t *PairProbabilities) check(f *frame) error {
	n := int64(t.Out.N)
	if err := perPair("in", int64(t.In.N), t.Out.N); err != nil {
		return err
	}
	if err := items("a", t.A, int(t.In.N)); err != nil {
		return err
	}
	if err := items("b", t.B, int(t.In.N)); err != nil {
		return err
	}
	if int64(t.Work.N) != 2*n*n+n {
		return fmt.Errorf("work has %d slots, want %d", t.Work.N, 2*n*n+n)
	}
	if overlap(t.Work, t.In) || overlap(t.Work, t.Out) {
		return fmt.Errorf("work %v overlaps in %v or out %v", t.Work, t.In, t.Out)
	}
	if err := f.write("work", t.Work); err != nil {
		return err
	}
	return f.apart(t.In, t.Out)
}

func (t *PairProbabilities) run(s *session, n int) {
	classes := int(t.Out.N)
	for r := range n {
		work := s.span(r, t.Work)
		pairwise, rest := work[:classes*classes], work[classes*classes:]
		pair := 0
		for i := range classes {
			for j := i + 1; j < classes; j++ {
				p := bounded(sigmoid(s.span(r, t.In)[pair], t.A[pair], t.B[pair]))
				pairwise[i*classes+j], pairwise[j*classes+i] = p, 1-p
				pair++
			}
		}
		couple(pairwise, rest[:classes*classes], rest[classes*classes:], s.span(r, t.Out))
	}
}

// sigmoid is 1/(1+exp(a·v+b)) without cancellation.
func sigmoid(v, a, b float64) float64 {
	z := float64(v*a) + b
	if z >= 0 {
		e := math.Exp(-z)
		return e / (1 + e)
	}
	return 1 / (1 + math.Exp(z))
}

// bounded keeps a probability off 0 and 1, as libsvm does: a NaN becomes the lower bound.
func bounded(p float64) float64 {
	const least = 1e-7
	if !(p > least) {
		p = least
	}
	return min(p, 1-least)
}

// couple finds p from the probabilities r of the pairs; q and qp are scratch.
func couple(r, q, qp, p []float64) {
	n := len(p)
	for t := range n {
		p[t] = 1 / float64(n)
		q[t*n+t] = 0
		for j := range n {
			if j == t {
				continue
			}
			q[t*n+t] += float64(r[j*n+t] * r[j*n+t])
			if j < t {
				q[t*n+j] = q[j*n+t]
			} else {
				q[t*n+j] = -r[j*n+t] * r[t*n+j]
			}
		}
	}
	epsilon := 0.005 / float64(n)
	for range max(100, n) {
		pqp := 0.0
		for t := range n {
			qp[t] = dot(q[t*n:][:n], p)
			pqp += float64(p[t] * qp[t])
		}
		worst := 0.0
		for _, v := range qp {
			if failure := math.Abs(v - pqp); failure > worst { // a NaN is passed over
				worst = failure
			}
		}
		if worst < epsilon {
			break
		}
		for t := range n {
			diff := (-qp[t] + pqp) / q[t*n+t]
			p[t] += diff
			pqp = (pqp + float64(diff*(float64(diff*q[t*n+t])+float64(2*qp[t])))) / (1 + diff) / (1 + diff)
			for j := range n {
				qp[j] = (qp[j] + float64(diff*q[t*n+j])) / (1 + diff)
				p[j] /= 1 + diff
			}
		}
	}
}
