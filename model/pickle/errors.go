package pickle

import (
	"errors"
	"fmt"
)

// ErrLimit is wrapped by every error that says that a bound of Limits was exceeded.
var ErrLimit = errors.New("limit exceeded")

// ErrCut is wrapped by every error that says that the file ends too early.
var ErrCut = errors.New("file ends")

// Error says where in the decompressed stream the reading stopped, and why.
type Error struct {
	// Offset is the position of the opcode, in bytes from the start of the decompressed stream.
	Offset int64
	// Opcode is the opcode's name in CPython's pickletools, "" where the stream ends instead of one.
	Opcode string
	// Err is the reason.
	Err error
}

// Error returns one line, e.g. `offset 12: BINUNICODE: file ends inside a str: 40 bytes needed, 3 left`.
func (e *Error) Error() string {
	if e.Opcode == "" {
		return fmt.Sprintf("offset %d: %v", e.Offset, e.Err)
	}
	return fmt.Sprintf("offset %d: %s: %v", e.Offset, e.Opcode, e.Err)
}

// Unwrap returns the reason.
func (e *Error) Unwrap() error { return e.Err }

// describe names a value in an error message.
func describe(v Value) string {
	switch v := v.(type) {
	case nil:
		return "None"
	case bool:
		return "a bool"
	case int64:
		return "an int"
	case float64:
		return "a float"
	case complex128:
		return "a complex"
	case string:
		return "a str"
	case Bytes:
		return "a bytes"
	case *List:
		return "a list"
	case *Tuple:
		return fmt.Sprintf("a tuple of %d", len(v.Items))
	case *Set:
		return "a set"
	case *Dict:
		return "a dict"
	case *Global:
		return "the global " + clip(v.String())
	case *Object:
		if name := v.ClassName(); name != "" {
			return "an object of " + clip(name)
		}
		return "an object of a computed class"
	case *Array:
		return fmt.Sprintf("an array of dtype %s and shape %v", v.Type, v.Shape)
	case *Scalar:
		return "a numpy scalar of dtype " + v.Type.String()
	case *DType:
		return "the dtype " + v.String()
	default: // *big.Int
		return "a wide int"
	}
}

// clip bounds a name that came from the stream.
func clip(s string) string {
	const most = 200
	if len(s) > most {
		return fmt.Sprintf("%q…", s[:most])
	}
	return s
}
