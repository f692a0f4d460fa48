package sklearn

import (
	"fmt"
	"slices"
	"strings"

	"sklambda/model/pickle"
)

// estimator is a fitted estimator of the file, with its place in the pipeline. Every attribute is read by name through its
// methods. A read that fails records a refusal and returns a zero value, so that a converter
// can go on and report everything that is wrong at once.
type estimator struct {
	c     *compiler
	path  string
	class string
	obj   *pickle.Object
	known map[string]bool
}

// stateKeys are attributes that every estimator may carry and that never change an answer.
var stateKeys = []string{
	"_sklearn_version", "n_features_in_", "feature_names_in_", "_sklearn_output_config", "_metadata_request",
	"_validate_params", "_doc_link_module", "_doc_link_template", "_doc_link_url_param_generator",
	"_parameter_constraints", "_repr_html_repr", "n_jobs", "verbose", "copy", "random_state",
}

// refuse records a reason against this estimator.
func (e *estimator) refuse(what, why, do string) {
	e.c.reasons = append(e.c.reasons, Reason{Path: e.path, Class: e.class, What: what, Why: why, Do: do})
}

// refused reports whether there is a reason against this estimator.
func (e *estimator) refused() bool {
	return slices.ContainsFunc(e.c.reasons, func(r Reason) bool { return r.Path == e.path && r.Class == e.class })
}

// ignores names the attributes that were looked at and do not change an answer of a new row: parameters of the fit, and
// fitted values that only describe it. Any state attribute that is neither read nor named here is refused by close.
func (e *estimator) ignores(names ...string) {
	for _, n := range names {
		e.known[n] = true
	}
}

// attributes are the names of the state's attributes.
func (e *estimator) attributes() []string {
	var names []string
	if state, ok := e.obj.State.(*pickle.Dict); ok {
		for _, p := range state.Pairs {
			if name, ok := p.Key.(string); ok {
				names = append(names, name)
			}
		}
	}
	return names
}

// close refuses every attribute of the state that no one has read or named. It says nothing of an estimator that is refused already, whose
// converter may not have come to them.
func (e *estimator) close() {
	state, ok := e.obj.State.(*pickle.Dict)
	if !ok || e.refused() {
		return
	}
	for _, p := range state.Pairs {
		name, ok := p.Key.(string)
		if !ok || e.known[name] || slices.Contains(stateKeys, name) {
			continue
		}
		e.refuse("attribute "+name, "this version of sklambda does not know it, so it may change answers",
			"remove the attribute, or refit with a scikit-learn version listed in docs/supported.md")
	}
}

// version is the scikit-learn version that wrote the estimator, "" if it is not in the file.
func (e *estimator) version() string {
	v, _ := e.obj.Attr("_sklearn_version")
	s, _ := v.(string)
	return s
}

// has reports whether an attribute is present and not None, and marks it as known.
func (e *estimator) has(name string) bool {
	e.known[name] = true
	v, ok := e.obj.Attr(name)
	return ok && v != nil
}

// get returns an attribute that must be present; scalars of numpy become plain values.
func (e *estimator) get(name string) pickle.Value {
	v, _ := e.fetch(name)
	return v
}

// fetch is get that tells whether the attribute is there; if not, that has been refused.
func (e *estimator) fetch(name string) (pickle.Value, bool) {
	e.known[name] = true
	v, ok := e.obj.Attr(name)
	if !ok {
		e.refuse("attribute "+name, fmt.Sprintf("it is not in the file (written by scikit-learn %s)", orUnknown(e.version())),
			"check that the estimator is fitted, or refit it with a supported scikit-learn version")
		return nil, false
	}
	return pickle.Plain(v), true
}

// getOr returns an attribute, or a default when the version that wrote the file did not have it yet.
func (e *estimator) getOr(name string, def pickle.Value) pickle.Value {
	e.known[name] = true
	v, ok := e.obj.Attr(name)
	if !ok {
		return def
	}
	return pickle.Plain(v)
}

// wrong records that an attribute holds something else than is allowed.
func (e *estimator) wrong(name string, got pickle.Value, allowed string) {
	e.refuse(fmt.Sprintf("%s is %s", name, describe(got)), "allowed is "+allowed, "refit the estimator with an allowed value")
}

