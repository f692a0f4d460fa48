package model

import (
	"encoding/json"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"sklambda/model/table"
)

// No number needs more bytes than longestNumber.
func TestLongestNumber(t *testing.T) {
	t.Parallel()
	longest := len(table.AppendFloat(nil, longestNumber))
	for exponent := -323; exponent <= 308; exponent++ {
		for _, digits := range []float64{1.2345678901234567, 9.8765432109876543, 1.7976931348623157, 2.2250738585072014} {
			for _, f := range []float64{-digits * math.Pow10(exponent), -math.Nextafter(math.Pow10(exponent), 0)} {
				if got := table.AppendFloat(nil, f); len(got) > longest {
					t.Errorf("%s has %d bytes, more than %d", got, len(got), longest)
				}
			}
		}
	}
}

// The bound holds for the golden rows of every artifact that ships, and is no more than generous.
func TestLongestAnswerOfArtifacts(t *testing.T) {
	t.Parallel()
	dirs, err := filepath.Glob("testdata/*/artifact")
	if err != nil || len(dirs) < 3 {
		t.Fatal(dirs, err)
	}
	for _, dir := range append(dirs, "artifact") {
		m, err := Open(dir, OpenOptions{})
		if err != nil {
			t.Fatal(err)
		}
		bound, longest, replay := m.LongestAnswer(), 0, m.newReplayer()
		err = m.EachGolden(t.Context(), func(_ int, g GoldenRow) error {
			answer, _, err := replay.answer(g.Input)
			longest = max(longest, len(answer))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if longest > bound || m.longestPrediction() > 4*longest {
			t.Errorf("%s: the longest answer has %d bytes; the bounds are %d, and %d without problems", dir, longest, bound, m.longestPrediction())
		}
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	}
}

// The bound holds for labels of very different lengths, with and without a threshold, and for every problem of a row.
func TestLongestAnswer(t *testing.T) {
	t.Parallel()
	manifest, plan := binary(t)
	manifest.Classes = [][]Class{classes(`"`+strings.Repeat("long", 50)+`"`, "1")}
	rows := []string{`{"x":-1,"id":1,"flag":false,"colour":"red"}`, `{"x":0.1,"id":1,"flag":false,"colour":"green"}`, `{"x":1e308,"id":1,"flag":true,"colour":"blue"}`,
		`{"x":null,"id":1,"flag":false,"colour":"red"}`, `{"x":1,"id":1,"flag":false,"colour":"black"}`, `{"x":"1","id":1,"flag":false,"colour":"red"}`,
		`{"x":1,"id":1,"flag":"` + strings.Repeat("x", 999) + `","colour":"red"}`, `{}`, `{"x":1e400}`, `[]`}
	for _, threshold := range []*float64{nil, pointer(0.0), pointer(1.0)} {
		manifest.Threshold = threshold
		m, err := New(manifest, plan)
		if err != nil {
			t.Fatal(err)
		}
		bound, replay := m.LongestAnswer(), m.newReplayer()
		for _, row := range rows {
			answer, _, err := replay.answer([]byte(row))
			if err != nil || len(answer) > bound || !json.Valid(answer) {
				t.Errorf("%s: %v; the answer has %d bytes, more than %d: %s", row, err, len(answer), bound, answer)
			}
		}
		if without := m.longestPrediction(); threshold == nil && without < 200 {
			t.Errorf("the longest prediction has %d bytes, less than its label", without)
		}
	}
}

// A cell that is quoted in a message is bounded, whatever is in it.
func TestLongestProblem(t *testing.T) {
	t.Parallel()
	m, err := New(binary(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"\x00", "\"", "\\", "é", "\u2028", "\U0010fffe", "\xff"} {
		for _, n := range []int{59, 60, 61, 5000} {
			_, problem := table.Retype(table.Value{Kind: table.Cell, Text: strings.Repeat(text, n)}, table.Boolean)
			problem.Field = "colour"
			if got := len(AppendProblem(nil, problem)); got > m.LongestAnswer() {
				t.Errorf("%q × %d: %d bytes, more than %d", text, n, got, m.LongestAnswer())
			}
		}
	}
}
