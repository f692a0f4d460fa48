package sklearn

import (
	"fmt"

	"sklambda/model"
	"sklambda/model/engine"
)

// neuralNetworkConverters holds the classes of sklearn.neural_network.
func neuralNetworkConverters() map[string]converter {
	return map[string]converter{
		"sklearn.neural_network._multilayer_perceptron.MLPClassifier": {predict: predictMLPClassifier},
		"sklearn.neural_network._multilayer_perceptron.MLPRegressor":  {predict: predictMLPRegressor},
		"sklearn.neural_network._rbm.BernoulliRBM":                    {transform: transformBernoulliRBM},
	}
}

// mlpParams are the attributes that only the fit reads or that only describe it.
var mlpParams = []string{"_best_coefs", "_best_intercepts", "_no_improvement_count", "_optimizer", "_random_state", "_coef_indptr", "_intercept_indptr", "alpha", "batch_size",
	"best_loss_", "best_validation_score_", "beta_1", "beta_2", "early_stopping", "epsilon", "hidden_layer_sizes", "learning_rate", "learning_rate_init", "loss", "loss_",
	"loss_curve_", "max_fun", "max_iter", "momentum", "n_iter_", "n_iter_no_change", "n_layers_", "nesterovs_momentum", "power_t", "shuffle", "solver", "t_", "tol",
	"validation_fraction", "validation_scores_", "warm_start"}

// perceptron follows sklearn.neural_network.BaseMultilayerPerceptron._forward_pass_fast.
func (e *estimator) perceptron(in matrix) (engine.Span, bool) {
	e.ignores(mlpParams...)
	coefs, intercepts := e.items("coefs_"), e.items("intercepts_")
	outputs := e.int("n_outputs_")
	hidden := e.str("activation", "identity", "logistic", "tanh", "relu")
	last := e.str("out_activation_", "identity", "logistic", "softmax", "exp")
	if len(coefs) == 0 || len(coefs) != len(intercepts) {
		e.wrong("coefs_", e.get("coefs_"), "a list of arrays, as many as in intercepts_")
		return engine.Span{}, false
	}
	span := e.c.checked(e, in, engine.Check{})
	for i := range coefs {
		name := fmt.Sprintf("intercepts_[%d]", i)
		bias, shape, t, err := denseArray(intercepts[i])
		if err != nil || len(shape) != 1 {
			e.wrong(name, intercepts[i], "a vector of numbers")
			return engine.Span{}, false
		}
		weights, rows, columns, ok := e.tableOf(fmt.Sprintf("coefs_[%d]", i), coefs[i], int(span.N), len(bias))
		if !ok {
			return engine.Span{}, false
		}
		if t == float32Type && in.resultType() == float32Type {
			e.refuseFloat32("coefs_")
			return engine.Span{}, false
		}
		span = e.c.matMul(span, transposed(weights, rows), columns, bias)
		if i < len(coefs)-1 {
			e.activate(span, hidden)
		}
	}
	if int(span.N) != outputs {
		e.refuse("n_outputs_", fmt.Sprintf("it is %d, and the last layer has %d", outputs, span.N), "check that the file is whole")
		return engine.Span{}, false
	}
	e.activate(span, last)
	return span, true
}

// activate applies one of ACTIVATIONS of sklearn/neural_network/_base.py in place.
func (e *estimator) activate(span engine.Span, name string) {
	switch name {
	case "logistic":
		e.c.b.Add(&engine.Map{Op: "expit", In: span, Out: span})
	case "softmax":
		e.c.b.Add(&engine.Softmax{In: span, Out: span})
	case "tanh", "relu", "exp":
		e.c.b.Add(&engine.Map{Op: name, In: span, Out: span})
	}
}

// predictMLPRegressor follows sklearn.neural_network.MLPRegressor.predict.
func predictMLPRegressor(e *estimator, in matrix) prediction {
	span, ok := e.perceptron(in)
	if !ok {
		return prediction{}
	}
	return linearRegression(span)
}

// predictMLPClassifier follows sklearn.neural_network.MLPClassifier.predict_proba and predict: the largest output, or for two classes and for several labels a row each that
// is above 0.5.
func predictMLPClassifier(e *estimator, in matrix) prediction {
	span, ok := e.perceptron(in)
	binarizer := e.child("_label_binarizer", e.get("_label_binarizer"))
	if !ok || binarizer == nil {
		return prediction{}
	}
	if binarizer.multilabel() {
		e.ignores("classes_")
		return e.multilabelAbove(span)
	}
	classes := e.classes("classes_")
	if !e.atLeastTwo(classes) {
		return prediction{}
	}
	if n := len(classes[0]); int(span.N) != n && !(n == 2 && span.N == 1) {
		e.refuse(fmt.Sprintf("%d outputs", span.N), fmt.Sprintf("they do not fit %d classes", n), "check that the file is whole")
		return prediction{}
	}
	label, p := e.c.b.Floats(1), span
	if span.N == 1 {
		e.c.b.Add(&engine.Above{In: span.Start, Out: label.Start, Value: 0.5})
		p = e.complemented(span)
	} else {
		e.c.b.Add(&engine.ArgMax{In: span, Out: label.Start})
	}
	return prediction{task: classTask(classes), classes: classes, label: answer{span: label}, probabilities: answer{p, roundingTolerance, ""}}
}

// multilabelAbove is the prediction of several labels a row: each whose probability is above 0.5.
func (e *estimator) multilabelAbove(p engine.Span) prediction {
	n := int(p.N)
	labels := e.c.b.Floats(n)
	for k := range p.N {
		e.c.b.Add(&engine.Above{In: p.Start + k, Out: labels.Start + k, Value: 0.5})
	}
	return prediction{
		task: model.MultioutputClassification, classes: indicators(n),
		label: answer{span: labels}, probabilities: answer{p, roundingTolerance, ""},
	}
}

// transformBernoulliRBM follows sklearn.neural_network.BernoulliRBM._mean_hiddens. Its score_samples draws at random, and is left out.
func transformBernoulliRBM(e *estimator, in matrix) matrix {
	e.ignores("batch_size", "h_samples_", "intercept_visible_", "learning_rate", "n_components", "n_iter", "_n_features_out", "random_state_")
	components, n, _, ok := e.table("components_", -1, in.width())
	if !ok {
		return unknownMatrix
	}
	e.refuseAllFloat32(in, "components_")
	span := e.c.matMul(e.c.checked(e, in, engine.Check{}), components, n, e.vector("intercept_hidden_", n))
	e.c.b.Add(&engine.Map{Op: "expit", In: span, Out: span})
	return e.c.inexact(span)
}