func (e *estimator) bool(name string) bool {
	v, found := e.fetch(name)
	b, ok := v.(bool)
	if i, isInt := v.(int64); isInt && (i == 0 || i == 1) {
		return i == 1
	}
	if found && !ok {
		e.wrong(name, v, "True or False")
	}
	return b
}

func (e *estimator) int(name string) int {
	v, found := e.fetch(name)
	i, ok := v.(int64)
	if found && !ok {
		e.wrong(name, v, "an integer")
	}
	return int(i)
}

func (e *estimator) float(name string) float64 {
	v, found := e.fetch(name)
	f, ok := number(v)
	if found && !ok {
		e.wrong(name, v, "a number")
	}
	return f
}

// str returns a string attribute that must be one of the allowed values (any, if none are given).
func (e *estimator) str(name string, allowed ...string) string {
	v, found := e.fetch(name)
	s, ok := v.(string)
	if found && (!ok || len(allowed) > 0 && !slices.Contains(allowed, s)) {
		e.wrong(name, v, strings.Join(allowed, ", "))
	}
	return s
}

// array returns an array attribute; an empty one if it is refused.
func (e *estimator) array(name string) *pickle.Array {
	a, ok := e.fetchArray(name)
	if !ok {
		return &pickle.Array{Type: &pickle.DType{Kind: 'f', Size: 8}, Shape: []int{0}}
	}
	return a
}

func (e *estimator) fetchArray(name string) (*pickle.Array, bool) {
	v, found := e.fetch(name)
	a, ok := v.(*pickle.Array)
	if found && !ok {
		e.wrong(name, v, "an array")
	}
	return a, ok
}

// vector returns a one-dimensional array of numbers of n items, widened to float64 (any length if n < 0).
func (e *estimator) vector(name string, n int) []float64 {
	a, ok := e.fetchArray(name)
	if !ok {
		return make([]float64, max(n, 0))
	}
	f, err := a.Float64s()
	if err != nil || len(a.Shape) != 1 || n >= 0 && len(f) != n {
		e.refuse(fmt.Sprintf("%s is %s", name, describe(a)), fmt.Sprintf("allowed is a vector of %d numbers", n),
			"check that the file is whole and the estimator fitted")
		return make([]float64, max(n, 0))
	}
	return f
}

// items returns the items of a list, a tuple, a set or a one-dimensional array, as plain values.
func (e *estimator) items(name string) []pickle.Value {
	v, found := e.fetch(name)
	items, ok := sequence(v)
	if found && !ok {
		e.wrong(name, v, "a list")
	}
	plain := make([]pickle.Value, len(items))
	for i, item := range items {
		plain[i] = pickle.Plain(item)
	}
	return plain
}

// child returns the estimator held in a value, under a path of its own, or nil with a refusal.
func (e *estimator) child(name string, v pickle.Value) *estimator {
	path := e.path + "." + name
	obj, ok := v.(*pickle.Object)
	if !ok {
		e.c.reasons = append(e.c.reasons, Reason{Path: path, Class: describe(v), What: describe(v),
			Why: "not an estimator", Do: "use a scikit-learn estimator here"})
		return nil
	}
	return e.c.estimator(path, obj)
}

// sequence returns the items of a list-like value.
func sequence(v pickle.Value) ([]pickle.Value, bool) {
	switch v := v.(type) {
	case *pickle.List:
		return v.Items, true
	case *pickle.Tuple:
		return v.Items, true
	case *pickle.Set:
		return v.Items, true
	case *pickle.Array:
		if len(v.Shape) == 1 {
			return v.Values(), true
		}
	}
	return nil, false
}

// number returns a Python number as float64.
func number(v pickle.Value) (float64, bool) {
	switch v := v.(type) {
	case bool:
		if v {
			return 1, true
		}
		return 0, true
	case int64:
		return float64(v), true
	case float64:
		return v, true
	}
	return 0, false
}

func orUnknown(version string) string {
	if version == "" {
		return "of an unknown version"
	}
	return version
}

// since reports whether the estimator was written by this version of scikit-learn (major, minor, patch; what is left out is 0) or a later one. An unknown
// version counts as the newest.
func (e *estimator) since(version ...int) bool {
	var got [3]int
	if n, _ := fmt.Sscanf(e.version(), "%d.%d.%d", &got[0], &got[1], &got[2]); n < 2 {
		return true
	}
	return slices.Compare(got[:], version) >= 0
}
