package sklearn

import (
	"sklambda/model/engine"
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
	int64Type   = dtype{'i', 8}
	boolType    = dtype{'b', 1}
	objectType  = dtype{'O', 0}
)

// column is one column of the table that flows between estimators: still a feature of the input whose type no
// consumer has settled, or a float slot, or a text slot.
type column struct {
	// feature is set for a column of the input, as long as nothing has changed its values.
	feature *feature
	// slot holds the numbers, if laid is set and text is not.
	slot engine.Slot
	// textSlot holds the texts, if laid and text are set.
	textSlot engine.TextSlot
	laid     bool
	text     bool
	dtype    dtype
	// inexact: the numbers may differ from scikit-learn's in the last bits.
	inexact bool
	// origin is the index of the feature that errors of this column name, -1 for a computed column.
	origin int32
}

// matrix is the table that an estimator is given or gives.
type matrix struct {
	cols []column
	// frame: a DataFrame, whose columns keep their dtypes; otherwise an array, whose columns share one.
	frame bool
	// sparse: a scipy sparse matrix; a few estimators compute it in another order.
	sparse bool
	// unknown: a refusal came before; the columns are not known and nothing can be compiled from them.
	unknown bool
}

var unknownMatrix = matrix{unknown: true}

func (m matrix) width() int { return len(m.cols) }

// array returns the matrix as numpy.asarray gives it: one dtype for all columns.
func (m matrix) array() matrix {
	if !m.frame {
		return m
	}
	m.frame = false
	return m.withType(m.resultType())
}

// withType returns the matrix with the same dtype in every column. The values do not change: a step that rounds is the caller's.
func (m matrix) withType(t dtype) matrix {
	cols := make([]column, len(m.cols))
	for i, col := range m.cols {
		col.dtype = t
		cols[i] = col
	}
	m.cols = cols
	return m
}

// resultType is numpy.result_type over the columns' dtypes.
func (m matrix) resultType() dtype {
	if len(m.cols) == 0 {
		return float64Type
	}
	t := m.cols[0].dtype
	for _, col := range m.cols[1:] {
		if m.frame && (t == boolType) != (col.dtype == boolType) {
			return objectType // pandas does not mix booleans with numbers
		}
		t = promote(t, col.dtype)
	}
	return t
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

// dtypeOf reads a dtype from the file: a numpy.dtype object, a numpy scalar class, or the name of one.
func dtypeOf(v pickle.Value) (dtype, bool) {
	switch v := v.(type) {
	case *pickle.DType:
		return dtype{v.Kind, sizeOf(v)}, true
	case *pickle.Global:
		t, ok := dtypeNames[v.Name]
		return t, ok
	case string:
		t, ok := dtypeNames[v]
		return t, ok
	}
	return dtype{}, false
}

func sizeOf(t *pickle.DType) int {
	if t.Kind == 'O' {
		return 0
	}
	return t.Size
}

var dtypeNames = map[string]dtype{
	"float64": float64Type, "double": float64Type, "float": float64Type, "f8": float64Type, "d": float64Type,
	"float32": float32Type, "single": float32Type, "f4": float32Type, "f": float32Type,
	"float16": {'f', 2}, "half": {'f', 2}, "f2": {'f', 2},
	"int64": int64Type, "int": int64Type, "int_": int64Type, "i8": int64Type, "longlong": int64Type,
	"int32": {'i', 4}, "i4": {'i', 4}, "intc": {'i', 4}, "int16": {'i', 2}, "i2": {'i', 2}, "int8": {'i', 1}, "i1": {'i', 1},
	"uint64": {'u', 8}, "u8": {'u', 8}, "uint32": {'u', 4}, "u4": {'u', 4}, "uint16": {'u', 2}, "u2": {'u', 2},
	"uint8": {'u', 1}, "u1": {'u', 1},
	"bool": boolType, "bool_": boolType, "?": boolType, "object": objectType, "object_": objectType, "O": objectType,
}
