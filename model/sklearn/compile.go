// Package sklearn compiles a fitted scikit-learn estimator, read from its file by package pickle, into a plan of package engine.
// There is one file per scikit-learn module; types and functions are named as scikit-learn names them. Whatever is
// not supported is refused: an unknown class, an unknown attribute, a value that has no exact plan.
package sklearn

import (
	"fmt"
	"slices"
	"strings"

	"sklambda/model"
	"sklambda/model/engine"
	"sklambda/model/pickle"
	"sklambda/model/table"
)

// Options are what the user adds to the file.
type Options struct {
	Name, Version string
	// Threshold, if set, is the probability from which a binary label is positive.
	Threshold *float64
	// Decimals, if set, rounds the numbers of HTTP answers.
	Decimals *int
	// Std: the answers of a regressor have a standard deviation for each value.
	Std bool
	// Sample, if set, settles the types that no fitted attribute tells and gives the ranges of the signature.
	Sample *table.Sample
}

// Compiled is what Compile gives.
type Compiled struct {
	// Manifest is whole but for Files, Golden and the identity of the source file.
	Manifest *model.Manifest
	Plan     *engine.Plan
	// Named: the pipeline was fitted with feature names, so the reference table is a DataFrame; otherwise an array.
	Named bool
	// TextInput: the pipeline starts with a text vectorizer and takes a sequence of strings.
	TextInput bool
	// DictInput: the pipeline starts with DictVectorizer or FeatureHasher and takes a sequence of dicts.
	DictInput bool
}

// Compile compiles the estimator that root holds. A *Refusal lists every reason why it is not supported.
func Compile(root pickle.Value, opt Options) (*Compiled, error) {
	obj, ok := root.(*pickle.Object)
	if !ok {
		return nil, &Refusal{[]Reason{{Path: "file", Class: describe(root), What: describe(root),
			Why: "the file does not hold a fitted estimator", Do: dumpItself(root)}}}
	}
	c := &compiler{opt: opt, converters: registry()}
	var e *estimator
	var out prediction
	var named bool
	// A step that comes late may settle the type of a column that an early one has read already: then all is done again.
	for pass := 0; pass == 0 || pass < maxPasses && c.again(); pass++ {
		c = &compiler{b: engine.NewBuilder(), opt: opt, converters: c.converters, prior: c.settledFeatures()}
		e = c.estimator(rootPath(obj), obj)
		var in matrix
		in, named = c.input(e)
		out = c.final(e, in)
	}
	if len(c.reasons) == 0 && c.again() {
		e.refuse("the types of the columns", "steps that read the same column contradict each other", "give each step a column of its own")
	}
	if len(c.reasons) > 0 {
		return nil, &Refusal{unique(c.reasons)}
	}
	return c.finish(e, out, named)
}

// maxPasses bounds how often a pipeline is compiled: a second pass knows all dtypes, a third corrects a guess.
const maxPasses = 4

// compiler holds the state of one compilation.
type compiler struct {
	b          *engine.Builder
	opt        Options
	converters map[string]converter
	features   []*feature
	estimators []model.Estimator
	reasons    []Reason
	// prior is what the pass before has settled about the features; nil in the first pass.
	prior []settled
	// startsWithText: the input is a sequence of texts.
	startsWithText bool
	// startsWithDicts: the input is a sequence of dicts.
	startsWithDicts bool
	// wrongGuess: a feature was taken for one of strings, and is not.
	wrongGuess bool
	// leftOut tells which outputs the plan does without, and why.
	leftOut []string
}

// converter turns one class of estimators into steps. A class has the methods that scikit-learn gives it.
type converter struct {
	// transform adds the steps of transform(in) and returns its result.
	transform func(e *estimator, in matrix) matrix
	// predict adds the steps of predict, predict_proba, decision_function and score_samples.
	predict func(e *estimator, in matrix) prediction
	// composite: the converter may be called with an unknown matrix, to find further refusals in its children.
	composite bool
	// delegate is the attribute that holds the estimator which answers instead; empty for all others.
	delegate string
}

