package sklearn

import (
	"fmt"
	"math"
	"slices"

	"sklambda/model/engine"
)

// worstTolerance is the loosest bound of an output: an answer with larger rounding errors is refused, or an error of its row.
const worstTolerance = 1e-9

// ulp is twice the largest relative error of an operation: what two orders of a sum may differ by, for each number in it.
const ulp = 0x1p-52

// steady bounds the rounding errors of a transformer's columns out that hang on the centred numbers in: errors has the error of each column for each unit of a number.
// Columns with an error above roundingTolerance on a row one unit from the centre are loosened, those above worstTolerance refused; a row of which an error is beyond the
// bound is an error (engine.Unstable).
func (e *estimator) steady(in engine.Span, out matrix, errors []float64) {
	step := &engine.Steady{In: in, Out: e.c.numbers(e, out), Errors: errors}
	lost := roundingTolerance
	for row := range slices.Chunk(errors, max(int(in.N), 1)) {
		sum := 0.0
		for _, v := range row {
			sum += v
		}
		lost = max(lost, sum)
	}
	switch {
	case !(lost <= worstTolerance):
		e.refuse("components_", fmt.Sprintf("they are so nearly dependent that rounding errors of about %.0e remain, and scikit-learn's own answers depend on the processor", lost),
			"refit with a larger ridge_alpha, or fewer components")
		return
	case lost > roundingTolerance:
		out.loosen(answer{tolerance: lost, reason: "components that are nearly dependent"})
	}
	step.Bound = engine.Number64(lost)
	e.c.b.Add(step)
}

// steadyShares makes a row an error (engine.Unstable) where two classes share logarithms so large, as far outside of what was trained on, that their last bits decide
// between them.
func (e *estimator) steadyShares(logs, shares engine.Span) {
	e.c.b.Add(&engine.SteadyShares{Logs: logs, Shares: shares, Unit: 4 * ulp, Bound: roundingTolerance})
}

// rescaled is a matrix whose columns were divided by scale, if there is one for each: what they may be off by is divided too. A column that is rounding noise, as a principal component of columns
// that follow from others, is refused: scikit-learn's own answers then differ in the first digit between batches.
func (e *estimator) rescaled(m matrix, scale []float64) matrix {
	if len(scale) != m.width() {
		return m
	}
	m = m.pick(indices(m.width()))
	for i := range m.cols {
		col := &m.cols[i]
		size := math.Abs(scale[i])
		col.noise /= size
		switch lost := max(col.loose/size, col.noise); {
		case col.noise > worstTolerance:
			e.refuse(fmt.Sprintf("scale_[%d] is %.2g", i, size), fmt.Sprintf("the step before leaves rounding errors of %.1g in the column, which become %.1g", col.noise*size, col.noise),
				"leave the column out, for example by fewer components of a PCA")
			return m
		case lost > roundingTolerance:
			if col.why == "" {
				col.why = fmt.Sprintf("column %d is divided by %.2g, and so are its rounding errors", i, size)
			}
			col.loose = min(lost, worstTolerance)
		default:
			col.loose, col.why = 0, ""
		}
	}
	return m
}

// steadySides makes a row an error (engine.Unstable) in which rounding errors may carry a number of an inexact column over a jump of what is computed of it next. A number
// that hangs on one number alone and equals a jump is safe: it is right to the last bit (engine.Map), and the jump, such as the edge of a bin, is scikit-learn's own number
// for the same cell. A sum is not: scikit-learn's own sums differ between batches.
func (c *compiler) steadySides(m matrix, span engine.Span, jumps func(column int) engine.SteadySide) {
	for i, col := range m.cols {
		step := jumps(i)
		if !col.inexact && col.loose == 0 || len(step.Jumps) == 0 && step.Every == 0 {
			continue
		}
		step.In, step.Touching = span.Start+int32(i), !col.sameAlone
		step.Bound = engine.Number64(max(roundingTolerance, col.loose, 4*col.noise))
		c.b.Add(&step)
	}
}

// steadyMap makes a row an error (engine.Unstable) where a function of numpy makes much of the rounding errors of a sum, and loosens the columns of out to what it allows.
func (c *compiler) steadyMap(op string, in matrix, span engine.Span, out matrix) matrix {
	if isJump(op) || slices.Contains(testFunctions, op) || slices.Contains(gentleFunctions, op) {
		return out
	}
	for i, col := range in.cols {
		if !col.inexact || col.sameAlone {
			continue
		}
		lost := max(roundingTolerance, col.loose, 4*col.noise)
		c.b.Add(&engine.SteadyMap{Op: op, In: span.Start + int32(i), Lost: engine.Number64(lost), Bound: worstTolerance})
		out.cols[i].loose, out.cols[i].why = worstTolerance, op+" of a sum, whose last bits show"
	}
	return out
}

// gentleFunctions are those of numpy that make no more of the error of a sum, a few ulps, than roundingTolerance, absolute or relative.
var gentleFunctions = []string{"absolute", "negative", "square", "deg2rad", "expit", "tanh", "arctan", "arcsinh", "exp", "exp2", "expm1", "sinh", "cosh"}

// jumpsOf are the jumps of a function of numpy.
func jumpsOf(op string) engine.SteadySide {
	switch op {
	case "floor", "ceil", "trunc":
		return engine.SteadySide{Every: 1}
	case "rint":
		return engine.SteadySide{From: 0.5, Every: 1}
	case "sign", "signbit", "logical_not":
		return engine.SteadySide{Jumps: []float64{0}}
	}
	return engine.SteadySide{}
}

// isJump reports whether a function of numpy is flat between its jumps.
func isJump(op string) bool {
	j := jumpsOf(op)
	return j.Every != 0 || len(j.Jumps) > 0
}

// inverted are the reciprocals of factors.
func inverted(factors []float64) []float64 {
	out := make([]float64, len(factors))
	for i, f := range factors {
		out[i] = 1 / f
	}
	return out
}

// steadyCentre makes a row an error (engine.Unstable) where the kernel values, which the centring takes off one another before they are weighed, are so large that their
// last bits move a column by more than it allows. That is four times what the training rows lose on average, between roundingTolerance and worstTolerance.
func (e *estimator) steadyCentre(kernel engine.Span, out matrix, weights, rows []float64, all float64) {
	step := &engine.Steady{In: kernel, Out: e.c.numbers(e, out), Errors: magnitudes(weights)}
	bound := roundingTolerance
	for row := range slices.Chunk(step.Errors, max(len(rows), 1)) {
		lost := 0.0
		for j := range row {
			lost += float64(ulp * row[j] * (math.Abs(rows[j]) + math.Abs(all)))
			row[j] *= 2 * ulp // of the value, and of the mean
		}
		step.Offsets = append(step.Offsets, lost)
		bound = max(bound, 4*lost)
	}
	bound = min(bound, worstTolerance)
	step.Bound = engine.Number64(bound)
	out.loosen(answer{tolerance: bound, reason: "the centring of kernel values takes large numbers off one another"})
	e.c.b.Add(step)
}
