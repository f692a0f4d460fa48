package engine

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestNumber64(t *testing.T) {
	t.Parallel()
	for want, v := range map[string]float64{
		"0": 0, "-0": negZero, "0.1": 0.1, "-1e+300": -1e300, "5e-324": math.SmallestNonzeroFloat64, `"NaN"`: nan, `"Infinity"`: inf, `"-Infinity"`: -inf,
	} {
		raw, err := json.Marshal(Number64(v))
		if err != nil || string(raw) != want {
			t.Errorf("%v is %s (%v), want %s", v, raw, err, want)
		}
		var got Number64
		if err := json.Unmarshal(raw, &got); err != nil || sameBits([]float64{float64(got)}, []float64{v}) != nil {
			t.Errorf("%s reads as %v (%v), want %v", raw, got, err, v)
		}
	}
	for _, bad := range []string{`null`, `"nan"`, `""`, `true`, `1e400`, `{}`} {
		var got Number64
		if err := json.Unmarshal([]byte(bad), &got); err == nil {
			t.Errorf("%s reads as %v, want an error", bad, got)
		}
	}
}

func TestRawText(t *testing.T) {
	t.Parallel()
	for want, v := range map[string]string{
		`""`: "", `"é\"\u003c"`: `é"<`, `{"hex":"ff"}`: MissingText, `{"hex":"61fe00"}`: "a\xfe\x00", `"�"`: "\ufffd", `"\u2028"`: "\u2028", `"\u0000"`: "\x00",
	} {
		raw, err := json.Marshal(RawText(v))
		if err != nil || string(raw) != want {
			t.Errorf("%q is %s (%v), want %s", v, raw, err, want)
		}
		var got RawText
		if err := json.Unmarshal(raw, &got); err != nil || string(got) != v {
			t.Errorf("%s reads as %q (%v), want %q", raw, got, err, v)
		}
	}
	for _, bad := range []string{`null`, `1`, `{}`, `{"hex":"f"}`, `{"hex":"61"}`, `{"hex":null}`, `{"hex":"ff","hex":"ff"}`, `{"hex":"ff","x":1}`} {
		var got RawText
		if err := json.Unmarshal([]byte(bad), &got); err == nil {
			t.Errorf("%s reads as %q, want an error", bad, got)
		}
	}
}

// TestStringsFind looks up what is in tables of each size, and what is between.
func TestStringsFind(t *testing.T) {
	t.Parallel()
	list := []string{"", "a", "aa", "ab", "b", "z", "zz", "ä"}
	for n := range len(list) + 1 {
		table := NewStrings(list[:n])
		for _, s := range append([]string{"\x00", "A", "aaa", "é"}, list...) {
			at, found := table.find(s)
			if want, ok := slices.BinarySearch(list[:n], s); at != want || found != ok {
				t.Errorf("%q in %q: got %d, %v, want %d, %v", s, list[:n], at, found, want, ok)
			}
		}
	}
}

func TestStrings(t *testing.T) {
	t.Parallel()
	for _, want := range [][]string{nil, {""}, {"a", "", "bc", MissingText}} {
		table := NewStrings(want)
		var got []string
		for i := range table.Len() {
			got = append(got, table.At(i))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
		if err := table.check(); err != nil {
			t.Error(err)
		}
	}
	for _, bad := range []Strings{
		{bytes: []byte("a")},
		{bytes: []byte("a"), offsets: []int64{1}},
		{bytes: []byte("a"), offsets: []int64{0, 2}},
		{bytes: []byte("ab"), offsets: []int64{0, 1}},
		{bytes: []byte("ab"), offsets: []int64{0, 2, 1, 2}},
		{bytes: []byte("ab"), offsets: []int64{0, -1, 2}},
	} {
		if err := bad.check(); err == nil || !strings.Contains(err.Error(), "string table") {
			t.Errorf("%v: got %v, want an error", bad, err)
		}
	}
}
