package engine

import (
	"math"
	"math/bits"
)

// selection is a list of values and an order of them that is being partitioned. The order holds indices of values.
type selection struct{ values, order []float64 }

// partition reorders until the value at kth is the one that sorting would put there, none before it is above and none after it below, as
// numpy.argpartition(values, kth) does where it has no vector instructions for it (introselect): which of equal values come first is its choice.
func (s selection) partition(kth int) {
	low, high := 0, len(s.order)-1
	if kth < 3 {
		s.smallest(kth)
		return
	}
	if kth == high {
		s.largestLast()
		return
	}
	for limit := 2 * (bits.Len(uint(len(s.order))) - 1); low+1 < high; limit-- {
		l, h := low+1, high
		if limit > 0 || h-l < 5 {
			s.medianOf3(low, low+(high-low)/2, high)
		} else {
			s.swap(l+selection{s.values, s.order[l:h]}.medianOfMedians(), low)
			l, h = l-1, h+1
		}
		h, l = s.split(s.at(low), l, h)
		s.swap(low, h)
		if h >= kth {
			high = h - 1
		}
		if h <= kth {
			low = l
		}
	}
	if high == low+1 && s.less(high, low) {
		s.swap(high, low)
	}
}

func (s selection) at(i int) float64 { return s.values[int(s.order[i])] }

func (s selection) swap(i, j int) { s.order[i], s.order[j] = s.order[j], s.order[i] }

func (s selection) less(i, j int) bool { return below(s.at(i), s.at(j)) }

// below is the order of numpy's sorting: NaN is last.
func below(a, b float64) bool { return a < b || math.IsNaN(b) && !math.IsNaN(a) }

// smallest puts the kth+1 smallest values in front, each by a search.
func (s selection) smallest(kth int) {
	for i := range kth + 1 {
		least := i
		for k := i + 1; k < len(s.order); k++ {
			if s.less(k, least) {
				least = k
			}
		}
		s.swap(i, least)
	}
}

// largestLast puts the last of the largest values at the end.
func (s selection) largestLast() {
	largest := 0
	for k := range s.order {
		if !s.less(k, largest) {
			largest = k
		}
	}
	s.swap(len(s.order)-1, largest)
}

// medianOf3 moves the median of three values to low and the least to low + 1.
func (s selection) medianOf3(low, mid, high int) {
	if s.less(high, mid) {
		s.swap(high, mid)
	}
	if s.less(high, low) {
		s.swap(high, low)
	}
	if s.less(low, mid) {
		s.swap(low, mid)
	}
	s.swap(mid, low+1)
}

// split swaps values below the pivot, between l and h, with those above it. It returns where the two sides meet.
func (s selection) split(pivot float64, l, h int) (last, first int) {
	for {
		for l++; below(s.at(l), pivot); l++ {
		}
		for h--; below(pivot, s.at(h)); h-- {
		}
		if h < l {
			return h, l
		}
		s.swap(l, h)
	}
}

// medianOfMedians moves the medians of groups of five to the front and returns the place of their median.
func (s selection) medianOfMedians() int {
	groups := len(s.order) / 5
	for i := range groups {
		s.swap(5*i+selection{s.values, s.order[5*i:]}.medianOf5(), i)
	}
	if groups > 2 {
		selection{s.values, s.order[:groups]}.partition(groups / 2)
	}
	return groups / 2
}

// medianOf5 reorders the first five values and returns the place of their median.
func (s selection) medianOf5() int {
	for _, pair := range [...][2]int{{1, 0}, {4, 3}, {3, 0}, {4, 1}, {2, 1}} {
		if s.less(pair[0], pair[1]) {
			s.swap(pair[0], pair[1])
		}
	}
	switch {
	case !s.less(3, 2):
		return 2
	case s.less(3, 1):
		return 1
	}
	return 3
}
