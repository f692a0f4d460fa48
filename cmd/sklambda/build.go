package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"sklambda/model"
	"sklambda/model/sklearn"
)

// buildFlags are the flags of build.
type buildFlags struct {
	out, sample, golden string
	name, version       string
	threshold           *float64
	decimals            *int
	std                 bool
	undecided           int
	hunt                *model.Hunt
	versions            map[string]string
}

func buildCommand() *command {
	return &command{
		name:    "build",
		usage:   "PIPELINE.joblib --out DIR",
		summary: "compile a pipeline into an artifact",
		about: "Compiles the fitted pipeline of a joblib file into an artifact. No Python is needed, and no code of the file is run. With --golden the artifact\n" +
			"is certified: every golden row is replayed first. python -m sklambda export makes golden rows and calls build. DIR is replaced as a\n" +
			"whole, or on any failure left as it was.",
		example: "sklambda build pipeline.joblib --sample sample.csv --out model/artifact",
		exit:    exitCompile,
		args:    1,
		setup: func(fs *flag.FlagSet) action {
			f := &buildFlags{versions: map[string]string{}}
			f.declare(fs)
			return func(_ context.Context, args []string, std stdio) error { return build(args[0], f, std) }
		},
	}
}

func (f *buildFlags) declare(fs *flag.FlagSet) {
	fs.StringVar(&f.out, "out", "", "artifact `DIR` to write")
	fs.StringVar(&f.sample, "sample", "", "`FILE` of rows of the input table, .csv or .jsonl: settles types, gives ranges to the signature")
	fs.StringVar(&f.golden, "golden", "", "`FILE` of golden rows (scikit-learn's own answers): certifies the artifact")
	fs.StringVar(&f.name, "name", "", "`NAME` of the model (default the file's)")
	fs.StringVar(&f.version, "version", "v1.0", "`VERSION` of the model")
	fs.Func("threshold", "probability `T` from which a binary label is positive (default: scikit-learn's own label)", func(s string) error {
		t, err := strconv.ParseFloat(s, 64)
		if err != nil || !(t >= 0 && t <= 1) {
			return errors.New("want a number from 0 to 1")
		}
		f.threshold = &t
		return nil
	})
	fs.Func("decimals", "round the numbers of HTTP answers to `N` decimals (default: unrounded)", func(s string) error {
		n, err := strconv.Atoi(s)
		if err != nil || n < 0 || n > 17 {
			return errors.New("want a whole number from 0 to 17")
		}
		f.decimals = &n
		return nil
	})
	fs.BoolVar(&f.std, "std", false, "answer with the standard deviation of each value, too; for a GaussianProcessRegressor")
	fs.IntVar(&f.undecided, "undecided", 0, "`N` rows were left out of the golden rows, because scikit-learn disagrees with itself about them")
	fs.Func("hunted", "`N=X`: N rows were compared in search of a difference, and X is the largest error of those that are golden rows", func(s string) error {
		rows, largest, _ := strings.Cut(s, "=")
		n, err := strconv.Atoi(rows)
		x, errLargest := strconv.ParseFloat(largest, 64)
		if err != nil || errLargest != nil || n < 0 || !(x >= 0) || math.IsInf(x, 1) {
			return errors.New("want N=X, a whole number and a number, both 0 or more")
		}
		f.hunt = &model.Hunt{Rows: n, Largest: x}
		return nil
	})
	fs.Func("version-of", "`LIBRARY=VERSION` that the golden rows were made with, such as numpy=2.4.6; may be repeated", func(s string) error {
		library, version, ok := strings.Cut(s, "=")
		if !ok || library == "" || version == "" {
			return errors.New("want LIBRARY=VERSION")
		}
		f.versions[library] = version
		return nil
	})
}

