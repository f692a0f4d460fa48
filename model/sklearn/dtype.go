package sklearn

import (
	"math"

	"sklambda/model/pickle"
)

// dtype is a numpy dtype, as far as it shows in answers: which arithmetic an estimator uses, and what a stack of
// columns is converted to.
type dtype struct {
	kind byte // 'f', 'i', 'u', 'b' or 'O'
	size int  // bytes of an item; 0 for 'O'
}

var (
	float64Type = dtype{'f', 8}
	float32Type = dtype{'f', 4}
	float16Type = dtype{'f', 2}
	int64Type   = dtype{'i', 8}
	boolType    = dtype{'b', 1}
	objectType  = dtype{'O', 0}
)

// name is numpy's name of the dtypes that an input column can have.
func (t dtype) name() string {
	switch t {
	case int64Type:
		return "int64"
	case boolType:
		return "bool"
	case objectType:
		return "object"
	}
	return "float64"
}

// promote is numpy.promote_types for the kinds that occur.
func promote(a, b dtype) dtype {
	switch {
	case a == b:
		return a
	case a.kind == 'O' || b.kind == 'O':
		return objectType
	case a.kind == 'b':
		return b
	case b.kind == 'b':
		return a
	case a.kind == 'f' && b.kind == 'f':
		return dtype{'f', max(a.size, b.size)}
	case a.kind == 'f':
		return dtype{'f', max(a.size, floatFor(b))}
	case b.kind == 'f':
		return dtype{'f', max(b.size, floatFor(a))}
	case a.kind == b.kind:
		return dtype{a.kind, max(a.size, b.size)}
	}
	signed, unsigned := a, b
	if a.kind == 'u' {
		signed, unsigned = b, a
	}
	switch {
	case signed.size > unsigned.size:
		return signed
	case unsigned.size >= 8:
		return float64Type
	}
	return dtype{'i', unsigned.size * 2}
}

// floatFor is the size of the smallest float that numpy promotes an integer type to.
func floatFor(t dtype) int {
	switch t.size {
	case 1:
		return 2
	case 2:
		return 4
	}
	return 8
}

// cast returns the value as an array of the dtype holds it; false if it cannot hold it, where numpy wraps around, raises
// or leaves the result undefined.
func (t dtype) cast(v float64) (float64, bool) {
	bits := 8*t.size - 1
	switch t.kind {
	case 'b':
		if v != 0 { // NaN is true
			return 1, true
		}
		return 0, true
	case 'i':
		return v, v == math.Trunc(v) && v >= -math.Ldexp(1, bits) && v < math.Ldexp(1, bits)
	case 'u':
		return v, v == math.Trunc(v) && v >= 0 && v < math.Ldexp(1, bits+1)
	}
	switch t {
	case float32Type:
		return float64(float32(v)), true
	case float16Type: // whole numbers up to 2048 are exact; no step rounds to float16
		return v, math.IsNaN(v) || v == math.Trunc(v) && math.Abs(v) <= 2048
	}
	return v, true
}

// dtypeOf reads a dtype from the file: a numpy.dtype object, a numpy scalar class, or the name of one.
func dtypeOf(v pickle.Value) (dtype, bool) {
	switch v := v.(type) {
	case *pickle.DType:
		if v.Kind == 'O' {
			return objectType, true
		}
		return dtype{v.Kind, v.Size}, v.Kind == 'b' || v.Kind == 'i' || v.Kind == 'u' || v.Kind == 'f' && v.Size <= 8
	case *pickle.Global:
		if v.Module == "numpy" || v.Module == "builtins" {
			t, ok := dtypeNames[v.Name]
			return t, ok
		}
	case string:
		t, ok := dtypeNames[v]
		return t, ok
	}
	return dtype{}, false
}

var dtypeNames = map[string]dtype{
	"float64": float64Type, "double": float64Type, "float": float64Type, "f8": float64Type, "d": float64Type,
	"float32": float32Type, "single": float32Type, "f4": float32Type, "f": float32Type,
	"float16": float16Type, "half": float16Type, "f2": float16Type, "e": float16Type,
	"int64": int64Type, "int": int64Type, "int_": int64Type, "intp": int64Type, "i8": int64Type, "long": int64Type, "longlong": int64Type, "i": {'i', 4},
	"int32": {'i', 4}, "i4": {'i', 4}, "intc": {'i', 4}, "int16": {'i', 2}, "short": {'i', 2}, "i2": {'i', 2},
	"int8": {'i', 1}, "byte": {'i', 1}, "i1": {'i', 1},
	"uint64": {'u', 8}, "uint": {'u', 8}, "uintp": {'u', 8}, "ulong": {'u', 8}, "ulonglong": {'u', 8}, "u8": {'u', 8},
	"uint32": {'u', 4}, "uintc": {'u', 4}, "u4": {'u', 4}, "uint16": {'u', 2}, "ushort": {'u', 2}, "u2": {'u', 2},
	"uint8": {'u', 1}, "ubyte": {'u', 1}, "u1": {'u', 1},
	"bool": boolType, "bool_": boolType, "?": boolType, "object": objectType, "object_": objectType, "O": objectType,
}
