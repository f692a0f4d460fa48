package pickle

import (
	"fmt"
	"math"
)

// maxDims is numpy's bound on the dimensions of an array.
const maxDims = 64

// maxEmptyDim bounds the dimensions of an array without items, so that a caller may loop over one of them.
const maxEmptyDim = math.MaxInt32

// noSlot is the memo slot of an array that was not stored.
const noSlot uint64 = math.MaxUint64

// reconstruct is numpy's _reconstruct(subtype, (0,), b'b'): an empty array, which BUILD fills.
func (r *reader) reconstruct(args []Value) (Value, error) {
	if len(args) != 3 || !isNDArray(args[0]) {
		return nil, errOpaque
	}
	shape, ok := args[1].(*Tuple)
	if !ok || len(shape.Items) != 1 || shape.Items[0] != int64(0) {
		return nil, fmt.Errorf("_reconstruct of a shape other than (0,)")
	}
	a := &Array{Type: &DType{Kind: 'i', Size: 1}, Shape: []int{0}}
	r.pending[a] = noSlot
	return a, r.charge(indexCost)
}

// isNDArray says that a class is numpy.ndarray or one of its subclasses that hold nothing more.
func isNDArray(class Value) bool {
	g, ok := class.(*Global)
	if !ok {
		return false
	}
	switch *g {
	case Global{"numpy", "ndarray"}, Global{"numpy", "memmap"}, Global{"numpy", "matrix"},
		Global{"numpy.core.memmap", "memmap"}, Global{"numpy._core.memmap", "memmap"},
		Global{"numpy.matrixlib.defmatrix", "matrix"}:
		return true
	}
	return false
}

// buildArray is ndarray.__setstate__ (array_setstate in numpy's methods.c): an optional version, then
// shape, dtype, Fortran order, and the bytes or the list of objects.
func (r *reader) buildArray(a *Array, state Value) error {
	slot := noSlot
	if s, ok := r.pending[a]; ok {
		slot = s
		delete(r.pending, a)
	}
	st, ok := state.(*Tuple)
	if !ok || len(st.Items) < 4 || len(st.Items) > 5 {
		return r.errorf("the state of an array must be a tuple of 4 or 5, got %s", describe(state))
	}
	items := st.Items[len(st.Items)-4:]
	shape, err := r.shape(items[0])
	if err != nil {
		return err
	}
	t, ok := items[1].(*DType)
	if !ok {
		return r.opaqueArray(slot, st, items[1])
	}
	fortran := items[2] == true || items[2] == int64(1)
	built, err := r.newArray(t, shape, fortran, items[3])
	if err != nil {
		return r.errorf("%w", err)
	}
	*a = *built
	return nil
}

// opaqueArray puts an Object in place of an array whose dtype is not understood.
func (r *reader) opaqueArray(slot uint64, state *Tuple, dtype Value) error {
	o := &Object{
		Class:    &Global{"numpy", "ndarray"},
		State:    state,
		BuildErr: fmt.Errorf("an array whose dtype is not understood: %s", describe(dtype)),
	}
	if inner, ok := dtype.(*Object); ok && inner.BuildErr != nil {
		o.BuildErr = fmt.Errorf("an array whose dtype is not understood: %w", inner.BuildErr)
	}
	r.replaceTop(o)
	if slot != noSlot {
		r.memo.put(slot, o)
	}
	return r.charge(objectCost)
}

// newArray makes an array from its bytes, or from the list of its objects, which numpy writes in C order.
//
// Under a dtype with members that are objects, each item is a tuple.
func (r *reader) newArray(t *DType, shape []int, fortran bool, raw Value) (*Array, error) {
	info := r.use(t)
	n, err := count(shape, t.Size)
	if err != nil {
		return nil, err
	}
	if t.Sub != nil {
		return nil, fmt.Errorf("an array of a sub-array dtype")
	}
	if info.hasObject {
		list, ok := raw.(*List)
		if !ok || len(list.Items) != n {
			return nil, fmt.Errorf("an array of %d objects needs a list of them, got %s", n, describe(raw))
		}
		return &Array{Type: t, Shape: shape, Objects: list.Items[:n:n]}, r.charge(aliasCost * n)
	}
	data, ok := raw.(Bytes)
	if s, isStr := raw.(string); isStr { // Python 2 wrote a str
		if err := r.charge(len(s)); err != nil {
			return nil, err
		}
		data, ok = latin1(s)
	}
	if !ok || len(data) != n*t.Size {
		return nil, fmt.Errorf("an array of shape %v and dtype %s needs %d bytes, got %s of %d", shape, t, n*t.Size, describe(raw), len(data))
	}
	if t.Size == 0 {
		if err := r.charge(pushCost * n); err != nil {
			return nil, err
		}
	}
	return &Array{Type: t, Shape: shape, Fortran: fortran && len(shape) > 1, Data: data}, nil
}

