package engine

import (
	"fmt"
	"math"
)

// Topics infers how much of each topic is in a row of word counts, by variational Bayes: Words is exp(E[log β]), Out.N topics × In.N words, Prior the
// concentration of the topics. It stops when the topics change by less than Tolerance on average, or after Iterations. Work has
// 2·Out.N slots. (sklearn.decomposition._lda._update_doc_distribution)
type Topics struct {
	In         Span      `json:"in"`
	Out        Span      `json:"out"`
	Prior      Number64  `json:"prior"`
	Tolerance  Number64  `json:"tolerance"`
	Iterations int32     `json:"iterations"`
	Work       Span      `json:"work"`
	Words      []float64 `tensor:"words"`
}

// Kind is "topics".
func (*Topics) Kind() string { return "topics" }

func (t *Topics) check(f *frame) error {
	if t.Out.N < 1 {
		return fmt.Errorf("out has %d slots, want at least one topic", t.Out.N)
	}
	if want := int64(t.In.N) * int64(t.Out.N); int64(len(t.Words)) != want {
		return fmt.Errorf("words has %d items, want %d", len(t.Words), want)
	}
	if t.Work.N != 2*t.Out.N {
		return fmt.Errorf("work has %d slots, want %d", t.Work.N, 2*t.Out.N)
	}
	if overlap(t.Work, t.In) || overlap(t.Work, t.Out) {
		return fmt.Errorf("work %v overlaps in %v or out %v", t.Work, t.In, t.Out)
	}
	if err := f.apart(t.In, t.Out); err != nil {
		return err
	}
	return f.write("work", t.Work)
}

func (t *Topics) run(s *session, n int) {
	k := int(t.Out.N)
	for r := range n {
		topics, work := s.span(r, t.Out), s.span(r, t.Work)
		weights, before := work[:k], work[k:]
		for i := range topics {
			topics[i] = 1
			weights[i] = math.Exp(digamma(1) - digamma(float64(k)))
		}
		for range t.Iterations {
			copy(before, topics)
			t.update(s.span(r, t.In), topics, weights)
			change := 0.0
			for i, v := range topics {
				change += math.Abs(before[i] - v)
			}
			if change/float64(k) < float64(t.Tolerance) {
				break
			}
		}
	}
}

// update gives the topics the words that the weights explain, and the weights the expectation of the topics.
func (t *Topics) update(counts, topics, weights []float64) {
	const eps = 2.220446049250313e-16
	clear(topics)
	for w, count := range counts {
		if count == 0 {
			continue
		}
		explained := 0.0
		for i, v := range weights {
			explained += float64(v * t.Words[i*len(counts)+w])
		}
		share := count / (explained + eps)
		for i := range topics {
			topics[i] += float64(share * t.Words[i*len(counts)+w])
		}
	}
	total := 0.0
	for i, v := range topics {
		topics[i] = float64(weights[i]*v) + float64(t.Prior)
		total += topics[i]
	}
	all := digamma(total)
	for i, v := range topics {
		weights[i] = math.Exp(digamma(v) - all)
	}
}

// digamma is the approximation of sklearn.decomposition._online_lda_fast.psi (algorithm AS 103), which is not exact to the last bits and so is followed
// term by term.
func digamma(x float64) float64 {
	const euler = 0.577215664901532860606512090082402431
	if x <= 1e-6 {
		return -euler - 1/x
	}
	result := 0.0
	for x < 6 {
		result -= 1 / x
		x++
	}
	r := 1 / x
	result += logarithm(x) - float64(0.5*r)
	r *= r
	result -= float64(r * (1./12. - float64(r*(1./120.-float64(r*(1./252.))))))
	return result
}
