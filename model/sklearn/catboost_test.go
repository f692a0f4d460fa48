package sklearn

import (
	"strings"
	"testing"

	"sklambda/model/pickle"
)

func TestCatBoostIsRefusedByName(t *testing.T) {
	t.Parallel()
	root := &pickle.Object{Class: &pickle.Global{Module: "catboost.core", Name: "CatBoostRegressor"}, State: &pickle.Dict{}}
	_, err := Compile(root, Options{Name: "case", Version: "v1.0"})
	if err == nil || !strings.Contains(err.Error(), "models of CatBoost are not read; use XGBoost, LightGBM") {
		t.Errorf("got %v, want a refusal that names CatBoost and a way out", err)
	}
}