// registry maps the dotted name of every supported class to its converter.
func registry() map[string]converter {
	all := map[string]converter{}
	for _, part := range []map[string]converter{
		pipelineConverters(), composeConverters(), preprocessingConverters(), imputeConverters(), featureSelectionConverters(), decompositionConverters(), dictionaryConverters(), covarianceConverters(),
		linearModelConverters(), svmConverters(), treeConverters(), ensembleConverters(), histGradientBoostingConverters(),
		naiveBayesConverters(), discriminantConverters(), isotonicConverters(), dummyConverters(), neuralNetworkConverters(), kernelConverters(),
		neighborsConverters(), clusterConverters(), mixtureConverters(), gaussianProcessConverters(), manifoldConverters(),
		featureExtractionConverters(), xgboostConverters(), lightgbmConverters(), catboostConverters(), categoryEncodersConverters(),
		votingConverters(), stackingConverters(), baggingConverters(), weightBoostingConverters(), modelSelectionConverters(), calibrationConverters(),
		multiclassConverters(), multioutputConverters(), imblearnConverters(), semiSupervisedConverters(), targetConverters(),
	} {
		for class, conv := range part {
			all[class] = conv
		}
	}
	return all
}

// estimator wraps an object of the file and lists it in the manifest.
func (c *compiler) estimator(path string, obj *pickle.Object) *estimator {
	e := &estimator{c: c, path: path, class: obj.ClassName(), obj: obj, known: map[string]bool{}}
	if e.class == "" {
		e.class = describe(obj)
	}
	return e
}

// transform applies the estimator's transform to a matrix.
func (c *compiler) transform(e *estimator, in matrix) matrix {
	conv, ok := c.lookup(e)
	if !ok {
		return unknownMatrix
	}
	if conv.transform == nil {
		e.refuse("a step in the middle of a pipeline", "the class has no transform", "use it as the last step")
		return unknownMatrix
	}
	in = c.inputOf(e, in)
	known := !in.unknown
	if !known && !conv.composite {
		if in, ok = c.placeholder(e); !ok {
			return unknownMatrix
		}
	}
	before := len(c.reasons)
	e.takes(conv, in)
	out := conv.transform(e, in)
	e.close()
	if !known || len(c.reasons) > before {
		return unknownMatrix
	}
	return e.configured(out)
}

// predict applies the estimator's predict methods to a matrix.
func (c *compiler) predict(e *estimator, in matrix) prediction {
	conv, ok := c.lookup(e)
	if !ok {
		return prediction{}
	}
	if conv.predict == nil {
		e.refuse("a predictor", "the class has no predict", "use a classifier or a regressor here")
		return prediction{}
	}
	in = c.inputOf(e, in)
	if in.unknown && !conv.composite {
		if in, ok = c.placeholder(e); !ok {
			return prediction{}
		}
	}
	e.takes(conv, in)
	out := conv.predict(e, in)
	e.close()
	return out.behind(in)
}

// takes refuses an input of another width than at the fit, as sklearn.utils.validation._check_n_features does: DictionaryLearning(split_sign=True) gives the
// steps behind it twice as many columns in transform as in fit_transform.
func (e *estimator) takes(conv converter, in matrix) {
	v, _ := e.obj.Attr("n_features_in_")
	n, ok := pickle.Plain(v).(int64)
	if !ok || conv.composite || in.unknown || int(n) == in.width() || e.class == functionTransformer {
		return
	}
	e.refuse(fmt.Sprintf("n_features_in_ is %d", n), fmt.Sprintf("the step gets %d columns, so scikit-learn raises for every row", in.width()),
		"refit the pipeline with a step before it that gives as many columns in fit_transform as in transform")
}

// placeholder stands for the input of an estimator behind a refused step, so that its own reasons are found as well.
func (c *compiler) placeholder(e *estimator) (matrix, bool) {
	v, _ := e.obj.Attr("n_features_in_")
	n, ok := pickle.Plain(v).(int64)
	if !ok || n < 0 || n > maxFeatures {
		return unknownMatrix, false
	}
	in := matrix{cols: make([]column, n)}
	for i := range in.cols {
		in.cols[i] = column{unknown: true, dtype: float64Type, origin: -1}
	}
	return in, true
}

