package engine

// steadyCases run one of the steps that look for rounding errors each.
func steadyCases() []stepCase {
	two := span(0, 2)
	return []stepCase{
		{name: "steady", step: &Steady{In: two, Out: span(1, 2), Bound: 1e-9, Errors: []float64{1e-16, 1e-10}, Offsets: []float64{5e-9}}, in: []float64{-1e7, 9}},
		{name: "steady unstable", step: &Steady{In: two, Out: span(1, 2), Bound: 1e-9, Errors: []float64{1e-15, 0}}, in: []float64{-1e7, 9}, wantErr: RowError{Unstable, -1}},
		{name: "steady of nothing", step: &Steady{In: two, Out: span(1, 2), Bound: 1e-9, Errors: []float64{1, 1}}, in: []float64{1, nan}},
		{name: "steady shares", step: &SteadyShares{Logs: two, Shares: span(2, 4), Unit: 1e-15, Bound: 1e-12}, in: []float64{-1e9, -1e9, 0, 1}},
		{name: "steady shares unstable", step: &SteadyShares{Logs: two, Shares: span(2, 4), Unit: 1e-15, Bound: 1e-12}, in: []float64{-1e9, -1e9, 0.25, 0.75}, wantErr: RowError{Unstable, -1}},
		{name: "steady shares of small logarithms", step: &SteadyShares{Logs: two, Shares: span(2, 4), Unit: 1e-15, Bound: 1e-12}, in: []float64{-1, -inf, 1, 0}},
		{name: "steady side", step: &SteadySide{In: 0, Jumps: []float64{1, 2}, Every: 10, Bound: 1e-9}, in: []float64{1 + 2e-9}},
		{name: "steady side next to a jump", step: &SteadySide{In: 0, Jumps: []float64{1, 2}, Bound: 1e-9}, in: []float64{2 - 1e-9}, wantErr: RowError{Unstable, -1}},
		{name: "steady side on a jump", step: &SteadySide{In: 0, Jumps: []float64{1, 2}, Every: 1, Bound: 1e-9}, in: []float64{2}},
		{name: "steady side on a jump and next to one", step: &SteadySide{In: 0, Jumps: []float64{2, 2, 2 + 1e-9}, Bound: 1e-9}, in: []float64{2}, wantErr: RowError{Unstable, -1}},
		{name: "steady side touching", step: &SteadySide{In: 0, Jumps: []float64{1, 2}, Bound: 1e-9, Touching: true}, in: []float64{2}, wantErr: RowError{Unstable, -1}},
		{name: "steady side of halves", step: &SteadySide{In: 0, From: 0.5, Every: 1, Bound: 1e-9}, in: []float64{1e6 + 0.5 - 1e-4}, wantErr: RowError{Unstable, -1}},
		{name: "steady side of halves apart", step: &SteadySide{In: 0, From: 0.5, Every: 1, Bound: 1e-9}, in: []float64{1e6}},
		{name: "steady side of nothing", step: &SteadySide{In: 0, Jumps: []float64{1}, Every: 1, Bound: 1, Touching: true}, in: []float64{nan}},
		{name: "steady side of infinity", step: &SteadySide{In: 0, Jumps: []float64{1}, Every: 1, Bound: 1, Touching: true}, in: []float64{-inf}},
		{name: "steady map", step: &SteadyMap{Op: "sqrt", In: 0, Lost: 1e-12, Bound: 1e-9}, in: []float64{1e-5}},
		{name: "steady map unstable", step: &SteadyMap{Op: "sqrt", In: 0, Lost: 1e-12, Bound: 1e-9}, in: []float64{1e-7}, wantErr: RowError{Unstable, -1}},
		{name: "steady map next to missing", step: &SteadyMap{Op: "log", In: 0, Lost: 1e-12, Bound: 1e-9}, in: []float64{-1e-13}, wantErr: RowError{Unstable, -1}},
		{name: "steady map next to infinity", step: &SteadyMap{Op: "reciprocal", In: 0, Lost: 1e-12, Bound: 1e-9}, in: []float64{0}, wantErr: RowError{Unstable, -1}},
		{name: "steady map of a large angle", step: &SteadyMap{Op: "cos", In: 0, Lost: 1e-12, Bound: 1e-9}, in: []float64{1e5}, wantErr: RowError{Unstable, -1}},
		{name: "steady map of nothing", step: &SteadyMap{Op: "log", In: 0, Lost: 1e-12, Bound: 1e-9}, in: []float64{nan}},
		{name: "steady map of infinity", step: &SteadyMap{Op: "exp", In: 0, Lost: 1e-12, Bound: 1e-9}, in: []float64{inf}},
		{name: "steady map of a missing value", step: &SteadyMap{Op: "log", In: 0, Lost: 1e-12, Bound: 1e-9}, in: []float64{-3}},
	}
}
