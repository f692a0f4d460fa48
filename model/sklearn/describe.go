package sklearn

import (
	"fmt"
	"math/big"
	"strings"

	"sklambda/model/pickle"
)

// describe names a value in a reason, in Python's words.
func describe(v pickle.Value) string {
	switch v := v.(type) {
	case nil:
		return "None"
	case bool:
		if v {
			return "True"
		}
		return "False"
	case int64, float64, *big.Int:
		return fmt.Sprint(v)
	case string:
		if len(v) > 60 {
			return "a string of " + fmt.Sprint(len(v)) + " bytes"
		}
		return fmt.Sprintf("%q", v)
	case *pickle.Global:
		return strings.TrimPrefix(v.String(), "builtins.")
	case *pickle.Object:
		return describeObject(v)
	case *pickle.Scalar:
		if plain := pickle.Plain(v); plain != v {
			return describe(plain)
		}
		return "a " + describeType(v.Type)
	case *pickle.DType:
		return "the dtype " + describeType(v)
	}
	return describeContainer(v)
}

// describeObject names what pickle wrote as a call: an instance by its class, a method by its name, a partial by its function.
func describeObject(v *pickle.Object) string {
	name := v.ClassName()
	switch {
	case name == "":
		return "an object of a computed class"
	case name == "builtins.getattr" && len(v.Args) == 2:
		if method, ok := v.Args[1].(string); ok {
			if _, ok := v.Args[0].(*pickle.Global); ok {
				return describe(v.Args[0]) + "." + method
			}
			return fmt.Sprintf("the method %s of %s", method, describe(v.Args[0]))
		}
	case name == "functools.partial" && len(v.Args) > 0:
		return "functools.partial of " + describe(v.Args[0])
	}
	return "an object of " + name
}

// describeContainer names what holds other values, by how many there are.
func describeContainer(v pickle.Value) string {
	switch v := v.(type) {
	case *pickle.Array:
		return fmt.Sprintf("an array of %s, of shape %s", describeType(v.Type), strings.Join(strings.Fields(fmt.Sprint(v.Shape)), ", "))
	case *pickle.List:
		return fmt.Sprintf("a list of %d items", len(v.Items))
	case *pickle.Tuple:
		return fmt.Sprintf("a tuple of %d items", len(v.Items))
	case *pickle.Set:
		return fmt.Sprintf("a set of %d items", len(v.Items))
	case *pickle.Dict:
		return fmt.Sprintf("a dict of %d items", len(v.Pairs))
	case pickle.Bytes:
		return fmt.Sprintf("%d bytes", len(v))
	case complex128:
		return "a complex number"
	}
	return "a value that is not known here"
}

// String is numpy's name of the dtype.
func (t dtype) String() string { return describeType(&pickle.DType{Kind: t.kind, Size: t.size}) }

// describeType names a dtype as numpy does.
func describeType(t *pickle.DType) string {
	switch {
	case t == nil:
		return "an unknown dtype"
	case t.Fields != nil || t.Sub != nil:
		return "a structured dtype"
	}
	names := map[byte]string{'b': "bool", 'O': "object", 'S': "bytes", 'U': "str", 'V': "void", 'M': "datetime64", 'm': "timedelta64", 'T': "str"}
	if name, ok := names[t.Kind]; ok {
		return name
	}
	kinds := map[byte]string{'i': "int", 'u': "uint", 'f': "float", 'c': "complex"}
	return fmt.Sprint(kinds[t.Kind], 8*t.Size)
}
