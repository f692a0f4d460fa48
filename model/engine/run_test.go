package engine

import (
	"math"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"unsafe"

	"github.com/google/go-cmp/cmp"
)

// manyRows repeats and varies the rows of fullPlan.
func manyRows(t testing.TB, n int) (*Plan, *Batch) {
	t.Helper()
	p, few := fullPlan(t)
	r := rand.New(rand.NewPCG(9, 9))
	in := &Batch{N: n}
	for range n {
		k := r.IntN(few.N)
		in.Numbers = append(in.Numbers, r.NormFloat64(), few.Numbers[3*k+1], few.Numbers[3*k+2])
		in.Texts = append(in.Texts, few.Texts[r.IntN(few.N)])
	}
	return p, in
}

// TestRunAnyBatch answers each row alike alone, in a chunk and in a batch shared out over goroutines.
func TestRunAnyBatch(t *testing.T) {
	t.Parallel()
	p, in := manyRows(t, 5*maxChunk+17)
	var all, again, single Result
	p.Run(in, &all)
	p.Run(in, &again)
	if err := sameBits(again.Values, all.Values); err != nil {
		t.Errorf("a second run: %v", err)
	}
	marked := 0
	for i := range in.N {
		p.Run(&Batch{N: 1, Numbers: in.Numbers[3*i : 3*i+3], Texts: in.Texts[i : i+1]}, &single)
		if err := sameBits(single.Values, all.Values[i*p.Width():(i+1)*p.Width()]); err != nil {
			t.Fatalf("row %d: %v", i, err)
		}
		if single.Errors[0] != all.Errors[i] {
			t.Fatalf("row %d: error %v alone, %v in the batch", i, single.Errors[0], all.Errors[i])
		}
		if all.Errors[i].Code != OK {
			marked++
			for _, v := range single.Values {
				if !math.IsNaN(v) {
					t.Fatalf("row %d has an error and the value %v", i, v)
				}
			}
		}
	}
	if marked == 0 || marked == in.N {
		t.Errorf("%d of %d rows have errors, want some", marked, in.N)
	}
}

// TestShares has one worker do its own share and those of all others, which must be the whole batch, each row once.
func TestShares(t *testing.T) {
	t.Parallel()
	p, in := manyRows(t, 5*maxChunk+17)
	var want Result
	p.Run(in, &want)
	for _, workers := range []int{1, 2, 3, 64} {
		for _, first := range []int{0, workers - 1} {
			shares := shareOut(in.N, p.chunk, workers)
			end := 0
			for i := range shares {
				if from := int(shares[i].next.Load()); from != min(end, in.N) && i > 0 || from%p.chunk != 0 {
					t.Errorf("share %d of %d starts at row %d, the one before ends at %d", i, workers, from, end)
				}
				end = shares[i].end
			}
			if end != in.N {
				t.Errorf("%d shares end at row %d of %d", workers, end, in.N)
			}
			got := Result{Values: make([]float64, in.N*p.Width()), Errors: make([]RowError, in.N)}
			p.runShares(in, &got, shares, first)
			if err := sameBits(got.Values, want.Values); err != nil {
				t.Errorf("%d shares, first %d: %v", workers, first, err)
			}
			if diff := cmp.Diff(want.Errors, got.Errors); diff != "" {
				t.Errorf("%d shares, first %d: (-want +got)\n%s", workers, first, diff)
			}
		}
	}
}

// TestSessionsApart lets no two sessions write a cache line for each row: processors would wait for each other.
func TestSessionsApart(t *testing.T) {
	t.Parallel()
	p := &Plan{chunk: 1, features: 30}
	owner := map[uintptr]int{}
	own := func(id int, from, bytes uintptr) {
		for line := from / cacheLine; line <= (from+bytes-1)/cacheLine; line++ {
			if other, taken := owner[line]; taken && other != id {
				t.Errorf("sessions %d and %d write the same cache line", other, id)
			}
			owner[line] = id
		}
	}
	var sessions []*session
	for id := range 20 {
		s := p.session()
		sessions = append(sessions, s)
		own(id, uintptr(unsafe.Pointer(&s.featureKeys[0])), 8*30)
		own(id, uintptr(unsafe.Pointer(&s.ends[0])), 4*30)
		own(id, uintptr(unsafe.Pointer(&s.words)), unsafe.Sizeof(s.words))
	}
	runtime.KeepAlive(sessions)
}

