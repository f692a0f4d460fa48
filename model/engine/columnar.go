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

// columnSteps are the steps as those that work on columns, a scaler and the checks beside it as one; nil if a step cannot.
func columnSteps(steps []Step) []columnar {
	var list []columnar
	for _, step := range steps {
		next, ok := step.(columnar)
		if !ok {
			return nil
		}
		list = append(list, next)
		if joined, from := joinScale(list); joined != nil {
			list = append(list[:from], joined)
		}
	}
	return list
}

// joinScale is the last steps of a list, from the one at from on, as one scale; nil if they are none.
func joinScale(list []columnar) (joined *scale, from int) {
	last := len(list) - 1
	if last < 1 {
		return nil, 0
	}
	switch step := list[last].(type) {
	case *Arith:
		sub, ok := list[last-1].(*Arith)
		if !ok || !isScale(sub, step) {
			return nil, 0
		}
		if last > 1 {
			if before, ok := list[last-2].(*Check); ok && before.In == sub.In && !overlap(sub.In, step.Out) {
				return &scale{sub: sub, div: step, before: before}, last - 2
			}
		}
		return &scale{sub: sub, div: step}, last - 1
	case *Check:
		if scaled, ok := list[last-1].(*scale); ok && scaled.after == nil && step.In == scaled.div.Out {
			return &scale{scaled.sub, scaled.div, scaled.before, step}, last - 1
		}
	}
	return nil, 0
}

// scale is two steps in one pass over a column, and the checks of what they read and write, which may be nil: a division takes so long that all else is
// free.
type scale struct {
	sub, div      *Arith
	before, after *Check
}

// isScale reports whether the steps subtract and then divide in place.
func isScale(sub, div *Arith) bool {
	return sub.Op == "sub" && div.Op == "div" && !sub.Float32 && !div.Float32 && div.In == sub.Out && div.Out == sub.Out
}

func (t *scale) runColumns(s *session, n int) {
	var read, written uint64 // the largest magnitudes
	for i := range t.sub.In.N {
		a, b := t.sub.Values[min(int(i), len(t.sub.Values)-1)], t.div.Values[min(int(i), len(t.div.Values)-1)]
		in := s.column(t.sub.In.Start+i, n)
		out := s.column(t.div.Out.Start+i, n)[:len(in)]
		for r, v := range in {
			read = max(read, magnitude(v))
			v = (v - a) / b
			written = max(written, magnitude(v))
			out[r] = v
		}
	}
	if t.before != nil && read > t.before.largest() {
		t.before.runColumns(s, n)
	}
	if t.after != nil && written > t.after.largest() {
		t.after.runColumns(s, n)
	}
}

// column is a slot of the first n rows where the slots lie column by column.
func (s *session) column(slot int32, n int) []float64 {
	at := int(slot) * s.rows
	return s.floats[at : at+n]
}

// runColumns scores n rows whose numbers and values are given row by row.
func (p *Plan) runColumns(s *session, numbers, values []float64, n int) {
	s.fillColumns(p.numberSlots, numbers, n)
	for _, step := range p.columns {
		step.runColumns(s, n)
	}
	s.readColumns(p.outputSlots, values, n)
}

// fillColumns writes numbers, which are given row by row, into slots, two at once.
func (s *session) fillColumns(slots []int32, numbers []float64, n int) {
	i, width := 0, len(slots)
	for ; i+1 < width; i += 2 {
		first, at := s.column(slots[i], n), i
		second := s.column(slots[i+1], n)[:len(first)]
		for r := range first {
			pair := numbers[at : at+2]
			first[r], second[r] = pair[0], pair[1]
			at += width
		}
	}
	if i < width {
		column, at := s.column(slots[i], n), i
		for r := range column {
			column[r] = numbers[at]
			at += width
		}
	}
}

// readColumns writes slots into values, row by row, two at once.
func (s *session) readColumns(slots []int32, values []float64, n int) {
	i, width := 0, len(slots)
	for ; i+1 < width; i += 2 {
		first, at := s.column(slots[i], n), i
		second := s.column(slots[i+1], n)[:len(first)]
		for r, v := range first {
			pair := values[at : at+2]
			pair[0], pair[1] = v, second[r]
			at += width
		}
	}
	if i < width {
		at := i
		for _, v := range s.column(slots[i], n) {
			values[at] = v
			at += width
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
		weights, bias := t.Weights[int(j*t.In.N):][:t.In.N], 0.0 // no sum is -0, so that to add 0 changes none
		if len(t.Bias) != 0 {
			bias = t.Bias[j]
		}
		out := s.column(t.Out.Start+j, n)
		in, r := s.floats[int(t.In.Start)*s.rows:], 0
		for ; r+8 <= n; r += 8 {
			s.dotEight((*[8]float64)(out[r:]), in[r:], weights, bias)
		}
		for ; r < n; r++ {
			sum, at := 0.0, r
			for _, w := range weights {
				sum += float64(in[at] * w)
				at += s.rows
			}
			out[r] = sum + bias
		}
	}
}

// dotEight adds up products for eight rows at once, whose sums stay in registers. In starts with the first row's first factor.
func (s *session) dotEight(out *[8]float64, in, weights []float64, bias float64) {
	var a, b, c, d, e, f, g, h float64
	at, rows := 0, s.rows
	for _, w := range weights {
		v := (*[8]float64)(in[at:])
		a += float64(v[0] * w)
		b += float64(v[1] * w)
		c += float64(v[2] * w)
		d += float64(v[3] * w)
		e += float64(v[4] * w)
		f += float64(v[5] * w)
		g += float64(v[6] * w)
		h += float64(v[7] * w)
		at += rows
	}
	out[0], out[1], out[2], out[3] = a+bias, b+bias, c+bias, d+bias // as one array it would go through the stack
	out[4], out[5], out[6], out[7] = e+bias, f+bias, g+bias, h+bias
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
