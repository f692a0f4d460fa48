package model

import (
	"cmp"
	"context"
	"fmt"
	"hash/crc32"
	"slices"
	"strings"
)

// maxDifferences bounds the differences that a Report lists.
const maxDifferences = 20

// Report is what a replay of the golden rows found.
type Report struct {
	// Rows were replayed; Undecided were left out when they were made, because scikit-learn disagrees with itself about them.
	Rows      int `json:"rows"`
	Undecided int `json:"undecided"`
	// Outputs have the largest error of each output.
	Outputs []OutputError `json:"outputs"`
	// Failed rows differ; Differences are the first 20.
	Failed      int          `json:"failed"`
	Differences []Difference `json:"differences,omitempty"`
}

// Difference is one golden row whose answer is not scikit-learn's.
type Difference struct {
	// Line of golden.jsonl, from 1.
	Line int    `json:"line"`
	Text string `json:"text"`
}

// Add notes the comparison of golden row row; an empty difference is an agreement.
func (r *Report) Add(row int, difference string) {
	r.Rows++
	if difference == "" {
		return
	}
	if r.Failed++; len(r.Differences) < maxDifferences {
		r.Differences = append(r.Differences, Difference{Line: row + 1, Text: difference})
	}
}

// Err is nil if no row differs.
func (r *Report) Err() error {
	if r.Failed == 0 {
		return nil
	}
	const most = 5
	var b strings.Builder
	for _, d := range r.Differences[:min(len(r.Differences), most)] {
		fmt.Fprintf(&b, "\n  %s line %d: %s", GoldenFile, d.Line, d.Text)
	}
	return fmt.Errorf("%d of %d golden rows differ from scikit-learn:%s", r.Failed, r.Rows, b.String())
}

// Verify compares the sha256 of every file and replays every golden row. Differences are in the Report; the error says why rows could not be replayed.
// progress, if not nil, is told how many rows are done.
func (m *Model) Verify(ctx context.Context, progress func(done, total int)) (*Report, error) {
	if m.dir == "" || m.manifest.Golden == nil {
		return nil, fmt.Errorf("the artifact has no golden rows: there is nothing to verify")
	}
	if err := checkFiles(m.dir, m.manifest, true); err != nil {
		return nil, err
	}
	report := &Report{Undecided: m.manifest.Golden.Undecided}
	comparer, replay := NewComparer(m.manifest), m.newReplayer()
	err := m.EachGolden(ctx, func(row int, g GoldenRow) error {
		answer, _, err := replay.answer(g.Input)
		if err != nil {
			return err
		}
		report.Add(row, comparer.Compare(g.Expected, answer))
		if progress != nil {
			progress(row+1, m.manifest.Golden.Rows)
		}
		return nil
	})
	report.Outputs = comparer.Outputs()
	return report, err
}

// selfTestChooser picks the golden rows that INIT replays: the first row of each label and of each kind of error, then others by chance, which is their
// checksum: the choice stays when its rows are moved to the front.
type selfTestChooser struct {
	seen   map[string]bool
	chosen []int
	others []otherRow
}

// otherRow is a row that is not the first of its kind.
type otherRow struct {
	row int
	sum uint32
}

// offer considers a row, given what tells its kind.
func (c *selfTestChooser) offer(row int, kind string, input []byte) {
	if c.seen[kind] || len(c.chosen) == selfTestRows {
		c.others = append(c.others, otherRow{row, crc32.ChecksumIEEE(input)})
		return
	}
	if c.seen == nil {
		c.seen = map[string]bool{}
	}
	c.seen[kind] = true
	c.chosen = append(c.chosen, row)
}

// rows returns the choice, ascending.
func (c *selfTestChooser) rows() []int {
	slices.SortStableFunc(c.others, func(a, b otherRow) int { return cmp.Compare(a.sum, b.sum) })
	for _, other := range c.others[:min(len(c.others), selfTestRows-len(c.chosen))] {
		c.chosen = append(c.chosen, other.row)
	}
	slices.Sort(c.chosen)
	return c.chosen
}

// kindOf is what tells apart the rows that the self-test should cover: the code of the error, or the labels.
func kindOf(expected []byte, code string) string {
	if code != "" {
		return "error " + code
	}
	list, err := members(expected)
	if err != nil {
		return ""
	}
	label, _ := find(list, "label")
	labels, _ := find(list, "labels")
	return string(label) + string(labels)
}
