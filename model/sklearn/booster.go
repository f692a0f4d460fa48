package sklearn

import (
	"errors"
	"strings"

	"sklambda/model/pickle"
)

// option is an error of a booster that was fitted with an option which is not compiled: a reason with a way out of its own.
type option struct{ what, why, do string }

func (o option) Error() string { return o.what + ": " + o.why }

// refuseBooster refuses a booster, an attribute, that cannot be read. The library names the versions that are.
func (e *estimator) refuseBooster(attribute string, err error, library string) {
	var o option
	if errors.As(err, &o) {
		e.refuse(o.what, o.why, o.do)
		return
	}
	e.refuse(attribute, err.Error(), "check that the estimator is fitted, or refit it with "+library+" on numbers")
}

// boosterFeatures are the names and the number of columns that a booster was fitted with: nil for none, -1 for no booster. One that cannot be read
// has a column, so that its converter says why.
func boosterFeatures(e *estimator) (names []string, n int) {
	v, _ := e.obj.Attr("_Booster")
	o, ok := v.(*pickle.Object)
	if !ok {
		return catboostFeatures(e)
	}
	switch o.ClassName() {
	case "xgboost.core.Booster":
		if m, err := readXGBoost(o); err == nil {
			return m.names, m.columns
		}
	case "lightgbm.basic.Booster":
		m, err := readLightGBM(o)
		if err != nil {
			break
		}
		named, _ := e.obj.Attr("_fitted_with_feature_names")
		if fields := strings.Fields(m.header["feature_names"]); named == true && len(fields) == m.columns {
			return e.c.spaced(fields), m.columns
		}
		return nil, m.columns
	}
	return nil, 1
}

// spaced are the names of the columns that a LightGBM model has learned with spaces made underscores: the sample's own names, where they become these.
func (c *compiler) spaced(names []string) []string {
	if c.opt.Sample == nil || len(c.opt.Sample.Names) != len(names) {
		return names
	}
	for i, own := range c.opt.Sample.Names {
		if strings.ReplaceAll(own, " ", "_") != names[i] {
			return names
		}
	}
	return c.opt.Sample.Names
}
