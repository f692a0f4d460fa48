package pickle

import (
	"errors"
	"fmt"
	"strings"
)

// joblibArray reads the array that follows a NumpyArrayWrapper and puts it in the wrapper's place on the
// stack, as joblib's NumpyUnpickler.load_build does. Other objects are left alone. The memo keeps
// the wrapper, as in joblib; no file written by joblib refers to it.
func (r *reader) joblibArray(o *Object) error {
	g, ok := o.Class.(*Global)
	if !ok || !strings.Contains(g.Module, "joblib.numpy_pickle") {
		return nil
	}
	switch g.Name {
	case "NDArrayWrapper", "ZNDArrayWrapper":
		return r.errorf("an array in a file of its own, written by joblib before 0.10: load it there and dump it with a newer joblib")
	case "NumpyArrayWrapper":
		v, err := r.wrapped(o)
		if err != nil {
			if _, stop := errors.AsType[*Error](err); stop {
				return err
			}
			return r.errorf("joblib array: %w", err)
		}
		r.replaceTop(v)
	}
	return nil
}

// wrapped reads the array that a wrapper describes (NumpyArrayWrapper.read_array).
func (r *reader) wrapped(o *Object) (Value, error) {
	attr := func(name string) Value { v, _ := o.Attr(name); return v }
	t, ok := attr("dtype").(*DType)
	if !ok {
		return nil, fmt.Errorf("its dtype is not understood: %s", describe(attr("dtype")))
	}
	shape, err := r.shape(attr("shape"))
	if err != nil {
		return nil, err
	}
	order, _ := attr("order").(string)
	if order != "C" && order != "F" {
		return nil, fmt.Errorf("its order must be C or F, got %s", describe(attr("order")))
	}
	if r.frameEnd > r.pos {
		return nil, fmt.Errorf("it begins %d bytes before the end of a frame", r.frameEnd-r.pos)
	}
	r.frameEnd = -1
	if r.use(t).hasObject {
		return r.nested()
	}
	if attr("numpy_array_alignment_bytes") != nil { // not written before joblib 1.2
		if _, err := r.counted(1, "the padding of an array"); err != nil {
			return nil, err
		}
	}
	n, err := count(shape, t.Size)
	if err != nil {
		return nil, err
	}
	data, err := r.read(uint64(n)*uint64(t.Size), fmt.Sprintf("an array of shape %v and dtype %s", shape, t))
	if err != nil {
		return nil, err
	}
	return r.newArray(t, shape, order == "F", Bytes(data))
}

// nested reads an array of objects: a whole pickle of its own inside the stream.
func (r *reader) nested() (Value, error) {
	inner := newReader(r.data, r.budget, r.lim)
	inner.pos = r.pos
	v, err := inner.run()
	r.pos = inner.pos
	return v, err
}
