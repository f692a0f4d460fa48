package pickle

import (
	"fmt"
	"math"
	"math/big"
)

// Float64s returns the items in C order as float64: from bool, int, uint and float dtypes, and from
// object arrays of numbers. Ints beyond 2^53 are rounded to the nearest, as numpy's astype does. Long doubles,
// complex numbers, None and strings are errors.
func (a *Array) Float64s() ([]float64, error) {
	if t := a.Type; a.Data != nil && (t.Kind == 'b' || t.Kind == 'i' || t.Kind == 'u' || t.Kind == 'f' && t.Size <= 8) {
		return each(a, t.number), nil
	}
	return convert(a, "a float64", func(v Value) (float64, bool) {
		switch v := v.(type) {
		case bool:
			if v {
				return 1, true
			}
			return 0, true
		case int64:
			return float64(v), true
		case float64:
			return v, true
		case *big.Int:
			f, _ := new(big.Float).SetInt(v).Float64()
			return f, !math.IsInf(f, 0)
		}
		return 0, false
	})
}

// Int64s returns the items in C order as int64: from bool, int and uint dtypes, and from object arrays
// of them. A number that does not fit and a float, even a whole one, are errors.
func (a *Array) Int64s() ([]int64, error) {
	if t := a.Type; a.Data != nil && (t.Kind == 'b' || t.Kind == 'i' || t.Kind == 'u' && t.Size < 8) {
		return each(a, t.int), nil
	}
	return convert(a, "an int64", func(v Value) (int64, bool) {
		switch v := v.(type) {
		case bool:
			if v {
				return 1, true
			}
			return 0, true
		case int64:
			return v, true
		}
		return 0, false
	})
}

// Strings returns the items in C order as str, from 'U' and StringDType and from object arrays of str.
func (a *Array) Strings() ([]string, error) {
	return convert(a, "a str", func(v Value) (string, bool) {
		s, ok := v.(string)
		return s, ok
	})
}

// each reads every item of a dtype that cannot fail.
func each[T any](a *Array, read func([]byte) T) []T {
	data, size := a.contiguous().Data, a.Type.Size
	out := make([]T, a.Len())
	for i := range out {
		out[i] = read(data[i*size : (i+1)*size])
	}
	return out
}

// convert turns every item into a T; want names T in the error.
func convert[T any](a *Array, want string, from func(Value) (T, bool)) ([]T, error) {
	a = a.contiguous()
	out := make([]T, 0, a.Len())
	for i := range a.Len() {
		item := a.value(i)
		x, ok := from(item)
		if !ok {
			return nil, fmt.Errorf("item %d of an array of dtype %s is not %s: got %s", i, a.Type, want, describe(item))
		}
		out = append(out, x)
	}
	return out, nil
}
