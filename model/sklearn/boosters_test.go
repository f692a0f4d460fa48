package sklearn

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sklambda/model/pickle"
)

func TestUBJSONErrors(t *testing.T) {
	t.Parallel()
	for data, want := range map[string]string{
		"":                        "ends early",
		"{i\x01a":                 "ends early",
		"[$d#i\x7f\x00":           "a length is 127",
		"[$S#i\x01a":              `a list of the type 'S'`,
		"Si\xffa":                 "a length is -1",
		"Sd\x00\x00\x00\x00":      "a length is no integer",
		"Q":                       `a value of the type 'Q'`,
		"ZZ":                      "1 bytes follow",
		strings.Repeat("[", 1000): "nested more than 64",
	} {
		if _, err := parseUBJSON([]byte(data)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.20q: got %v, want an error with %q", data, err, want)
		}
	}
}

// TestBoosterOptions: a booster that was fitted with an option that is not compiled is refused by that option, with what to set instead.
func TestBoosterOptions(t *testing.T) {
	t.Parallel()
	found := 0
	for dir, allowed := range map[string][]string{
		"testdata/boosters/xgboost-3.2.0-lightgbm-4.7.0": {"booster is ", "multi_strategy is ", "linear_tree is ", "zero_as_missing is ", "reg_sqrt is ", "objective is ", "a split by category ", "a category beyond 255", "a target of ", "a sparse matrix"},
		"testdata/catboost/1.2.10":                       {"features that are ", "loss_function ", "class catboost.", "__model"},
	} {
		list, _ := readPipeline(t, filepath.Join(dir, "estimators.joblib")).(*pickle.List)
		for _, c := range writtenCases(t, dir) {
			if c.Refused == nil {
				continue
			}
			found++
			var refusal *Refusal
			if _, err := Compile(list.Items[c.Item], Options{Name: c.Name}); !errors.As(err, &refusal) {
				t.Errorf("%s: got %v, want a refusal", c.Name, err)
				continue
			}
			for _, r := range refusal.Reasons {
				starts := func(what string) bool { return strings.HasPrefix(r.What, what) }
				if !slices.ContainsFunc(allowed, starts) || strings.Contains(r.Do, "check that the estimator is fitted") != (r.What == "__model") {
					t.Errorf("%s: %v", c.Name, r)
				}
			}
		}
	}
	if found < 12 {
		t.Errorf("%d cases are refused, want 12 or more", found)
	}
}

// TestLightGBMCategories: a model of pandas' categories is refused, whose codes a request does not have.
func TestLightGBMCategories(t *testing.T) {
	t.Parallel()
	const dir = "testdata/boosters/xgboost-3.2.0-lightgbm-4.7.0"
	list, _ := readPipeline(t, filepath.Join(dir, "estimators.joblib")).(*pickle.List)
	for _, c := range writtenCases(t, dir) {
		if c.Name != "lgbm names" {
			continue
		}
		v, _ := list.Items[c.Item].(*pickle.Object).Attr("_Booster")
		state := v.(*pickle.Object).State.(*pickle.Dict)
		for i := range state.Pairs {
			if state.Pairs[i].Key == "pandas_categorical" {
				state.Pairs[i].Value = &pickle.List{Items: []pickle.Value{&pickle.List{Items: []pickle.Value{int64(20), int64(60)}}}}
			}
		}
		_, err := Compile(list.Items[c.Item], Options{Name: c.Name})
		want := "1 columns of the dtype category: LightGBM looks their values up among those of the fit, which is not compiled; encode them before the fit"
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want a refusal with %q", err, want)
		}
		return
	}
	t.Error("there is no case of LightGBM with names")
}

// TestRefusedRoots: what is no estimator is refused with what to dump instead.
func TestRefusedRoots(t *testing.T) {
	t.Parallel()
	object := func(module, name string) *pickle.Object {
		return &pickle.Object{Class: &pickle.Global{Module: module, Name: name}}
	}
	for want, root := range map[string]pickle.Value{
		"fit and dump an XGBClassifier, XGBRegressor, LGBMClassifier or LGBMRegressor": object("xgboost.core", "Booster"),
		"dump the fitted pipeline itself: joblib.dump(pipeline, path)":                 &pickle.List{},
		`dump what it holds under "model", sklearn.pipeline.Pipeline: joblib.dump(d["model"], path)`: &pickle.Dict{Pairs: []pickle.Pair{
			{Key: "version", Value: "3"}, {Key: "model", Value: object("sklearn.pipeline", "Pipeline")}}},
	} {
		if _, err := Compile(root, Options{Name: "m"}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

// FuzzBoosters holds that no bytes of a booster make its readers panic.
func FuzzBoosters(f *testing.F) {
	f.Add([]byte("{i\x05Model{i\x07learner{i\x09objective{i\x04nameSi\x01a}}}}"))
	f.Add([]byte("tree\nnum_tree_per_iteration=1\nmax_feature_idx=0\nobjective=binary\n\nTree=0\nnum_leaves=1\nleaf_value=1\n"))
	booster := func(class, attribute string, v pickle.Value) *pickle.Object {
		module, name, _ := strings.Cut(class, " ")
		state := &pickle.Dict{Pairs: []pickle.Pair{{Key: attribute, Value: v}}}
		return &pickle.Object{Class: &pickle.Global{Module: module, Name: name}, State: state}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if m, err := readXGBoost(booster("xgboost.core Booster", "handle", pickle.Bytes(data))); err == nil && m.columns < 1 {
			t.Error("a model without columns")
		}
		if m, err := readLightGBM(booster("lightgbm.basic Booster", "_handle", string(data))); err == nil && len(m.trees) == 0 {
			t.Error("a model without trees")
		}
	})
}