// TestRunReuse runs a large batch, then a small and an empty one, into one Result.
func TestRunReuse(t *testing.T) {
	t.Parallel()
	p, in := manyRows(t, 300)
	var out, fresh Result
	p.Run(in, &out)
	small := &Batch{N: 2, Numbers: in.Numbers[:6], Texts: in.Texts[:2]}
	p.Run(small, &out)
	p.Run(small, &fresh)
	if err := sameBits(out.Values, fresh.Values); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff(fresh.Errors, out.Errors); diff != "" {
		t.Errorf("(-fresh +reused)\n%s", diff)
	}
	p.Run(&Batch{}, &out)
	if len(out.Values) != 0 || len(out.Errors) != 0 {
		t.Errorf("an empty batch has %d values and %d errors", len(out.Values), len(out.Errors))
	}
}

// TestFirstErrorStays lets two steps object to a row; a later row is clean.
func TestFirstErrorStays(t *testing.T) {
	t.Parallel()
	b := NewBuilder()
	x := Span{b.Number(4), 1}
	b.Add(&Check{In: x, AllowInf: true, Features: []int32{4}})
	b.Add(&LookupNumber{In: x.Start, Lookup: Lookup{Out: x.Start, Reject: true, Feature: 5, Codes: []float64{0}}, Keys: []float64{1}})
	b.Output("out", x)
	p, err := b.Plan()
	if err != nil {
		t.Fatal(err)
	}
	var out Result
	p.Run(&Batch{N: 3, Numbers: []float64{nan, 2, 1}}, &out)
	if diff := cmp.Diff([]RowError{{MissingValue, 4}, {UnknownCategory, 5}, {}}, out.Errors); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if err := sameBits(out.Values, []float64{nan, nan, 0}); err != nil {
		t.Error(err)
	}
}

// TestRunAllocates nothing once a session is in the pool.
func TestRunAllocates(t *testing.T) { // not parallel: AllocsPerRun counts for the whole process
	p, in := manyRows(t, 8)
	for _, n := range []int{1, 8} {
		batch := &Batch{N: n, Numbers: in.Numbers[:3*n], Texts: in.Texts[:n]}
		var out Result
		if allocs := testing.AllocsPerRun(200, func() { p.Run(batch, &out) }); allocs != 0 {
			t.Errorf("%v allocations for %d rows, want none", allocs, n)
		}
	}
}

func TestRunPanicsOnSize(t *testing.T) {
	t.Parallel()
	p, in := fullPlan(t)
	for name, batch := range map[string]*Batch{
		"negative": {N: -1},
		"numbers":  {N: 1, Numbers: in.Numbers[:2], Texts: in.Texts[:1]},
		"texts":    {N: 1, Numbers: in.Numbers[:3]},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			defer func() {
				if v, _ := recover().(string); !strings.Contains(v, "size") {
					t.Errorf("got %q, want a panic about the size", v)
				}
			}()
			p.Run(batch, &Result{})
		})
	}
}

func TestBuilderSlots(t *testing.T) {
	t.Parallel()
	b := NewBuilder()
	got := []int32{b.Number(7), b.Number(3), b.Number(7), b.Integer(7), b.Text(7), b.Text(1), b.Text(7), b.Floats(3).Start, b.NewText(), b.Number(9)}
	if diff := cmp.Diff([]int32{0, 1, 0, 2, 0, 1, 0, 3, 2, 6}, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestOutputColumns(t *testing.T) {
	t.Parallel()
	p, _ := fullPlan(t)
	for name, want := range map[string][2]int{"probability": {0, 2}, "sums": {2, 2}, "hot": {4, 7}, "label": {11, 2}} {
		if start, n, ok := p.Output(name); !ok || start != want[0] || n != want[1] {
			t.Errorf("%s is at %d, %d (%v), want %v", name, start, n, ok, want)
		}
	}
	if _, _, ok := p.Output("none"); ok {
		t.Error("an output that does not exist is found")
	}
}

func TestChunkRows(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ rowBytes, want int }{{0, 256}, {80, 256}, {960, 136}, {1000, 128}, {12000, 8}, {30000, 4}, {1 << 25, 1}} {
		if got := chunkRows(c.rowBytes); got != c.want {
			t.Errorf("%d bytes a row: %d rows, want %d", c.rowBytes, got, c.want)
		}
	}
}
