package sklearn

import (
	"testing"

	"sklambda/model/engine"
)

// TestBehindLooseColumns: an answer that is computed from columns that may be off is no tighter than they are; one that is exact, or looser by itself, stays so.
func TestBehindLooseColumns(t *testing.T) {
	t.Parallel()
	span := engine.Span{N: 1}
	made := prediction{decision: answer{span, roundingTolerance, ""}, score: answer{span, worstTolerance, "its own"}, value: answer{span: span}}
	in := matrix{cols: make([]column, 2)}
	if got := made.behind(in); got.decision != made.decision {
		t.Errorf("behind exact columns the decision is %+v, want %+v", got.decision, made.decision)
	}
	in.cols[1].loose, in.cols[1].why = 1e-10, "inverse distances"
	got := made.behind(in)
	if want := (answer{span, 1e-10, "inverse distances"}); got.decision != want {
		t.Errorf("behind a loose column the decision is %+v, want %+v", got.decision, want)
	}
	if got.score != made.score || got.value != made.value {
		t.Errorf("behind a loose column the score is %+v and the value %+v, want %+v and %+v", got.score, got.value, made.score, made.value)
	}
}

// TestLargeColumnsCancel: what an ordinary row of the sample adds up says how far rounding may move a linear function; computed columns say nothing.
func TestLargeColumnsCancel(t *testing.T) {
	t.Parallel()
	large := &feature{sample: sampleColumn{sorted: []float64{1e5, 1e6, 1e7}}}
	coef := []float64{1, -1, 5, 0, 0.5, 5}
	for _, tt := range []struct {
		columns []column
		want    float64
	}{
		{[]column{{values: large}, {values: large}, {}}, 2e6},
		{[]column{{}, {values: large}, {}}, 1e6},
		{[]column{{}, {}, {}}, 0},
	} {
		l := linear{coef: coef, intercept: []float64{0, 0}, products: ordinaryProducts(matrix{cols: tt.columns}, coef)}
		if l.products != tt.want {
			t.Errorf("an ordinary row adds up %g, want %g", l.products, tt.want)
		}
		if got, want := l.cancellation(), max(roundingTolerance, min(8*ulp*tt.want, worstTolerance)); got != want {
			t.Errorf("%g leave %g, want %g", tt.want, got, want)
		}
	}
}
