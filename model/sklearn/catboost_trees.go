package sklearn

import (
	"fmt"
	"math"
	"slices"

	"sklambda/model/engine"
)

// maxOblivious is the greatest depth of a symmetric tree in CatBoost.
const maxOblivious = 16

// readTrees reads the trees, symmetric or not.
func (m *catboostModel) readTrees(t flatTable, splits []catboostSplit) error {
	numbers, sizes, leaves := t.uint32s(treesSplits), t.uint32s(treesSizes), t.float64s(treesLeaves)
	for _, number := range numbers {
		if int64(number) >= int64(len(splits)) {
			return fmt.Errorf("a tree has the split %d of %d", number, len(splits))
		}
	}
	steps := t.uint32s(treesSteps)
	if len(steps) > 0 {
		return m.readGrown(t, numbers, sizes, leaves, steps, splits)
	}
	for i, depth := range sizes {
		if depth > maxOblivious || int(depth) > len(numbers) || m.width<<depth > len(leaves) {
			return fmt.Errorf("tree %d has the depth %d, and %d splits and %d leaf values are left", i, depth, len(numbers), len(leaves))
		}
		m.trees = append(m.trees, m.oblivious(splits, numbers[:depth], leaves[:m.width<<depth]))
		numbers, leaves = numbers[depth:], leaves[m.width<<depth:]
	}
	if len(numbers) > 0 || len(leaves) > 0 {
		return fmt.Errorf("%d splits and %d leaf values are left over", len(numbers), len(leaves))
	}
	return nil
}

// inner makes a node of a tree one that splits.
func (s catboostSplit) inner(t *engine.Tree, node int, left, right int32) {
	t.Left[node], t.Right[node] = left, right
	t.Feature[node], t.Threshold[node], t.MissingLeft[node] = s.feature, float64(s.border), !s.missingRight
}

// blank is a tree of n leaves.
func (m *catboostModel) blank(n int) engine.Tree {
	t := engine.Tree{Left: make([]int32, n), Right: make([]int32, n), Feature: make([]int32, n), Threshold: make([]float64, n),
		MissingLeft: make([]bool, n), Values: make([]float64, n*m.width), Width: m.width}
	for i := range n {
		t.Left[i], t.Right[i] = -1, -1
	}
	return t
}

// oblivious is a symmetric tree: all nodes of a level have the same split. Bit k of a leaf's number is 1 if the value is above the border of level k
// (CalcIndexesBasic of catboost/libs/model/cpu/evaluator_impl.cpp). The nodes of level k are those from 1<<k - 1 on, numbered likewise by the bits so far.
func (m *catboostModel) oblivious(splits []catboostSplit, numbers []uint32, leaves []float64) engine.Tree {
	depth := len(numbers)
	t := m.blank(2<<depth - 1)
	for level, number := range numbers {
		for bits := range 1 << level {
			left := int32(2<<level - 1 + bits)
			splits[number].inner(&t, 1<<level-1+bits, left, left+1<<level)
		}
	}
	copy(t.Values[(1<<depth-1)*m.width:], leaves)
	return t
}

// readGrown reads trees that are not symmetric (CalcIndexesNonSymmetric of evaluator_impl.cpp). A node has a step to the left in the low half of a word and
// one to the right in the high half. A step of 0 ends the walk, in the leaf of that node.
func (m *catboostModel) readGrown(t flatTable, numbers, sizes []uint32, leaves []float64, steps []uint32, splits []catboostSplit) error {
	ids, starts := t.uint32s(treesLeafIDs), t.uint32s(treesStarts)
	if len(steps) != len(numbers) || len(ids) != len(numbers) || len(starts) != len(sizes) {
		return fmt.Errorf("its %d trees have %d starts, its %d nodes %d steps and %d leaves", len(sizes), len(starts), len(numbers), len(steps), len(ids))
	}
	start, left := 0, len(leaves)
	for i, size := range sizes {
		if int(starts[i]) != start || size == 0 || int(size) > len(numbers)-start {
			return fmt.Errorf("tree %d has the nodes %d to %d of %d", i, starts[i], int(starts[i])+int(size), len(numbers))
		}
		end := start + int(size)
		tree, err := m.grown(splits, numbers[start:end], steps[start:end], ids[start:end], leaves, &left)
		if err != nil {
			return fmt.Errorf("tree %d: %w", i, err)
		}
		m.trees = append(m.trees, tree)
		start = end
	}
	return nil
}

// grown is one tree that is not symmetric. A side on which an inner node ends the walk becomes a leaf of its own, behind the nodes of the file. left is how
// many leaf values are not used yet: those of each leaf are its own.
func (m *catboostModel) grown(splits []catboostSplit, numbers, steps, ids []uint32, leaves []float64, left *int) (engine.Tree, error) {
	var inner []int
	from := slices.Clone(ids) // for every leaf, where its values start
	children := make([][2]int32, len(steps))
	for i, step := range steps {
		if step == 0 {
			continue
		}
		inner = append(inner, i)
		for side, by := range [2]uint32{step & math.MaxUint16, step >> 16} {
			children[i][side] = int32(i) + int32(by)
			if by == 0 {
				children[i][side] = int32(len(from))
				from = append(from, ids[i])
			}
		}
	}
	n := len(from) - len(inner)
	if *left -= n * m.width; *left < 0 || n != len(inner)+1 {
		return engine.Tree{}, fmt.Errorf("it has %d splits and %d leaves of %d values, %d values are left behind it", len(inner), n, m.width, *left)
	}
	t := m.blank(len(from))
	for _, i := range inner {
		splits[numbers[i]].inner(&t, i, children[i][0], children[i][1])
	}
	for i, start := range from {
		if t.Left[i] != -1 {
			continue
		}
		if int64(start)+int64(m.width) > int64(len(leaves)) {
			return engine.Tree{}, fmt.Errorf("a leaf has its %d values at %d of %d", m.width, start, len(leaves))
		}
		copy(t.Values[i*m.width:][:m.width], leaves[start:])
	}
	return t, nil
}
