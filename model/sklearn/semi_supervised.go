package sklearn

// semiSupervisedConverters holds the classes of sklearn.semi_supervised.
func semiSupervisedConverters() map[string]converter {
	propagation := converter{predict: predictLabelPropagation}
	return map[string]converter{
		"sklearn.semi_supervised._label_propagation.LabelPropagation":   propagation,
		"sklearn.semi_supervised._label_propagation.LabelSpreading":     propagation,
		"sklearn.semi_supervised._self_training.SelfTrainingClassifier": {predict: predictSelfTraining},
	}
}

// predictSelfTraining follows sklearn.semi_supervised.SelfTrainingClassifier: the answers of estimator_, which was fitted on the labels as they are.
func predictSelfTraining(e *estimator, in matrix) prediction {
	e.ignores("estimator", "base_estimator", "threshold", "criterion", "k_best", "max_iter", "classes_", "transduction_", "labeled_iter_", "n_iter_",
		"termination_condition_", "base_estimator_")
	name := "estimator_"
	if !e.has(name) {
		name = "base_estimator_" // before 1.6
	}
	e.ignores("estimator_")
	in = in.array()
	p, _ := e.member(name, e.get(name), e.c.computed(e.c.numbers(e, in), in, in.floatType()))
	return p
}
