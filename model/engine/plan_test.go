package engine

import (
	"math"
	"strings"
	"testing"
)

func TestPlanRefuses(t *testing.T) {
	t.Parallel()
	num := func(b *Builder) Span { return Span{b.Number(0), 1} }
	cases := []struct {
		name  string
		build func(b *Builder)
		want  string
	}{
		{"no outputs", func(b *Builder) { b.Number(0) }, "no outputs"},
		{"output unwritten", func(b *Builder) { b.Output("x", b.Floats(2)) }, "slot 0, which nothing has written"},
		{"output outside", func(b *Builder) { b.Output("x", Span{0, 1}) }, "outside the frame of 0"},
		{"output negative", func(b *Builder) { num(b); b.Output("x", Span{-1, 1}) }, "outside the frame"},
		{"output overflow", func(b *Builder) { num(b); b.Output("x", Span{math.MaxInt32, math.MaxInt32}) }, "outside the frame"},
		{"output twice", func(b *Builder) { s := num(b); b.Output("x", s); b.Output("x", s) }, "a name of its own"},
		{"output unnamed", func(b *Builder) { b.Output("", num(b)) }, "a name of its own"},
		{"negative feature", func(b *Builder) { b.Number(-1) }, "feature is -1"},
		{"nil step", func(b *Builder) { b.Add(nil) }, "step 0 is nil"},
		{"huge frame", func(b *Builder) { b.Floats(maxFloats + 1) }, "frame of"},
		{"huge outputs", func(b *Builder) {
			out := b.Floats(maxFloats/2 + 1)
			b.Add(&MatMul{Out: out, Bias: make([]float64, out.N)})
			b.Output("x", out)
			b.Output("y", out)
		}, "numbers in all outputs"},
		{"huge texts", func(b *Builder) { b.texts = maxTexts + 1 }, "frame of"},
		{"integer as number", func(b *Builder) { b.Add(&ArgMax{In: Span{b.Integer(0), 1}, Out: b.Floats(1).Start}) }, "an integer's bits"},
		{"selected integer as number", func(b *Builder) {
			b.Add(&Select{From: []int32{b.Integer(0)}, Out: b.Floats(1)})
			b.Output("x", Span{1, 1})
		}, "an integer's bits"},
		{"number as integer", func(b *Builder) { b.Add(&LookupInteger{In: b.Number(0)}) }, "no Integer slot"},
		{"not integer key", func(b *Builder) {
			b.Add(&LookupInteger{In: b.Integer(0), Keys: []int64{NotInteger}, Lookup: Lookup{Codes: []float64{0}}})
		}, "keys[0]"},
		{"integer keys", func(b *Builder) {
			b.Add(&LookupInteger{In: b.Integer(0), Keys: []int64{2, 2}, Lookup: Lookup{Codes: []float64{0, 1}}})
		}, "keys[1]"},
		{"select count", func(b *Builder) { b.Add(&Select{From: []int32{0}, Out: num(b)}); b.Floats(2) }, "inside out"},
		{"select list", func(b *Builder) { b.Add(&Select{Out: num(b)}) }, "from has 0 items"},
		{"select outside", func(b *Builder) { b.Add(&Select{From: []int32{9}, Out: num(b)}) }, "outside the frame"},
		{"select unwritten", func(b *Builder) { b.Floats(1); b.Add(&Select{From: []int32{0}, Out: num(b)}) }, "nothing has written"},
		{"check features", func(b *Builder) { b.Add(&Check{In: num(b)}) }, "features has 0 items, want 1"},
		{"arith op", func(b *Builder) { s := num(b); b.Add(&Arith{Op: "pow", In: s, Out: s, Values: []float64{1}}) }, `op is "pow"`},
		{"arith values", func(b *Builder) { s := num(b); b.Add(&Arith{Op: "add", In: s, Out: s}) }, "values has 0 items"},
		{"arith overlap", func(b *Builder) {
			b.Number(0)
			b.Number(1)
			b.Number(2)
			b.Add(&Arith{Op: "add", In: span(0, 2), Out: span(1, 3), Values: []float64{1}})
		}, "overlap"},
		{"arith sizes", func(b *Builder) { s := num(b); b.Add(&Arith{Op: "add", In: s, Out: b.Floats(2), Values: []float64{1}}) }, "in has 1 slots and out 2"},
		{"clip min", func(b *Builder) { s := num(b); b.Add(&Clip{In: s, Out: s, Max: []float64{1}}) }, "min has 0"},
		{"clip max", func(b *Builder) { s := num(b); b.Add(&Clip{In: s, Out: s, Min: []float64{1}}) }, "max has 0"},
		{"map op", func(b *Builder) { s := num(b); b.Add(&Map{Op: "sinus", In: s, Out: s}) }, `op is "sinus"`},
		{"impute fill", func(b *Builder) { s := num(b); b.Add(&Impute{In: s, Out: s}) }, "fill has 0"},
		{"indicate sizes", func(b *Builder) { b.Add(&Indicate{In: num(b), Out: b.Floats(2)}) }, "in has 1 slots"},
		{"text unwritten", func(b *Builder) { b.Add(&FillText{In: b.NewText()}) }, "text slot 0, which nothing"},
		{"text outside", func(b *Builder) { b.Add(&FillText{In: -1}) }, "text slot -1, outside"},
		{"text out outside", func(b *Builder) { b.Add(&FillText{In: b.Text(0), Out: 1}) }, "out is text slot 1"},
		{"indicate text out", func(b *Builder) { b.Add(&IndicateText{In: b.Text(0), Out: 1}) }, "outside the frame"},
		{"lookup codes", func(b *Builder) { b.Add(&LookupText{In: b.Text(0), Keys: NewStrings([]string{"a"})}) }, "codes has 0"},
		{"lookup order", func(b *Builder) {
			b.Add(&LookupText{In: b.Text(0), Keys: NewStrings([]string{"b", "a"}), Lookup: Lookup{Codes: []float64{0, 1}}})
		}, "keys[1]"},
		{"lookup out", func(b *Builder) { b.Add(&LookupText{In: b.Text(0), Lookup: Lookup{Out: 3}}) }, "out is [3,4)"},
		{"lookup nan first", func(b *Builder) {
			b.Add(&LookupNumber{In: b.Number(0), Keys: []float64{nan, 1}, Lookup: Lookup{Codes: []float64{0, 1}}})
		}, "keys[1]"},
		{"lookup nan twice", func(b *Builder) {
			b.Add(&LookupNumber{In: b.Number(0), Keys: []float64{nan, nan}, Lookup: Lookup{Codes: []float64{0, 1}}})
		}, "keys[1]"},
		{"lookup zeros", func(b *Builder) {
			b.Add(&LookupNumber{In: b.Number(0), Keys: []float64{negZero, 0}, Lookup: Lookup{Codes: []float64{0, 1}}})
		}, "keys[1]"},
		{"one hot list", func(b *Builder) { b.Add(&OneHot{In: num(b), Out: b.Floats(1)}) }, "widths has 0"},
		{"one hot negative", func(b *Builder) { b.Add(&OneHot{In: num(b), Out: b.Floats(1), Widths: []int32{-1}}) }, "widths[0] is -1"},
		{"one hot sum", func(b *Builder) { b.Add(&OneHot{In: num(b), Out: b.Floats(1), Widths: []int32{2}}) }, "add up to 2"},
		{"one hot in place", func(b *Builder) { s := num(b); b.Add(&OneHot{In: s, Out: s, Widths: []int32{1}}) }, "overlap"},
		{"mat mul weights", func(b *Builder) { b.Add(&MatMul{In: num(b), Out: b.Floats(1)}) }, "weights has 0 items, want 1"},
		{"mat mul bias", func(b *Builder) {
			b.Add(&MatMul{In: num(b), Out: b.Floats(1), Weights: []float64{1}, Bias: []float64{1, 2}})
		}, "bias has 2"},
		{"mat mul in place", func(b *Builder) { s := num(b); b.Add(&MatMul{In: s, Out: s, Weights: []float64{1}}) }, "overlap"},
		{"kernel op", func(b *Builder) { b.Add(&Kernel{In: num(b)}) }, `op is ""`},
		{"kernel gram", func(b *Builder) { b.Add(&Kernel{Op: "linear", Gram: Fused, In: num(b)}) }, `gram is "fused"`},
		{"kernel points", func(b *Builder) { b.Add(&Kernel{Op: "linear", Gram: Plain, In: num(b), Out: b.Floats(2)}) }, "points has 0 items, want 2"},
		{"kernel norms", func(b *Builder) {
			b.Add(&Kernel{Op: "rbf", Gram: Plain, In: num(b), Out: b.Floats(1), Points: []float64{1}})
		}, "norms has 0 items, want 1"},
		{"pair sums classes", func(b *Builder) { b.Add(&PairSums{In: num(b), Counts: []int32{1}}) }, "there are 1 classes"},
		{"pair sums out", func(b *Builder) { b.Add(&PairSums{In: num(b), Counts: []int32{1, 1}}) }, "out has 0 items, want 1"},
		{"pair sums negative", func(b *Builder) { b.Add(&PairSums{In: num(b), Out: b.Floats(1), Counts: []int32{2, -1}}) }, "counts[1] is -1"},
		{"pair sums counts", func(b *Builder) { b.Add(&PairSums{In: num(b), Out: b.Floats(1), Counts: []int32{1, 1}}) }, "add up to 2"},
		{"pair sums coef", func(b *Builder) { b.Add(&PairSums{In: num(b), Out: b.Floats(1), Counts: []int32{1, 0}}) }, "coef has 0 items, want 1"},
		{"pair sums bias", func(b *Builder) {
			b.Add(&PairSums{In: num(b), Out: b.Floats(1), Counts: []int32{1, 0}, Coef: []float64{1}})
		}, "bias has 0"},
		{"pair votes pairs", func(b *Builder) { b.Add(&PairVotes{Predictions: num(b), Out: b.Floats(3)}) }, "predictions has 1 items, want 3"},
		{"pair votes confidences", func(b *Builder) {
			b.Add(&PairVotes{Predictions: num(b), Confidences: span(1, 3), Out: b.Floats(2)})
		}, "confidences has 2 items, want 1"},
		{"pair votes in place", func(b *Builder) {
			s := num(b)
			b.Add(&PairVotes{Predictions: s, Confidences: span(1, 2), Out: b.Floats(2)})
		}, "overlap"},
		{"pair probabilities work", func(b *Builder) {
			b.Add(&PairProbabilities{In: num(b), Out: b.Floats(2), A: []float64{1}, B: []float64{1}})
		}, "work has 0 slots, want 10"},
		{"pair probabilities parameters", func(b *Builder) { b.Add(&PairProbabilities{In: num(b), Out: b.Floats(2), A: []float64{1}}) }, "b has 0"},
		{"pair probabilities overlap", func(b *Builder) {
			b.Add(&PairProbabilities{In: num(b), Out: b.Floats(2), Work: span(2, 12), A: []float64{1}, B: []float64{1}})
			b.Floats(9)
		}, "work [2,12) overlaps"},
		{"log softmax empty", func(b *Builder) { b.Add(&LogSoftmax{}) }, "in is empty"},
		{"domain bounds", func(b *Builder) { b.Add(&Domain{In: num(b), Max: []float64{1}}) }, "min has 0"},
		{"domain features", func(b *Builder) { b.Add(&Domain{In: num(b), Min: []float64{1}, Max: []float64{1}}) }, "features has 0"},
		{"interpolate points", func(b *Builder) { b.Add(&Interpolate{In: b.Number(0), X: []float64{1}, Y: []float64{1}}) }, "x has 1 items"},
		{"interpolate order", func(b *Builder) {
			b.Add(&Interpolate{In: b.Number(0), X: []float64{1, 1}, Y: []float64{1, 2}})
		}, "x[1] is 1, want more than 1"},
		{"sum rows widths", func(b *Builder) { b.Add(&SumRows{In: num(b)}) }, "widths has 0 items, want 1"},
		{"sum rows negative", func(b *Builder) { b.Add(&SumRows{In: num(b), Widths: []int32{-1}}) }, "widths[0] is -1"},
		{"sum rows rows", func(b *Builder) { b.Add(&SumRows{In: num(b), Out: b.Floats(2), Widths: []int32{3}}) }, "rows has 0 items, want 6"},
		{"sum rows bias", func(b *Builder) {
			b.Add(&SumRows{In: num(b), Out: b.Floats(1), Widths: []int32{1}, Rows: []float64{1}})
		}, "bias has 0 items, want 1"},
		{"chi squared steps", func(b *Builder) { b.Add(&ChiSquaredFeatures{In: num(b)}) }, "steps is 0"},
		{"chi squared out", func(b *Builder) { b.Add(&ChiSquaredFeatures{In: num(b), Out: b.Floats(2), Steps: 2}) }, "out has 2 slots, want 3"},
		{"count sketch empty", func(b *Builder) { b.Add(&CountSketch{}) }, "in is empty"},
		{"count sketch columns", func(b *Builder) { b.Add(&CountSketch{In: num(b)}) }, "columns has 0 items"},
		{"count sketch column", func(b *Builder) { b.Add(&CountSketch{In: num(b), Out: b.Floats(1), Columns: []int32{1}}) }, "columns[0] is 1"},
		{"count sketch signs", func(b *Builder) { b.Add(&CountSketch{In: num(b), Out: b.Floats(1), Columns: []int32{0}}) }, "signs has 0"},
		{"count sketch work", func(b *Builder) {
			b.Add(&CountSketch{In: num(b), Out: b.Floats(1), Columns: []int32{0}, Signs: []float64{1}})
		}, "work has 0 slots, want 2"},
		{"count sketch overlap", func(b *Builder) {
			b.Add(&CountSketch{In: num(b), Out: b.Floats(2), Work: span(2, 6), Columns: []int32{0}, Signs: []float64{1}})
			b.Floats(3)
		}, "work [2,6) overlaps"},
		{"steady errors", func(b *Builder) { b.Add(&Steady{In: num(b), Out: num(b)}) }, "errors has 0 items, want 1"},
		{"steady shares", func(b *Builder) { b.Add(&SteadyShares{Logs: num(b)}) }, "logs has 1 slots and shares 0"},
		{"steady offsets", func(b *Builder) {
			b.Add(&Steady{In: num(b), Out: num(b), Errors: []float64{1}, Offsets: []float64{1, 2}})
		}, "offsets has 2 items, want 1 or none"},
		{"projection weights", func(b *Builder) { b.Add(&Projection{In: num(b), Out: b.Floats(2)}) }, "weights has 0 items, want 2"},
		{"centre kernel rows", func(b *Builder) { b.Add(&CentreKernel{In: num(b)}) }, "rows has 0 items, want 1"},
		{"softmax empty", func(b *Builder) { b.Add(&Softmax{}) }, "in is empty"},
		{"arg max empty", func(b *Builder) { b.Add(&ArgMax{}) }, "in is empty"},
		{"normalize mode", func(b *Builder) { s := num(b); b.Add(&Normalize{In: s, Out: s}) }, `zero_sum is ""`},
		{"weighted sum empty", func(b *Builder) { b.Add(&WeightedSum{}) }, "from is empty"},
		{"weighted sum weights", func(b *Builder) {
			b.Add(&WeightedSum{From: []int32{b.Number(0)}, Out: b.Floats(1), Weights: []float64{1, 2}})
		}, "weights has 2 items, want 1"},
		{"weighted sum in place", func(b *Builder) { s := num(b); b.Add(&WeightedSum{From: []int32{0}, Out: s}) }, "overlap"},
		{"gather table", func(b *Builder) { b.Add(&Gather{In: b.Number(0), Out: b.Floats(2), Table: []float64{1, 2, 3}}) }, "table has 3 items"},
		{"weighted median work", func(b *Builder) { s := num(b); b.Add(&WeightedMedian{In: s, Work: s, Weights: []float64{1}}) }, "work is [0,1)"},
		{"above outside", func(b *Builder) { b.Add(&Above{In: 1}) }, "outside the frame"},
		{"trees accumulate on nothing", func(b *Builder) {
			b.Add(&Trees{TreeSums: TreeSums{Compare: Float32LE, Accumulate: true, In: num(b), Out: b.Floats(1)}, Roots: []int32{0}})
		}, "out reads slot 1, which nothing has written"},
		{"trees accumulate on init", func(b *Builder) {
			s := num(b)
			b.Add(&Trees{TreeSums: TreeSums{Compare: Float32LE, Accumulate: true, In: s, Out: s, Init: []float64{1}}, Roots: []int32{0}})
		}, "init has 1 items, want none"},
		{"trees unpacked", func(b *Builder) { b.Add(&Trees{TreeSums: TreeSums{In: num(b)}}) }, `compare is ""`},
		{"small trees unpacked", func(b *Builder) { b.Add(&SmallTrees{TreeSums: TreeSums{In: num(b)}}) }, `compare is ""`},
		{"small trees accumulate on nothing", func(b *Builder) {
			b.Add(&SmallTrees{TreeSums: TreeSums{Compare: Float32LE, Accumulate: true, In: num(b), Out: b.Floats(1)}, Starts: []int32{0}, Firsts: []int32{0}})
		}, "out reads slot 1, which nothing has written"},
		{"trees without features", func(b *Builder) { b.Add(&Trees{TreeSums: TreeSums{Compare: Float32LE}, Roots: []int32{0}}) }, "in is empty"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := NewBuilder()
			c.build(b)
			_, err := b.Plan()
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "plan: ") {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}