// lookup finds the converter of an estimator's class, and lists the estimator in the manifest.
func (c *compiler) lookup(e *estimator) (converter, bool) {
	conv, ok := c.converters[e.class]
	if !ok {
		if strings.HasPrefix(e.class, "catboost.") {
			e.refuse("class "+e.class, "of CatBoost only CatBoostClassifier and CatBoostRegressor are read", "fit one of them")
			return conv, false
		}
		if e.class == "xgboost.core.Booster" || e.class == "lightgbm.basic.Booster" {
			e.refuse("class "+e.class, "it is a booster without its estimator", "fit and dump an XGBClassifier, XGBRegressor, LGBMClassifier or LGBMRegressor")
			return conv, false
		}
		e.refuse("class "+e.class, "it is not supported", "use one of the classes listed in docs/supported.md, or add it as docs/adding-an-estimator.md shows")
		return conv, false
	}
	c.estimators = append(c.estimators, model.Estimator{Path: e.path, Class: e.class, Params: params(e.obj)})
	return conv, true
}

// final compiles the root: its prediction, or its transform if it is a transformer.
func (c *compiler) final(e *estimator, in matrix) prediction {
	if !c.isTransformer(e) {
		return c.predict(e, in)
	}
	out := c.transform(e, in)
	if out.unknown {
		return prediction{}
	}
	if out.width() == 0 {
		e.refuseEmpty()
		return prediction{}
	}
	span := c.numbers(e, c.dense(e, out))
	value := out.asAnswer()
	value.span = span
	return prediction{task: model.Transform, value: value}
}

// refuseEmpty refuses a pipeline whose answers would be empty.
func (e *estimator) refuseEmpty() {
	e.refuse("its output", "it has no columns", "give the pipeline a step that gives some")
}

// isTransformer reports whether the estimator gives a transform and no prediction. An unsupported class counts as a predictor.
func (c *compiler) isTransformer(e *estimator) bool {
	if isPipeline(e.class) {
		steps := pipelineSteps(e)
		if len(steps) == 0 {
			return true
		}
		last := steps[len(steps)-1]
		obj, ok := last.value.(*pickle.Object)
		return !ok || c.isTransformer(c.estimator(e.path, obj))
	}
	conv, ok := c.converters[e.class]
	if v, _ := e.obj.Attr(conv.delegate); conv.delegate != "" {
		obj, isObject := v.(*pickle.Object)
		return isObject && c.isTransformer(c.estimator(e.path, obj))
	}
	return ok && conv.predict == nil
}

// rootPath names the root in paths as make_pipeline would: its class in lower case.
func rootPath(obj *pickle.Object) string {
	if g, ok := obj.Class.(*pickle.Global); ok {
		return strings.ToLower(g.Name)
	}
	return "estimator"
}

// unique drops reasons that were found twice.
func unique(reasons []Reason) []Reason {
	var out []Reason
	for _, r := range reasons {
		if !slices.Contains(out, r) {
			out = append(out, r)
		}
	}
	return out
}

// finish settles what is still open, builds the plan and the manifest.
func (c *compiler) finish(e *estimator, out prediction, named bool) (*Compiled, error) {
	outputs := out.declare(c.b)
	plan, err := c.b.Plan()
	if err != nil {
		return nil, fmt.Errorf("compile %s: %w", e.path, err)
	}
	m := &model.Manifest{
		SchemaVersion: model.SchemaVersion,
		Name:          c.opt.Name, Version: c.opt.Version,
		Task: out.task, Classes: out.classes,
		Threshold: c.opt.Threshold, Decimals: c.opt.Decimals,
		Outputs: outputs, Pipeline: c.estimators, Notes: slices.Concat(c.notes(), c.leftOut, e.versionNotes()),
	}
	if v := e.deepVersion(); v != "" {
		m.Source.Versions = map[string]string{"scikit-learn": v}
	}
	if out.task == model.Binary {
		positive := 1
		m.Positive = &positive
	}
	if c.opt.Threshold != nil && (out.task != model.Binary || out.probabilities.span.N == 0) {
		return nil, &Refusal{[]Reason{{Path: e.path, Class: e.class, What: fmt.Sprintf("threshold %v", *c.opt.Threshold),
			Why: "only a binary classifier with predict_proba has a probability to compare it with", Do: "leave the threshold out"}}}
	}
	if c.opt.Std && out.std.span.N == 0 {
		return nil, &Refusal{[]Reason{{Path: e.path, Class: e.class, What: "a standard deviation for each value",
			Why: "only a GaussianProcessRegressor at the end of the pipeline has one", Do: "leave std out"}}}
	}
	m.Features = c.signature(plan)
	return &Compiled{Manifest: m, Plan: plan, Named: named, TextInput: c.startsWithText, DictInput: c.startsWithDicts}, nil
}
