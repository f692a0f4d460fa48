package engine

import "math"

// This file keeps the k nearest of many points, and sorts them, in the order that ties take in scikit-learn (sklearn/utils/_heap.pyx and _sorting.pyx). Indices are whole
// float64 numbers, so that heaps can lie in a frame.

// clearHeap makes an empty heap: k infinitely far points.
func clearHeap(values, indices []float64, far float64) {
	for i := range values {
		values[i], indices[i] = far, 0
	}
}

// pushHeap puts a point into a heap whose largest value is first, unless it is no nearer than that (heap_push).
func pushHeap(values, indices []float64, value, index float64) {
	if value >= values[0] {
		return
	}
	at, size := 0, len(values)
	for {
		left := 2*at + 1
		right := left + 1
		next := left
		if left >= size {
			break
		}
		if right < size && !(values[left] >= values[right]) {
			next = right
		}
		if !(value < values[next]) {
			break
		}
		values[at], indices[at] = values[next], indices[next]
		at = next
	}
	values[at], indices[at] = value, index
}

// sortTogether sorts values, and the indices with them: simultaneous_sort, an introsort whose order of equal values is part of the answer.
func sortTogether(values, indices []float64) {
	if len(values) > 0 {
		introsort(values, indices, 2*int(math.Log2(float64(len(values)))))
	}
}

func introsort(v, x []float64, depth int) {
	for len(v) > 15 {
		if depth <= 0 {
			heapsort(v, x)
			return
		}
		depth--
		n := len(v)
		pivot := median3(v, x)
		i, j := 1, n-2
		for {
			for i <= j && v[i] < pivot {
				i++
			}
			for i <= j && v[j] > pivot {
				j--
			}
			if i >= j {
				break
			}
			swap(v, x, i, j)
			i++
			j--
		}
		swap(v, x, i, n-1)
		introsort(v[:i], x[:i], depth)
		v, x = v[i+1:], x[i+1:]
	}
	for i := 1; i < len(v); i++ {
		value, index := v[i], x[i]
		j := i
		for ; j > 0 && v[j-1] > value; j-- {
			v[j], x[j] = v[j-1], x[j-1]
		}
		v[j], x[j] = value, index
	}
}

func swap(v, x []float64, i, j int) {
	v[i], v[j] = v[j], v[i]
	x[i], x[j] = x[j], x[i]
}

// median3 moves the smallest of the first, middle and last value to the front, the middle one to the end, and returns it (inplace_median3).
func median3(v, x []float64) float64 {
	middle, last := len(v)/2, len(v)-1
	if v[0] > v[last] {
		swap(v, x, 0, last)
	}
	if v[last] > v[middle] {
		swap(v, x, last, middle)
		if v[0] > v[last] {
			swap(v, x, 0, last)
		}
	}
	return v[last]
}

func heapsort(v, x []float64) {
	for start := (len(v) - 2) / 2; start >= 0; start-- {
		siftDown(v, x, start)
	}
	for end := len(v) - 1; end > 0; end-- {
		swap(v, x, 0, end)
		siftDown(v[:end], x[:end], 0)
	}
}

func siftDown(v, x []float64, root int) {
	for {
		child, top := 2*root+1, root
		if child < len(v) && v[top] < v[child] {
			top = child
		}
		if child+1 < len(v) && v[top] < v[child+1] {
			top = child + 1
		}
		if top == root {
			return
		}
		swap(v, x, root, top)
		root = top
	}
}