func build(path string, f *buildFlags, std stdio) error {
	if err := errors.Join(required("out", f.out, "the artifact folder to write"), required("version", f.version, "the version of the model, such as v1.0")); err != nil {
		return err
	}
	if f.name == "" {
		f.name = modelName(path)
	}
	if f.undecided < 0 {
		return fmt.Errorf("--undecided %d: want 0 or more", f.undecided)
	}
	var golden []byte
	if f.golden != "" {
		var err error
		if golden, err = os.ReadFile(f.golden); err != nil {
			return err
		}
		if len(golden) == 0 {
			return fmt.Errorf("--golden %s: the file is empty", f.golden)
		}
	}
	compiled, err := compile(path, f)
	if err != nil {
		return err
	}
	report, err := model.Write(f.out, &model.Artifact{Manifest: compiled.Manifest, Plan: compiled.Plan, Golden: golden, Undecided: f.undecided, Hunt: f.hunt})
	if err != nil {
		return err
	}
	if err := printBuild(f.out, len(compiled.Plan.Steps()), report, std); err != nil {
		return err
	}
	if open := untyped(compiled.Manifest.Features); f.sample == "" && len(open) > 0 {
		fmt.Fprintf(std.err, "warning: no sample: the file does not tell the type of %d columns, which are taken for numbers (%s): if one holds booleans, give rows by --sample\n",
			len(open), oneLine(firstOf(open)))
	}
	return nil
}

// untyped are the names of the columns that are numbers for want of categories and of a sample.
func untyped(features []model.Feature) []string {
	var names []string
	for _, f := range features {
		if f.Used && f.Type == model.NumberType && len(f.Categories) == 0 {
			names = append(names, f.Name)
		}
	}
	return names
}

// firstOf lists the first three names.
func firstOf(names []string) string {
	if len(names) > 3 {
		return strings.Join(names[:3], ", ") + ", …"
	}
	return strings.Join(names, ", ")
}

// compile reads the pipeline and the sample and compiles them.
func compile(path string, f *buildFlags) (*sklearn.Compiled, error) {
	root, source, err := readPipeline(path)
	if err != nil {
		return nil, err
	}
	sample, err := readSample(f.sample)
	if err != nil {
		return nil, err
	}
	compiled, err := sklearn.Compile(root, sklearn.Options{Name: f.name, Version: f.version, Threshold: f.threshold, Decimals: f.decimals, Std: f.std, Sample: sample})
	if err != nil {
		return nil, err
	}
	if sample != nil {
		if _, err := places(sample, compiled); err != nil {
			return nil, fmt.Errorf("%s: %w", f.sample, err)
		}
	}
	source.Versions = map[string]string{}
	maps.Copy(source.Versions, f.versions)
	maps.Copy(source.Versions, compiled.Manifest.Source.Versions) // what the file says of itself counts
	compiled.Manifest.Source = source
	return compiled, nil
}

// printBuild tells what was written.
func printBuild(dir string, steps int, report *model.Report, std stdio) error {
	m, err := model.ReadManifest(filepath.Join(dir, model.ManifestFile))
	if err != nil {
		return err
	}
	fmt.Fprintf(std.out, "%s %s: %s, %d features, %d estimators\n", m.Name, m.Version, m.Task, len(m.Features), len(m.Pipeline))
	fmt.Fprintf(std.out, "plan: %d steps, %d bytes; source: %s, %d bytes\n", steps, m.Files[model.PlanFile].Size, m.Source.Name, m.Source.Size)
	if report != nil {
		fmt.Fprintf(std.out, "golden rows: %d replayed, %d undecided\n", report.Rows, report.Undecided)
		printErrors(std.out, report.Outputs)
	}
	for _, note := range m.Notes {
		fmt.Fprintf(std.out, "note: %s\n", oneLine(note))
	}
	fmt.Fprintf(std.out, "written: %s\n", dir)
	if reason := m.Uncertified(); reason != "" {
		fmt.Fprintf(std.err, "warning: not certified: %s\n", reason)
	}
	return nil
}
