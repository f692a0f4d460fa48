package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"sklambda/model"
	"sklambda/model/pickle"
	"sklambda/model/sklearn"
	"sklambda/model/table"
)

// maxPipeline is the largest joblib file that is read: that of the largest forests is a few GB.
const maxPipeline = 8 << 30

// readPipeline reads a joblib file once: its values and its identity.
func readPipeline(path string) (pickle.Value, model.Source, error) {
	none := model.Source{}
	info, err := os.Stat(path)
	if err != nil {
		return nil, none, err
	}
	if !info.Mode().IsRegular() {
		return nil, none, fmt.Errorf("%s is not a regular file", path)
	}
	if info.Size() > maxPipeline {
		return nil, none, fmt.Errorf("%s has %d bytes, at most %d are read", path, info.Size(), int64(maxPipeline))
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, none, err
	}
	value, err := pickle.Read(data, pickle.Limits{})
	if errors.Is(err, pickle.ErrCut) {
		return nil, none, fmt.Errorf("%s: the file is cut short (%w): dump the pipeline again, or copy the whole file", path, err)
	}
	if at, ok := errors.AsType[*pickle.Error](err); ok && at.Offset == 0 {
		return nil, none, fmt.Errorf("%s: the file is no pickle (%w): allowed are joblib, pickle and .skops files of a fitted pipeline", path, err)
	}
	if err != nil {
		return nil, none, fmt.Errorf("%s: %w", path, err)
	}
	sum := sha256.Sum256(data)
	return value, model.Source{Name: filepath.Base(path), SHA256: hex.EncodeToString(sum[:]), Size: int64(len(data))}, nil
}

// readSample reads a sample of rows; no path is no sample.
func readSample(path string) (*table.Sample, error) {
	if path == "" {
		return nil, nil
	}
	return table.ReadSample(path)
}

// places returns where the sample has each feature, -1 for one that it lacks and nothing reads. A pipeline that was fitted
// without names takes its columns by position.
func places(sample *table.Sample, compiled *sklearn.Compiled) ([]int, error) {
	features := compiled.Manifest.Features
	if !compiled.Named && len(sample.Names) != len(features) {
		return nil, fmt.Errorf("the sample has %d columns, the pipeline was fitted with %d", len(sample.Names), len(features))
	}
	var errs []error
	at := make([]int, len(features))
	for i, f := range features {
		at[i] = slices.Index(sample.Names, f.Name)
		if at[i] < 0 && f.Used {
			errs = append(errs, fmt.Errorf("the sample lacks the column %q%s", f.Name, alike(f.Name, sample.Names)))
		}
	}
	for i, name := range sample.Names {
		if !slices.Contains(at, i) {
			errs = append(errs, fmt.Errorf("the sample has the column %q, which the pipeline was not fitted with: %s", name, leaveOut(name)))
		}
	}
	return at, errors.Join(errs...)
}

// alike names the column that was meant, where one differs in case or spaces alone.
func alike(name string, names []string) string {
	plain := func(s string) string { return strings.ToLower(strings.Join(strings.Fields(s), "")) }
	if i := slices.IndexFunc(names, func(other string) bool { return plain(other) == plain(name) }); i >= 0 {
		return fmt.Sprintf(": is it %q? rename that", names[i])
	}
	return ""
}

// leaveOut says how to leave a column out of a sample.
func leaveOut(name string) string {
	if name == "" || name == "Unnamed: 0" {
		return "pandas writes its index so: leave it out, with to_csv(FILE, index=False)"
	}
	if strings.ContainsAny(name, ";\t") {
		return "write the file with commas between the cells"
	}
	return "leave it out"
}

// modelName is the name of a model by its file: the base without the extension.
func modelName(path string) string {
	base := filepath.Base(path)
	if name := strings.TrimSuffix(base, filepath.Ext(base)); name != "" {
		return name
	}
	return base
}

// openModel opens the artifact in dir, an uncertified one with a warning.
func openModel(dir string, std stdio) (*model.Model, error) {
	if err := required("model", dir, "an artifact folder"); err != nil {
		return nil, err
	}
	m, err := model.Open(dir, model.OpenOptions{Full: true, AllowUncertified: true})
	if err != nil {
		return nil, err
	}
	if reason := m.Manifest().Uncertified(); reason != "" {
		fmt.Fprintf(std.err, "warning: not certified: %s\n", reason)
	}
	return m, nil
}

// closeModel closes m; an error of it is kept unless there is another.
func closeModel(m *model.Model, err *error) {
	if closing := m.Close(); *err == nil {
		*err = closing
	}
}
