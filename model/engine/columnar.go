package engine

// columnar is a step that can also work on slots that lie column by column: those of a slot for all rows of a chunk side by side. A loop over such a
// column takes half the time of one over a slot of every row. Each number is computed by the same operations as in run.
type columnar interface {
	// runColumns is run where the slots lie column by column.
	runColumns(s *session, n int)
}

const (
	// columnarRows is the fewest rows that are worth a loop for every column.
	columnarRows = 16
	// columnarChunk is the smallest chunk of a plan whose slots lie column by column: columns of fewer rows cost more than they save.
	columnarChunk = 64
)

// columnSteps are the steps as those that work on columns, sub and div of a scaler as one; nil if a step cannot.
func columnSteps(steps []Step) []columnar {
	var list []columnar
	for _, step := range steps {
		next, ok := step.(columnar)
		if !ok {
			return nil
		}
		if last := len(list) - 1; last >= 0 {
			sub, first := list[last].(*Arith)
			div, second := step.(*Arith)
			if first && second && isScale(sub, div) {
				list[last] = &scale{sub, div}
				continue
			}
		}
		list = append(list, next)
	}
	return list
}

// scale is two steps in one pass over a column: a division takes so long that the subtraction is free.
type scale struct{ sub, div *Arith }

// isScale reports whether the steps subtract and then divide in place.
func isScale(sub, div *Arith) bool {
	return sub.Op == "sub" && div.Op == "div" && !sub.Float32 && !div.Float32 && div.In == sub.Out && div.Out == sub.Out
}

func (t *scale) runColumns(s *session, n int) {
	for i := range t.sub.In.N {
		a, b := t.sub.Values[min(int(i), len(t.sub.Values)-1)], t.div.Values[min(int(i), len(t.div.Values)-1)]
		in := s.column(t.sub.In.Start+i, n)
		out := s.column(t.div.Out.Start+i, n)[:len(in)]
		for r, v := range in {
			out[r] = (v - a) / b
		}
	}
}

// column is a slot of the first n rows where the slots lie column by column.
func (s *session) column(slot int32, n int) []float64 {
	at := int(slot) * s.rows
	return s.floats[at : at+n]
}

// runColumns scores n rows whose numbers and values are given row by row.
func (p *Plan) runColumns(s *session, numbers, values []float64, n int) {
	features := len(p.numberSlots)
	for i, slot := range p.numberSlots {
		column, at := s.column(slot, n), i
		for r := range column {
			column[r] = numbers[at]
			at += features
		}
	}
	for _, step := range p.columns {
		step.runColumns(s, n)
	}
	for i, slot := range p.outputSlots {
		at := i
		for _, v := range s.column(slot, n) {
			values[at] = v
			at += p.width
		}
	}
}

func (t *Select) runColumns(s *session, n int) {
	for i, from := range t.From {
		copy(s.column(t.Out.Start+int32(i), n), s.column(from, n))
	}
}

func (t *Check) runColumns(s *session, n int) {
	largest := t.largest()
	for i, feature := range t.Features {
		for r, v := range s.column(t.In.Start+int32(i), n) {
			if magnitude(v) > largest { // seldom
				if code := t.judge(v); code != OK {
					s.mark(r, code, feature)
				}
			}
		}
	}
}

func (t *Arith) runColumns(s *session, n int) {
	for i := range t.In.N {
		in, w := s.column(t.In.Start+i, n), t.Values[min(int(i), len(t.Values)-1)]
		out := s.column(t.Out.Start+i, n)[:len(in)]
		switch t.Op {
		case "add":
			for r, v := range in {
				out[r] = v + w
			}
		case "sub":
			for r, v := range in {
				out[r] = v - w
			}
		case "mul":
			for r, v := range in {
				out[r] = v * w
			}
		case "div":
			for r, v := range in {
				out[r] = v / w
			}
		case "rsub":
			for r, v := range in {
				out[r] = w - v
			}
		}
		if t.Float32 {
			for r, v := range out {
				out[r] = float64(float32(v))
			}
		}
	}
}

func (t *Map) runColumns(s *session, n int) {
	apply := mapping(t.Op)
	for i := range t.In.N {
		in := s.column(t.In.Start+i, n)
		out := s.column(t.Out.Start+i, n)[:len(in)]
		if t.Op == "expit" {
			expits(out, in)
			continue
		}
		for r, v := range in {
			out[r] = apply(v)
		}
	}
}

func (t *MatMul) runColumns(s *session, n int) {
	for j := range t.Out.N {
		out := s.column(t.Out.Start+j, n)
		clear(out)
		for i, w := range t.Weights[int(j*t.In.N):][:t.In.N] {
			for r, v := range s.column(t.In.Start+int32(i), n)[:len(out)] {
				out[r] += float64(v * w)
			}
		}
		if len(t.Bias) != 0 {
			bias := t.Bias[j]
			for r := range out {
				out[r] += bias
			}
		}
	}
}

func (t *Above) runColumns(s *session, n int) {
	in, value := s.column(t.In, n), float64(t.Value)
	out := s.column(t.Out, n)[:len(in)]
	if t.OrEqual {
		for r, v := range in {
			out[r] = truth(v >= value)
		}
		return
	}
	for r, v := range in {
		out[r] = truth(v > value)
	}
}
