package pickle

import (
	"fmt"
	"math"
	"math/big"
)

// clone copies values off the stack; no values are nil.
func clone(items []Value) []Value {
	if len(items) == 0 {
		return nil
	}
	return append(make([]Value, 0, len(items)), items...)
}

// extend appends to a list or to an instance of a list subclass.
func (r *reader) extend(target Value, items []Value) error {
	switch t := target.(type) {
	case *List:
		t.Items = append(t.Items, items...)
	case *Object:
		t.Items = append(t.Items, items...)
	default:
		return r.errorf("needs a list, got %s", describe(target))
	}
	return nil
}

// setItems sets keys and values, which alternate in kv, on a dict or an instance of a dict subclass.
func (r *reader) setItems(target Value, kv []Value) error {
	if len(kv)%2 != 0 {
		return r.errorf("a key without a value: %d values for a dict", len(kv))
	}
	switch t := target.(type) {
	case *Dict:
		for i := 0; i < len(kv); i += 2 {
			if err := r.setPair(t, kv[i], kv[i+1]); err != nil {
				return err
			}
		}
	case *Object:
		for i := 0; i < len(kv); i += 2 {
			t.Pairs = append(t.Pairs, Pair{kv[i], kv[i+1]})
		}
	default:
		return r.errorf("needs a dict, got %s", describe(target))
	}
	return nil
}

func (r *reader) setPair(d *Dict, key, value Value) error {
	at, err := r.find(d, len(d.Pairs), key, func(i int) Value { return d.Pairs[i].Key })
	if err != nil {
		return err
	}
	if at >= 0 {
		d.Pairs[at].Value = value
		return nil
	}
	d.Pairs = append(d.Pairs, Pair{key, value})
	return nil
}

func (r *reader) addItems(s *Set, items []Value) error {
	for _, v := range items {
		at, err := r.find(s, len(s.Items), v, func(i int) Value { return s.Items[i] })
		if err != nil {
			return err
		}
		if at < 0 {
			s.Items = append(s.Items, v)
		}
	}
	return nil
}

// keyIndex finds keys in the containers that are too long to be searched, by container.
type keyIndex map[Value]map[Value]int

// shortContainer is the length up to which a container is searched.
const shortContainer = 16

// find returns the position of a key among the n of a container, or -1. If it is -1,
// the caller appends the key.
func (r *reader) find(container Value, n int, key Value, at func(int) Value) (int, error) {
	k, ok, err := hashKey(key)
	if err != nil {
		return 0, r.errorf("%w", err)
	}
	if err := r.charge(hashCost(key)); err != nil {
		return 0, err
	}
	if n < shortContainer {
		for i := range n {
			if have, comparable, _ := hashKey(at(i)); ok && comparable && have == k {
				return i, nil
			}
		}
		return -1, nil
	}
	index := r.index[container]
	if index == nil {
		index = make(map[Value]int, 2*n)
		for i := range n {
			if have, comparable, _ := hashKey(at(i)); comparable {
				index[have] = i
			}
		}
		r.index[container] = index
	}
	if i, found := index[k]; ok && found {
		return i, nil
	}
	if ok {
		index[k] = n
	}
	return -1, r.charge(indexCost)
}

// bytesKey and bigKey are the hash keys of bytes and of wide ints.
type (
	bytesKey string
	bigKey   struct {
		negative  bool
		magnitude string
	}
)

// hashCost is charged for hashing a key, so that a long key that is used again and again is bounded too.
func hashCost(key Value) int {
	switch key := key.(type) {
	case string:
		return len(key)
	case Bytes:
		return shortContainer * len(key)
	case *big.Int:
		return shortContainer * key.BitLen() / 8
	default:
		return 0
	}
}

// hashKey maps a key to a comparable that is equal where Python's keys are equal. ok is false
// for a NaN, which equals nothing. Tuples, objects and numpy values count as equal only when the
// stream shares them; a pickle of a dict or set never holds two equal keys.
func hashKey(v Value) (key Value, ok bool, err error) {
	switch v := v.(type) {
	case bool:
		if v {
			return int64(1), true, nil
		}
		return int64(0), true, nil
	case float64:
		if v == math.Trunc(v) && math.Abs(v) < 1<<62 {
			return int64(v), true, nil
		}
		return v, !math.IsNaN(v), nil
	case complex128:
		if imag(v) == 0 {
			return hashKey(real(v))
		}
		return v, !math.IsNaN(real(v)) && !math.IsNaN(imag(v)), nil
	case *big.Int:
		return bigKey{v.Sign() < 0, string(v.Bytes())}, true, nil
	case Bytes:
		return bytesKey(v), true, nil
	case *Global:
		return *v, true, nil
	case *List, *Dict, *Array:
		return nil, false, fmt.Errorf("%s cannot be a key", describe(v))
	case *Set:
		if !v.Frozen {
			return nil, false, fmt.Errorf("a set cannot be a key")
		}
	}
	return v, true, nil
}
