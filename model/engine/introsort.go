package engine

import (
	"math/bits"
	"slices"
)

// This file sorts a sparse row as scipy's csr_sort_indices does: by std::sort of GNU's libstdc++ (bits/stl_algo.h, bits/stl_heap.h), which moves entries of
// one column past each other. The order in which they are summed shows in the last bits.

// insertionSize is up to how many entries libstdc++ sorts by insertion alone, which keeps the order within a column.
const insertionSize = 16

// sort orders the entries by column, unless they are (scipy looks first).
func (s *sparseRow) sort() {
	n := len(s.columns)
	if slices.IsSorted(s.columns) {
		return
	}
	s.introsort(0, n, 2*(bits.Len(uint(n))-1))
	s.insertionSort(0, min(n, insertionSize))
	for i := insertionSize; i < n; i++ {
		s.insert(0, i)
	}
}

func (s *sparseRow) less(i, j int) bool { return s.columns[i] < s.columns[j] }

func (s *sparseRow) swap(i, j int) {
	s.columns[i], s.columns[j] = s.columns[j], s.columns[i]
	s.values[i], s.values[j] = s.values[j], s.values[i]
}

// introsort parts the entries from first up to last until no part has more than insertionSize (__introsort_loop).
func (s *sparseRow) introsort(first, last, depth int) {
	for last-first > insertionSize {
		if depth == 0 {
			s.heapSort(first, last)
			return
		}
		depth--
		s.medianFirst(first, first+1, first+(last-first)/2, last-1)
		cut := s.partition(first, last)
		s.introsort(cut, last, depth)
		last = cut
	}
}

// medianFirst swaps the median of three entries with the one at to (__move_median_to_first).
func (s *sparseRow) medianFirst(to, a, b, c int) {
	if !s.less(a, b) {
		a, b = b, a // a is not greater
	}
	switch {
	case s.less(b, c):
		s.swap(to, b)
	case s.less(a, c):
		s.swap(to, c)
	default:
		s.swap(to, a)
	}
}

// partition parts the entries behind the first by the first (__unguarded_partition).
func (s *sparseRow) partition(first, last int) int {
	pivot, low, high := first, first+1, last
	for {
		for s.less(low, pivot) {
			low++
		}
		high--
		for s.less(pivot, high) {
			high--
		}
		if low >= high {
			return low
		}
		s.swap(low, high)
		low++
	}
}

// insertionSort sorts a part by insertion.
func (s *sparseRow) insertionSort(first, last int) {
	for i := first + 1; i < last; i++ {
		s.insert(first, i)
	}
}

// insert moves entry i down behind the last that is not greater, first at most.
func (s *sparseRow) insert(first, i int) {
	for ; i > first && s.less(i, i-1); i-- {
		s.swap(i, i-1)
	}
}

// heapSort sorts a part by a heap (__partial_sort of all of it).
func (s *sparseRow) heapSort(first, last int) {
	n := last - first
	for parent := (n - 2) / 2; parent >= 0; parent-- {
		s.adjustHeap(first, parent, n)
	}
	for n--; n > 0; n-- {
		s.swap(first, first+n)
		s.adjustHeap(first, 0, n)
	}
}

// adjustHeap moves the entry at hole to the bottom of the heap of n entries, by way of the greater children, and from there up to where it belongs
// (__adjust_heap, __push_heap).
func (s *sparseRow) adjustHeap(first, hole, n int) {
	top := hole
	for child := 2*hole + 2; child <= n; child = 2*hole + 2 {
		if child == n || s.less(first+child, first+child-1) {
			child--
		}
		s.swap(first+hole, first+child)
		hole = child
	}
	for parent := (hole - 1) / 2; hole > top && s.less(first+parent, first+hole); parent = (hole - 1) / 2 {
		s.swap(first+parent, first+hole)
		hole = parent
	}
}
