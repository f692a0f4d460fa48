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
