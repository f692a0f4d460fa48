package sklearn

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"sklambda/model"
	"sklambda/model/engine"
	"sklambda/model/pickle"
)

// catboostConverters holds the scikit-learn classes of CatBoost.
func catboostConverters() map[string]converter {
	return map[string]converter{
		"catboost.core.CatBoostClassifier": {predict: predictCatBoostClassifier},
		"catboost.core.CatBoostRegressor":  {predict: predictCatBoostRegressor},
	}
}

// catboostRaw are the loss functions for which CatBoostRegressor.predict gives the sum of the leaves.
var catboostRaw = []string{"RMSE", "MAE", "Quantile", "LogLinQuantile", "MAPE", "Lq", "Huber", "Expectile", "LogCosh", "Cox",
	"MultiRMSE", "MultiRMSEWithMissingValues", "MultiQuantile"}

// catboostBinary are the loss functions of two classes.
var catboostBinary = []string{"Logloss", "CrossEntropy", "Focal"}

// predictCatBoostClassifier follows catboost.CatBoostClassifier.predict and predict_proba: sums decide, the first largest of several, and of one whether it is
// above 0 or above the logit of the threshold (TEvalResultProcessor of catboost/libs/model/eval_processing.h).
func predictCatBoostClassifier(e *estimator, in matrix) prediction {
	sum, m, ok := e.catboostSum(in)
	if !ok {
		return prediction{}
	}
	b, n := e.c.b, len(m.classes)
	p, label := b.Floats(max(n, 1)), b.Floats(1)
	switch {
	case n == 2 && m.width == 1 && slices.Contains(catboostBinary, m.loss):
		border := 0.0
		if m.threshold != 0 {
			border = -math.Log(1/m.threshold - 1)
		}
		b.Add(&engine.Above{In: sum.Start, Out: label.Start, Value: engine.Number64(border)})
		positive := engine.Span{Start: p.Start + 1, N: 1}
		b.Add(&engine.Map{Op: "expit", In: sum, Out: positive})
		b.Add(&engine.Arith{Op: "rsub", In: positive, Out: engine.Span{Start: p.Start, N: 1}, Values: []float64{1}})
	case n == m.width && n > 1 && m.loss == "MultiClass":
		b.Add(&engine.ArgMax{In: sum, Out: label.Start})
		b.Add(&engine.Softmax{In: sum, Out: p})
	case n == m.width && n > 1 && m.loss == "MultiClassOneVsAll":
		b.Add(&engine.ArgMax{In: sum, Out: label.Start})
		b.Add(&engine.Map{Op: "expit", In: sum, Out: p})
	default:
		e.refuse("loss_function "+m.loss, fmt.Sprintf("it is not compiled with %d sums for %d classes", m.width, n),
			"refit with MultiClass, MultiClassOneVsAll or one of "+strings.Join(catboostBinary, ", "))
		return prediction{}
	}
	classes := [][]model.Class{m.classes}
	return prediction{task: classTask(classes), classes: classes, label: answer{span: label}, probabilities: answer{span: p, tolerance: roundingTolerance}}
}

// predictCatBoostRegressor follows catboost.CatBoostRegressor.predict, whose type of prediction the loss function decides (_get_default_prediction_type).
func predictCatBoostRegressor(e *estimator, in matrix) prediction {
	sum, m, ok := e.catboostSum(in)
	if !ok {
		return prediction{}
	}
	value := regression(sum, in.tolerance())
	switch {
	case slices.Contains(catboostRaw, m.loss):
		return value
	case (m.loss == "Poisson" || m.loss == "Tweedie") && m.width == 1:
		e.c.b.Add(&engine.Map{Op: "exp", In: sum, Out: sum})
	case m.loss == "RMSEWithUncertainty" && m.width == 2: // the mean, and the variance, whose sum is half its logarithm
		variance := engine.Span{Start: sum.Start + 1, N: 1}
		e.c.b.Add(&engine.Arith{Op: "mul", In: variance, Out: variance, Values: []float64{2}})
		e.c.b.Add(&engine.Map{Op: "exp", In: variance, Out: variance})
	default:
		e.refuse("loss_function "+m.loss, "it is not compiled", "refit with one of "+strings.Join(catboostRaw, ", ")+", Poisson, Tweedie, RMSEWithUncertainty")
		return value
	}
	value.value.tolerance = roundingTolerance
	return value
}

// catboostSum adds the sum of the leaves, in float64 and in the order of the trees, then the scale and the bias where they change it (ApplyScaleAndBias of
// catboost/libs/model/scale_and_bias.h).
func (e *estimator) catboostSum(in matrix) (engine.Span, *catboostModel, bool) {
	e.ignores(e.attributes()...) // parameters of the fit, which may be any keyword, and importances
	m, err := readCatBoost(e.getOr("__model", nil))
	if err == nil {
		err = e.catboostLoss(m)
	}
	if err != nil {
		e.refuseBooster("__model", err, "CatBoost 1.0 to 1.2")
		return engine.Span{}, nil, false
	}
	if m.columns != in.width() {
		e.refuse("__model", fmt.Sprintf("it takes %d columns and is given %d", m.columns, in.width()), "check that the file is whole")
		return engine.Span{}, nil, false
	}
	out := e.c.b.Floats(m.width)
	e.addTrees(e.c.numbers(e, in), out, engine.Float32LE, nil, m.trees, nil)
	if m.scale != 1 || slices.ContainsFunc(m.bias, func(v float64) bool { return v != 0 }) {
		e.c.b.Add(&engine.Arith{Op: "mul", In: out, Out: out, Values: []float64{m.scale}})
		e.c.b.Add(&engine.Arith{Op: "add", In: out, Out: out, Values: m.bias})
	}
	return out, m, true
}

// catboostLoss holds that the loss function is the one that the estimator's parameters name, where they do: predict goes by these, and the model has its own.
// objective, another name for it, has precedence, as in CatBoost.
func (e *estimator) catboostLoss(m *catboostModel) error {
	name := "objective"
	v := e.getOr(name, nil)
	if v == nil {
		name = "loss_function"
		v = e.getOr(name, nil)
	}
	text, isText := v.(string)
	if head, _, _ := strings.Cut(text, ":"); v != nil && (!isText || head != m.loss) {
		return fmt.Errorf("%s is %s, and the model was trained with %q", name, describe(v), m.loss)
	}
	return nil
}

// catboostFeatures are the names and the number of columns of a fitted estimator of CatBoost.
func catboostFeatures(e *estimator) (names []string, n int) {
	v, ok := e.obj.Attr("__model")
	if !ok {
		return nil, -1
	}
	m, err := readCatBoost(pickle.Plain(v))
	if err != nil {
		return nil, 1
	}
	return m.names, m.columns
}
