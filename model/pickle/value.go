// Package pickle reads pickle streams (protocols 2 to 5) and joblib files into
// a tree of plain values. It executes nothing: a global is a name, an object is
// the name of its class with the arguments and the state that were stored for it.
// All input is taken to be hostile: depth, memo, sizes and memory are bounded.
package pickle

// Value is a node of the tree. It holds exactly one of:
//
//	nil         None
//	bool        True, False
//	int64       an int that fits 64 bits
//	*big.Int    a wider int
//	float64     a float
//	complex128  a complex number
//	string      a str (may hold WTF-8 encoded lone surrogates)
//	Bytes       a bytes or bytearray
//	*List, *Tuple, *Set, *Dict
//	*Global     a class or function, by name
//	*Object     an instance of a class, or the result of any call that is not understood
//	*Array      a numpy.ndarray
//	*Scalar     a numpy scalar
//	*DType      a numpy.dtype
//
// Containers are pointers, so that a value that the stream shares is shared here and a
// cycle is possible: walkers must bound their depth or keep a visited set.
type Value any

// Bytes is a Python bytes or bytearray.
type Bytes []byte

// List is a Python list.
type List struct{ Items []Value }

// Tuple is a Python tuple.
type Tuple struct{ Items []Value }

// Set is a Python set or frozenset, in stream order.
type Set struct {
	Items  []Value
	Frozen bool
}

// Pair is one entry of a Dict.
type Pair struct{ Key, Value Value }

// Dict is a Python dict or collections.OrderedDict, in insertion order. A key set twice keeps its first
// place and its last value; keys are equal as in Python (1, 1.0 and True are one key), but tuples,
// objects and numpy scalars only when the stream shares them.
type Dict struct{ Pairs []Pair }

// Get returns the value under a string key.
func (d *Dict) Get(key string) (Value, bool) {
	if d == nil {
		return nil, false
	}
	for i := range d.Pairs {
		if k, ok := d.Pairs[i].Key.(string); ok && k == key {
			return d.Pairs[i].Value, true
		}
	}
	return nil, false
}

// Global is a class or a function, by name; it is never resolved to code.
type Global struct{ Module, Name string }

// String returns the dotted name, e.g. "sklearn.pipeline.Pipeline".
func (g *Global) String() string { return g.Module + "." + g.Name }

// Object is an instance: what a REDUCE, NEWOBJ, NEWOBJ_EX, INST, OBJ or BUILD opcode would
// have made. copyreg._reconstructor(cls, object, None) and copyreg.__newobj__(cls, …) are
// folded into their class, so that Class is the class of the instance.
type Object struct {
	// Class is a *Global for nearly everything; any other value for a call of a computed callable.
	Class Value
	// Args and Kwargs are what the callable was given. Args may share memory with another value: do not write.
	Args   []Value
	Kwargs *Dict
	// State is what BUILD was given (usually a *Dict, sometimes a *Tuple of dict and slots), nil if none.
	// Where a function set the state instead (the sixth item of __reduce__), it is that call, an *Object.
	State Value
	// Items were appended to the object (list subclasses), Pairs were set on it (dict subclasses).
	Items []Value
	Pairs []Pair
	// BuildErr says why a known numpy type could not be understood and stayed opaque; nil otherwise.
	BuildErr error
}

// ClassName returns the dotted name of the class, or "" when Class is not a *Global.
func (o *Object) ClassName() string {
	if g, ok := o.Class.(*Global); ok {
		return g.String()
	}
	return ""
}

// Attr returns an attribute from the state that BUILD stored.
func (o *Object) Attr(name string) (Value, bool) {
	switch s := o.State.(type) {
	case *Dict:
		return s.Get(name)
	case *Tuple:
		for _, part := range s.Items {
			if d, ok := part.(*Dict); ok {
				if v, ok := d.Get(name); ok {
					return v, true
				}
			}
		}
	}
	return nil, false
}

// DType is a numpy dtype.
type DType struct {
	// Kind is numpy's: 'b' bool, 'i', 'u', 'f', 'c', 'O' object, 'S' bytes, 'U' str, 'V' void or
	// structured, 'M' datetime64, 'm' timedelta64, 'T' StringDType.
	Kind byte
	// Size is the item size in bytes ('U': 4 a character).
	Size int
	// BigEndian is the stored byte order.
	BigEndian bool
	// Fields are the members of a structured dtype, nil otherwise.
	Fields []Field
	// Sub and SubShape describe a sub-array dtype, nil otherwise.
	Sub      *DType
	SubShape []int
}

// Field is one member of a structured dtype.
type Field struct {
	Name   string
	Type   *DType
	Offset int
}

// Array is a numpy.ndarray.
type Array struct {
	Type  *DType
	Shape []int
	// Fortran says that Data is in column-major order.
	Fortran bool
	// Data are the raw items, Size*prod(Shape) bytes; nil for object arrays. It may view the file's bytes: do not write.
	Data []byte
	// Objects are the items of an object array or of StringDType, always in C order. Under a structured dtype
	// with object members each item is a *Tuple of the fields.
	Objects []Value
}

// Scalar is a numpy scalar: one item of a dtype.
type Scalar struct {
	Type *DType
	// Data are the raw bytes of the item; Object the item of an object scalar.
	Data   []byte
	Object Value
}

// Limits bounds what Read accepts. The zero value means the defaults.
type Limits struct {
	// Bytes bounds the decompressed stream: default 100 times the file, but at least 1 GiB and at most 8 GiB.
	Bytes int64
	// Memory bounds what the tree may hold besides views into the stream: default 2 GiB.
	Memory int64
	// Depth bounds the nesting of containers: default 1000.
	Depth int
	// Memo bounds the number of memo entries: default 64 Mi.
	Memo int
}
