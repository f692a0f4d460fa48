package engine

import (
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// columnarPlan is a plan of steps that work on columns, each with every one of its operations.
func columnarPlan(t *testing.T) *Plan {
	t.Helper()
	b := NewBuilder()
	x := Span{b.Number(0), 3}
	b.Number(1)
	b.Number(2)
	work, product, flags, rest := b.Floats(3), b.Floats(2), b.Floats(2), b.Floats(3)
	b.Add(&Check{In: x, AllowNaN: true, Features: []int32{0, 1, 2}})
	b.Add(&Arith{Op: "sub", In: x, Out: work, Values: []float64{0.1, 2, -3}},
		&Arith{Op: "div", In: work, Out: work, Values: []float64{0.3, 1e-3, 1e200}},
		&Check{In: work, Float32: true, AllowNaN: true, AllowInf: true, Features: []int32{0, 1, 2}})
	b.Add(&Arith{Op: "mul", In: work, Out: rest, Values: []float64{3}}, &Arith{Op: "add", In: rest, Out: rest, Values: []float64{1, 2, 3}, Float32: true})
	b.Add(&Arith{Op: "rsub", In: rest, Out: rest, Values: []float64{1}},
		&Check{In: rest, AllowNaN: true, AllowInf: true, Float32: true, Features: []int32{0, 1, 2}})
	b.Add(&MatMul{In: work, Out: product, Weights: []float64{0.1, -0.7, 3, 1e-3, 0.2, -5}, Bias: []float64{0.3, -0.1}})
	b.Add(&MatMul{In: rest, Out: Span{Start: flags.Start, N: 1}, Weights: []float64{1, -1, 0.1}})
	b.Add(&Above{In: product.Start, Out: flags.Start, Value: 0.3}, &Above{In: product.Start + 1, Out: flags.Start + 1, Value: -0.1, OrEqual: true})
	b.Add(&Map{Op: "expit", In: product, Out: product}, &Map{Op: "tanh", In: rest, Out: rest},
		&Select{From: []int32{rest.Start + 2, work.Start}, Out: Span{Start: rest.Start, N: 2}})
	b.Output("product", product)
	b.Output("flags", flags)
	b.Output("rest", rest)
	b.Output("work", work)
	p, err := b.Plan()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestColumns holds the rows of a batch, whose slots lie column by column, against each of them alone, whose slots do not: values and errors.
func TestColumns(t *testing.T) {
	t.Parallel()
	p := columnarPlan(t)
	if p.columns == nil {
		t.Fatal("the plan does not work on columns")
	}
	r, failed, answered := rand.New(rand.NewPCG(1, 9)), 0, 0
	for _, n := range []int{columnarRows - 1, columnarRows, columnarRows + 3, p.chunk, 3*p.chunk + 17} {
		in := Batch{N: n}
		for range 3 * n {
			v := r.NormFloat64()
			if r.IntN(4) == 0 {
				v = hardValue(r)
			}
			in.Numbers = append(in.Numbers, v)
		}
		var out, alone Result
		p.Run(&in, &out)
		for i := range n {
			p.Run(&Batch{N: 1, Numbers: in.Numbers[3*i : 3*i+3]}, &alone)
			if diff := cmp.Diff(alone.Errors[0], out.Errors[i]); diff != "" {
				t.Fatalf("row %d of %d: (-alone +in the batch)\n%s", i, n, diff)
			}
			if err := sameBits(out.Values[i*p.width:(i+1)*p.width], alone.Values); err != nil {
				t.Fatalf("row %d of %d: %v", i, n, err)
			}
			if alone.Errors[0].Code == OK {
				answered++
			} else {
				failed++
			}
		}
	}
	if failed == 0 || answered == 0 {
		t.Errorf("%d rows answered and %d failed, want some of each", answered, failed)
	}
}

// TestScale makes one step of sub and div in place, and of the checks of what they read and write, which TestColumns runs; it leaves those whose difference is
// still read, or is rounded between, and checks of other slots or of values that are overwritten.
func TestScale(t *testing.T) {
	t.Parallel()
	if p := columnarPlan(t); len(p.columns) != len(p.steps)-3 {
		t.Errorf("%d steps are %d on columns, want three less", len(p.steps), len(p.columns))
	}
	x, y := Span{0, 1}, Span{1, 1}
	sub := &Arith{Op: "sub", In: x, Out: y, Values: []float64{1}}
	for _, list := range [][]Step{
		{sub, &Arith{Op: "div", In: y, Out: x, Values: []float64{3}}},
		{sub, &Arith{Op: "div", In: x, Out: x, Values: []float64{3}}},
		{sub, &Arith{Op: "mul", In: y, Out: y, Values: []float64{3}}},
		{sub, &Arith{Op: "div", In: y, Out: y, Float32: true, Values: []float64{3}}},
		{&Arith{Op: "sub", In: x, Out: y, Float32: true, Values: []float64{1}}, &Arith{Op: "div", In: y, Out: y, Values: []float64{3}}},
		{&Arith{Op: "div", In: y, Out: y, Values: []float64{3}}, sub},
	} {
		if got := columnSteps(list); len(got) != len(list) {
			t.Errorf("%v and %v are %d steps, want 2", list[0], list[1], len(got))
		}
	}
	div := &Arith{Op: "div", In: y, Out: y, Values: []float64{3}}
	inPlace := &Arith{Op: "sub", In: y, Out: y, Values: []float64{1}}
	for _, c := range []struct {
		list []Step
		want int
	}{
		{[]Step{&Check{In: x}, sub, div, &Check{In: y}}, 1},
		{[]Step{sub, div, &Check{In: y}, &Check{In: y}}, 2},
		{[]Step{&Check{In: y}, sub, div, &Check{In: x}}, 3},
		{[]Step{&Check{In: y}, inPlace, div, &Check{In: y}}, 2},
	} {
		if got := columnSteps(c.list); len(got) != c.want {
			t.Errorf("%v are %d steps, want %d", c.list, len(got), c.want)
		}
	}
}

// TestScaleErrors tells the error of the first check of a row that both checks beside a scaler object to, though its feature comes later.
func TestScaleErrors(t *testing.T) {
	t.Parallel()
	b := NewBuilder()
	x := Span{b.Number(0), 2}
	b.Number(1)
	scaled := b.Floats(2)
	b.Add(&Check{In: x, AllowNaN: true, Features: []int32{0, 1}}, &Arith{Op: "sub", In: x, Out: scaled, Values: []float64{1}},
		&Arith{Op: "div", In: scaled, Out: scaled, Values: []float64{1e-3}}, &Check{In: scaled, Float32: true, Features: []int32{0, 1}})
	b.Output("scaled", scaled)
	p, err := b.Plan()
	if err != nil {
		t.Fatal(err)
	}
	if len(p.columns) != 1 {
		t.Fatalf("got %d steps on columns, want 1", len(p.columns))
	}
	in, want := Batch{N: columnarRows, Numbers: make([]float64, 2*columnarRows)}, make([]RowError, columnarRows)
	copy(in.Numbers, []float64{1e39, inf, 1e39, 0, 0, nan})
	copy(want, []RowError{{NotFinite, 1}, {TooLarge, 0}, {MissingValue, 1}})
	var out Result
	p.Run(&in, &out)
	if diff := cmp.Diff(want, out.Errors); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// TestColumnsOfOtherSteps does not use columns where a step cannot, or where a chunk has few rows.
func TestColumnsOfOtherSteps(t *testing.T) {
	t.Parallel()
	full, _ := fullPlan(t)
	if full.columns != nil {
		t.Error("a plan with every step works on columns")
	}
	const features = 1000
	b := NewBuilder()
	x := Span{b.Number(0), features}
	for i := range features {
		b.Number(i)
	}
	b.Add(&Arith{Op: "add", In: x, Out: x, Values: []float64{1}})
	b.Output("out", x)
	p, err := b.Plan()
	if err != nil {
		t.Fatal(err)
	}
	if p.columns != nil {
		t.Errorf("a plan of %d slots and chunks of %d rows works on columns", p.floats, p.chunk)
	}
}
