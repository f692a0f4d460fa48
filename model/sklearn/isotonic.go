package sklearn

import (
	"fmt"

	"sklambda/model/engine"
)

const isotonicRegression = "sklearn.isotonic.IsotonicRegression"

// isotonicConverters holds the class of sklearn.isotonic.
func isotonicConverters() map[string]converter {
	return map[string]converter{isotonicRegression: {predict: predictIsotonicRegression, transform: transformIsotonicRegression}}
}

// transformIsotonicRegression refuses: scikit-learn's transform gives one dimension, which no other step takes.
func transformIsotonicRegression(e *estimator, _ matrix) matrix {
	e.ignores("increasing", "increasing_", "y_min", "y_max", "X_min_", "X_max_", "X_thresholds_", "y_thresholds_", "out_of_bounds")
	e.refuse("a step in the middle of a pipeline", "its transform gives one dimension, for which the next step raises", "use it as the last step")
	return unknownMatrix
}

// predictIsotonicRegression follows sklearn.isotonic.IsotonicRegression.predict.
func predictIsotonicRegression(e *estimator, in matrix) prediction {
	e.denseOnly(in)
	if in.width() != 1 {
		e.refuse(fmt.Sprintf("%d columns", in.width()), "it takes one: scikit-learn raises for every row", "give it one column")
		return prediction{}
	}
	_, _, t, _ := denseArray(e.get("X_thresholds_"))
	span := e.c.checked(e, in, engine.Check{Float32: t == float32Type})
	return regression(e.isotonic(in, span.Start), in.tolerance())
}

// isotonic adds IsotonicRegression._transform of a number that has been checked: clipped, cast to the dtype of the thresholds, and interpolated between them.
func (e *estimator) isotonic(in matrix, slot engine.Slot) engine.Span {
	e.ignores("increasing", "increasing_", "y_min", "y_max")
	x, _, t, errX := denseArray(e.get("X_thresholds_"))
	y, _, _, errY := denseArray(e.get("y_thresholds_"))
	low, high := e.float("X_min_"), e.float("X_max_")
	bounds := e.str("out_of_bounds", "nan", "clip", "raise")
	out := e.c.b.Floats(1)
	if errX != nil || errY != nil || len(x) == 0 || len(x) != len(y) {
		e.wrong("X_thresholds_", e.get("X_thresholds_"), "an array of numbers, as many as in y_thresholds_")
		return out
	}
	if len(x) == 1 { // a constant, without bounds
		e.c.b.Add(&engine.MatMul{Out: out, Bias: y})
		return out
	}
	last := len(x) - 1
	step := &engine.Interpolate{In: slot, Out: out.Start, Outside: bounds == "nan", Float32: t == float32Type, X: x, Y: y}
	if t == float32Type {
		e.c.b.Add(&engine.Map{Op: "float32", In: engine.Span{Start: slot, N: 1}, Out: out})
		step.In = out.Start
	}
	switch bounds {
	case "clip":
		e.c.b.Add(&engine.Clip{In: engine.Span{Start: step.In, N: 1}, Out: out, Min: []float64{low}, Max: []float64{high}})
		step.In = out.Start
	case "raise":
		e.c.domain(in, engine.Span{Start: step.In, N: 1}, engine.Domain{Min: x[:1], Max: x[last:]})
	}
	e.c.b.Add(step)
	return out
}