// fromBuffer is numpy's _frombuffer(buffer, dtype, shape, order[, axis_order]) of protocol 5. Under
// order 'K' the bytes are in C order of the shape, and axis_order permutes the axes afterwards.
func (r *reader) fromBuffer(args []Value) (Value, error) {
	if len(args) < 4 || len(args) > 5 {
		return nil, errOpaque
	}
	t, ok := args[1].(*DType)
	if !ok {
		return nil, fmt.Errorf("an array whose dtype is not understood: %s", describe(args[1]))
	}
	shape, err := r.shape(args[2])
	if err != nil {
		return nil, err
	}
	a, err := r.newArray(t, shape, args[3] == "F", args[0])
	if err != nil {
		return nil, r.errorf("%w", err)
	}
	switch args[3] {
	case "C", "F":
		return a, nil
	case "K":
		if len(args) == 5 && args[4] != nil {
			return a, r.transpose(a, args[4])
		}
	}
	return nil, fmt.Errorf("an array in an order that is not known")
}

// transpose permutes the axes of an array in C order, as ndarray.transpose does, and copies the items back into C order.
func (r *reader) transpose(a *Array, axes Value) error {
	perm, ok := axes.(*Tuple)
	if !ok || len(perm.Items) != len(a.Shape) {
		return r.errorf("the axes of an array of %d dimensions, got %s", len(a.Shape), describe(axes))
	}
	if err := r.charge(len(a.Data)); err != nil {
		return err
	}
	from := strides(a.Shape, false)
	shape, step, seen := make([]int, len(from)), make([]int, len(from)), make([]bool, len(from))
	for i, v := range perm.Items {
		axis, err := plainInt(v, "an axis")
		if err != nil || axis >= len(from) || seen[axis] {
			return r.errorf("axis %d of an array is not valid", i)
		}
		seen[axis] = true
		shape[i], step[i] = a.Shape[axis], from[axis]
	}
	a.Shape, a.Data = shape, gather(a.Data, a.Type.Size, shape, step)
	return nil
}

// newScalar is numpy's scalar(dtype, bytes or object).
func (r *reader) newScalar(args []Value) (Value, error) {
	if len(args) != 2 {
		return nil, errOpaque
	}
	t, ok := args[0].(*DType)
	if !ok {
		return nil, fmt.Errorf("a scalar whose dtype is not understood: %s", describe(args[0]))
	}
	if r.use(t).hasObject {
		return &Scalar{Type: t, Object: args[1]}, nil
	}
	data, ok := args[1].(Bytes)
	if s, isStr := args[1].(string); isStr { // Python 2 wrote a str
		if err := r.charge(len(s)); err != nil {
			return nil, err
		}
		data, ok = latin1(s)
	}
	if !ok || len(data) < t.Size {
		return nil, r.errorf("a scalar of dtype %s needs %d bytes, got %s of %d", t, t.Size, describe(args[1]), len(data))
	}
	return &Scalar{Type: t, Data: data[:t.Size:t.Size]}, nil
}

// shape reads a tuple of dimensions.
func (r *reader) shape(v Value) ([]int, error) {
	dims, ok := v.(*Tuple)
	if !ok || len(dims.Items) > maxDims {
		return nil, r.errorf("a shape must be a tuple of at most %d ints, got %s", maxDims, describe(v))
	}
	if err := r.charge(8 * len(dims.Items)); err != nil {
		return nil, err
	}
	shape := make([]int, len(dims.Items))
	for i, d := range dims.Items {
		n, err := plainInt(d, "a dimension")
		if s, ok := d.(*Scalar); ok { // numpy takes numpy's own ints as well
			n, err = plainInt(s.plain(), "a dimension")
		}
		if err != nil {
			return nil, r.errorf("%w", err)
		}
		shape[i] = n
	}
	return shape, nil
}

// count returns the number of items of a shape, and refuses one whose bytes would not fit an int.
func count(shape []int, size int) (int, error) {
	n, empty := 1, false
	for _, d := range shape {
		if d == 0 {
			empty = true
			continue
		}
		if n > math.MaxInt/max(size, 1)/d {
			return 0, fmt.Errorf("an array of shape %v with items of %d bytes is too large", shape, size)
		}
		n *= d
	}
	if !empty {
		return n, nil
	}
	for _, d := range shape {
		if d > maxEmptyDim {
			return 0, fmt.Errorf("an array of shape %v without items: at most %d are allowed in a dimension", shape, maxEmptyDim)
		}
	}
	return 0, nil
}
