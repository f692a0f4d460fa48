package engine

import "fmt"

// TreeSums is what the forms of an ensemble of decision trees have in common: where the values of the leaves are, and how they are added up. Out starts as Init
// (zeros if it is empty); then tree by tree, in order, Out[Columns[t]+k] += value k of the leaf that the row falls into.
type TreeSums struct {
	In      Span    `json:"in"`
	Out     Span    `json:"out"`
	Compare Compare `json:"compare"`
	// Accumulate makes Out start as what earlier steps have written there; Init is then empty.
	Accumulate bool      `json:"accumulate"`
	Init       []float64 `tensor:"init"`
	Columns    []int32   `tensor:"columns"` // first column of Out that the tree adds to
	Widths     []int32   `tensor:"widths"`  // values in a leaf
	Leaves     []float64 `tensor:"leaves"`
}

// checkFrame checks the spans against the frame.
func (t *TreeSums) checkFrame(f *frame) error {
	if t.Accumulate {
		if err := f.read("out", t.Out); err != nil {
			return err
		}
	}
	return f.apart(t.In, t.Out)
}

// checkSums checks all but the leaves, for a number of trees.
func (t *TreeSums) checkSums(trees int) error {
	if err := atLeastOne(t.In); err != nil {
		return err
	}
	if t.Accumulate && len(t.Init) != 0 {
		return fmt.Errorf("init has %d items, want none where the trees accumulate", len(t.Init))
	}
	if len(t.Init) != 0 && len(t.Init) != int(t.Out.N) {
		return fmt.Errorf("init has %d items, want none or %d", len(t.Init), t.Out.N)
	}
	if err := items("columns", t.Columns, trees); err != nil {
		return err
	}
	if err := items("widths", t.Widths, trees); err != nil {
		return err
	}
	for i, c := range t.Columns {
		if c, width := int(c), int(t.Widths[i]); c < 0 || width < 1 || c+width > int(t.Out.N) {
			return fmt.Errorf("tree %d: columns %d to %d, outside out's %d", i, c, c+width, t.Out.N)
		}
	}
	return nil
}

// start writes what the sums of the first n rows start with.
func (t *TreeSums) start(s *session, n int) {
	if t.Accumulate {
		return
	}
	for r := range n {
		out := s.span(r, t.Out)
		clear(out)
		copy(out, t.Init)
	}
}

// commonWidth is the width of every tree if all add to the same columns, or else 0.
func (t *TreeSums) commonWidth() int {
	if len(t.Columns) == 0 {
		return 0
	}
	for i, c := range t.Columns {
		if c != t.Columns[0] || t.Widths[i] != t.Widths[0] {
			return 0
		}
	}
	return int(t.Widths[0])
}
