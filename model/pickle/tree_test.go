package pickle

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"math/big"
	"slices"
	"strings"
)

// tree prints a value as pickle_reference.py's Tree does: a line a value, containers numbered in
// the order they are met.
type tree struct {
	lines []string
	seen  map[Value]int
}

func render(v Value) []string {
	t := tree{seen: map[Value]int{}}
	t.add(v)
	return t.lines
}

func (t *tree) linef(format string, args ...any) {
	t.lines = append(t.lines, fmt.Sprintf(format, args...))
}

// leaf returns the line of a value without members.
func leaf(v Value) (string, bool) {
	switch v := v.(type) {
	case nil:
		return "None", true
	case bool:
		return map[bool]string{true: "True", false: "False"}[v], true
	case int64, *big.Int:
		return fmt.Sprintf("int %v", v), true
	case float64:
		return fmt.Sprintf("float %016x", math.Float64bits(v)), true
	case complex128:
		return fmt.Sprintf("complex %016x%016x", math.Float64bits(real(v)), math.Float64bits(imag(v))), true
	case string:
		return "str " + text(v), true
	case Bytes:
		if len(v) <= 64 {
			return fmt.Sprintf("bytes %x", []byte(v)), true
		}
		return fmt.Sprintf("bytes %d %s", len(v), digest(v)), true
	case *DType:
		return "dtype " + dtypeText(v), true
	case *Global:
		return "global " + text(v.String()), true
	case *Scalar:
		if v.Data != nil {
			return fmt.Sprintf("scalar %s %x", dtypeText(v.Type), v.Data), true
		}
	}
	return "", false
}

// text quotes a str, or prints it in hexadecimal where it is not plain ASCII.
func text(s string) string {
	if strings.ContainsFunc(s, func(c rune) bool { return c < ' ' || c > '~' || c == '"' || c == '\\' }) {
		return fmt.Sprintf("x%x", s)
	}
	return fmt.Sprintf("%q", s)
}

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

func dtypeText(t *DType) string {
	order := "<"
	if t.BigEndian {
		order = ">"
	}
	out := fmt.Sprintf("%s%c%d", order, t.Kind, t.Size)
	if t.Fields != nil {
		var fields []string
		for _, f := range t.Fields {
			fields = append(fields, fmt.Sprintf("%s@%d:%s", f.Name, f.Offset, dtypeText(f.Type)))
		}
		out += "{" + strings.Join(fields, ",") + "}"
	}
	if t.Sub != nil {
		out += "[" + dtypeText(t.Sub) + " " + shapeText(t.SubShape) + "]"
	}
	return out
}

func shapeText(shape []int) string {
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(shape), " ", "x"), "[]")
}

func (t *tree) add(v Value) {
	if s, ok := v.(*Scalar); ok && s.Data == nil {
		v = s.Object
	}
	if line, ok := leaf(v); ok {
		t.linef("%s", line)
		return
	}
	switch v := v.(type) {
	case *Tuple:
		if len(v.Items) == 0 {
			t.linef("tuple 0")
			return
		}
	case *Set:
		if v.Frozen && len(v.Items) == 0 {
			t.linef("frozenset 0")
			return
		}
	}
	if n, ok := t.seen[v]; ok {
		t.linef("ref %d", n)
		return
	}
	t.seen[v] = len(t.seen)
	t.container(v)
}

func (t *tree) container(v Value) {
	switch v := v.(type) {
	case *Set:
		word := map[bool]string{true: "frozenset", false: "set"}[v.Frozen]
		var items []string
		for _, item := range v.Items {
			items = append(items, strings.Join(render(item), "|"))
		}
		slices.Sort(items)
		t.linef("%s %d", word, len(items))
		t.lines = append(t.lines, items...)
	case *Dict:
		t.pairs("dict", v.Pairs)
	case *List:
		t.list("list", v.Items)
	case *Tuple:
		t.list("tuple", v.Items)
	case *Array:
		t.array(v)
	case *Object:
		t.linef("object")
		t.add(v.Class)
		t.list("args", v.Args)
		var kwargs []Pair
		if v.Kwargs != nil {
			kwargs = v.Kwargs.Pairs
		}
		t.pairs("kwargs", kwargs)
		t.add(v.State)
		t.list("items", v.Items)
		t.pairs("pairs", v.Pairs)
	default:
		t.linef("UNEXPECTED %T", v)
	}
}

func (t *tree) list(word string, items []Value) {
	t.linef("%s %d", word, len(items))
	for _, v := range items {
		t.add(v)
	}
}

func (t *tree) pairs(word string, pairs []Pair) {
	t.linef("%s %d", word, len(pairs))
	for _, p := range pairs {
		t.add(p.Key)
		t.add(p.Value)
	}
}

func (t *tree) array(a *Array) {
	t.linef("array %s (%s)", strings.ReplaceAll(dtypeText(a.Type), ">", "<"), shapeText(a.Shape))
	if a.Data == nil {
		for _, v := range a.Objects {
			if row, ok := v.(*Tuple); ok && a.Type.Fields != nil {
				t.list("row", row.Items)
			} else {
				t.add(v)
			}
		}
		return
	}
	t.linef("%s", digest(columns(a)))
	plain := strings.IndexByte("biuUS", a.Type.Kind) >= 0 || strings.IndexByte("fc", a.Type.Kind) >= 0
	if plain && a.Len() <= 64 && (a.Type.Size < 16 || a.Type.Kind != 'f') {
		for _, v := range a.Values() {
			t.add(v)
		}
	}
}

// columns returns the items in C order and little-endian, a structured array column by column.
func columns(a *Array) []byte {
	if a.Type.Fields == nil {
		data := slices.Clone(a.contiguous().Data)
		if !a.Type.BigEndian {
			return data
		}
		number := a.Type.Size
		switch a.Type.Kind {
		case 'c':
			number /= 2
		case 'U':
			number = 4
		}
		for item := range slices.Chunk(data, number) {
			slices.Reverse(item)
		}
		return data
	}
	var out []byte
	for _, f := range a.Type.Fields {
		column, err := a.Field(f.Name)
		if err != nil {
			return []byte(err.Error())
		}
		out = append(out, columns(column)...)
	}
	return out
}
