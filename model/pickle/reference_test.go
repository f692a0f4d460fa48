package pickle

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"sklambda/model/pythontest"
)

// reference runs pickle_reference.py and returns the folder it filled. $PICKLE_FULL asks for
// every class under every protocol and compression.
func reference(t *testing.T, what string) string {
	t.Helper()
	out := t.TempDir()
	args := []string{what, out}
	if os.Getenv("PICKLE_FULL") != "" {
		args = append(args, "--full")
	}
	pythontest.Run(t, "pickle_reference.py", args...)
	return out
}

// compare reads every file of a folder and holds it against what CPython read. It returns how many files there were.
func compare(t *testing.T, dir string) int {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.pkl*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		stem, _, _ := strings.Cut(filepath.Base(file), ".pkl")
		text, err := os.ReadFile(filepath.Join(dir, stem+".txt"))
		if err != nil {
			t.Fatal(err)
		}
		v, err := readFile(file)
		if err != nil {
			t.Errorf("%s: %v", filepath.Base(file), err)
			continue
		}
		if msg := firstDifference(strings.Split(strings.TrimSuffix(string(text), "\n"), "\n"), render(v)); msg != "" {
			t.Errorf("%s: %s", filepath.Base(file), msg)
		}
	}
	return len(files)
}

// firstDifference describes the first line that differs, with the lines before it.
func firstDifference(want, got []string) string {
	for i := range max(len(want), len(got)) {
		if i < len(want) && i < len(got) && want[i] == got[i] {
			continue
		}
		line := func(lines []string) string {
			if i < len(lines) {
				return lines[i]
			}
			return "(end)"
		}
		before := strings.Join(want[max(0, i-4):min(i, len(want))], "\n\t")
		return "line " + strconv.Itoa(i+1) + " after\n\t" + before + "\n-want " + line(want) + "\n+got  " + line(got)
	}
	return ""
}

func TestArraysAsCPython(t *testing.T) {
	t.Parallel()
	const floor = 700
	if n := compare(t, reference(t, "arrays")); n < floor {
		t.Errorf("%d files were compared, want at least %d", n, floor)
	}
}

// TestEstimatorsAsCPython reads every class of scikit-learn that small data can fit.
func TestEstimatorsAsCPython(t *testing.T) {
	t.Parallel()
	const floor = 205
	dir := reference(t, "estimators")
	files := compare(t, dir)
	report, err := os.ReadFile(filepath.Join(dir, "report.txt"))
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d files: %s", files, report)
	count, _, _ := strings.Cut(string(report), " ")
	if n, err := strconv.Atoi(count); err != nil || n < floor {
		t.Errorf("%s classes were fitted, want at least %d", count, floor)
	}
	if files < floor*9 {
		t.Errorf("%d files were compared, want 9 a class", files)
	}
}

// stricter are the errors for streams that no pickler writes and CPython's Python unpickler reads. Its C unpickler
// refuses the first two as well; numbers are read as repr writes them; the others change a class, or an item of a list.
var stricter = []string{
	"file ends inside a frame",
	"needs a tuple of arguments",
	"not an int in decimal digits",
	"not a float",
	"SETITEM: needs a dict, got a list",
	"SETITEMS: needs a dict, got a list",
	"needs an object to give a state to, got the global",
	"needs a list, got the global",
	"needs a dict, got the global",
}

// TestStreamsAsCPython reads streams that are written by hand or broken. What is read must be what CPython reads, and
// what CPython reads is refused only with an error of stricter.
func TestStreamsAsCPython(t *testing.T) {
	t.Parallel()
	dir := reference(t, "streams")
	files, err := filepath.Glob(filepath.Join(dir, "*.pkl"))
	if err != nil {
		t.Fatal(err)
	}
	both := 0
	for _, file := range files {
		name := filepath.Base(file)
		text, err := os.ReadFile(strings.TrimSuffix(file, ".pkl") + ".txt")
		if err != nil {
			t.Fatal(err)
		}
		want := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
		v, err := readFile(file)
		switch {
		case want[0] == "error" && err != nil:
		case want[0] == "error":
			t.Errorf("%s: CPython: %s; got %s", name, want[1], strings.Join(render(v), " | "))
		case err != nil && slices.ContainsFunc(stricter, func(s string) bool { return strings.Contains(err.Error(), s) }):
		case err != nil:
			t.Errorf("%s: %v; CPython: %s", name, err, strings.Join(want, " | "))
		default:
			both++
			if msg := firstDifference(want, render(v)); msg != "" {
				t.Errorf("%s: %s", name, msg)
			}
		}
	}
	if both < 400 {
		t.Errorf("%d of %d streams were read, want at least 400", both, len(files))
	}
}
