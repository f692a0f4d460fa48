package pickle

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
)

// npy reads an array in numpy's own format (numpy/lib/format.py): a magic string, a version, a header that is a literal of Python, and the bytes.
func (s *skops) npy(raw []byte) (*Array, error) {
	if !bytes.HasPrefix(raw, []byte("\x93NUMPY")) || len(raw) < 12 {
		return nil, fmt.Errorf("it is no array in numpy's format")
	}
	size, start := int(raw[8])|int(raw[9])<<8, 10
	if raw[6] > 1 {
		size, start = size|int(raw[10])<<16|int(raw[11])<<24, 12
	}
	if size > len(raw)-start {
		return nil, fmt.Errorf("its header of %d bytes is cut off", size)
	}
	l := literal{rest: string(raw[start : start+size])}
	header, ok := l.value(0).(*Dict)
	if !ok || l.err != nil {
		return nil, fmt.Errorf("its header is not understood: %s", clip(string(raw[start:start+size])))
	}
	descr, _ := header.Get("descr")
	t, err := s.dtype(descr)
	if err != nil {
		return nil, err
	}
	dims, _ := header.Get("shape")
	shape, err := s.r.shape(dims)
	if err != nil {
		return nil, err
	}
	fortran, _ := header.Get("fortran_order")
	data := raw[start+size:]
	n, err := count(shape, t.Size)
	if err != nil {
		return nil, err
	}
	if n*t.Size > len(data) {
		return nil, fmt.Errorf("its shape is %v and its dtype %s, but it has %d bytes", shape, t, len(data))
	}
	return s.r.newArray(t, shape, fortran == true, Bytes(data[:n*t.Size:n*t.Size]))
}

// dtype reads what dtype.descr gives: a type string, or a list of members (name, type string), of which one without a name is padding.
func (s *skops) dtype(v Value) (*DType, error) {
	if text, ok := v.(string); ok {
		t, err := parseDType(text)
		if err != nil {
			return nil, err
		}
		if t.Kind == 'O' {
			return nil, fmt.Errorf("its items are objects, which are not read from this format")
		}
		return t, s.r.register(t, &dtypeInfo{weight: 1})
	}
	list, ok := v.(*List)
	if !ok || len(list.Items) > maxDTypeWeight {
		return nil, fmt.Errorf("its dtype is not understood: %s", describe(v))
	}
	t := &DType{Kind: 'V', Fields: []Field{}}
	for _, item := range list.Items {
		parts, ok := item.(*Tuple)
		if !ok || len(parts.Items) != 2 {
			return nil, fmt.Errorf("a member of its dtype is not understood: %s", describe(item))
		}
		name, isName := parts.Items[0].(string)
		text, isText := parts.Items[1].(string)
		if !isName || !isText {
			return nil, fmt.Errorf("a member of its dtype is not understood: %s", describe(item))
		}
		member, err := s.dtype(text)
		if err != nil {
			return nil, err
		}
		if name != "" {
			t.Fields = append(t.Fields, Field{Name: name, Type: member, Offset: t.Size})
		}
		s.r.use(member)
		t.Size += member.Size
	}
	return t, s.r.register(t, &dtypeInfo{weight: 1 + len(t.Fields)})
}

// literal reads a literal of Python: strings, integers, True, False and None, tuples, lists and dicts.
type literal struct {
	rest string
	err  error
}

const maxLiteralDepth = 8

func (l *literal) fail() Value {
	l.err, l.rest = fmt.Errorf("no literal"), ""
	return nil
}

// next skips white space and takes a character if it is the next one.
func (l *literal) next(c byte) bool {
	l.rest = strings.TrimLeft(l.rest, " \n\t")
	if l.rest == "" || l.rest[0] != c {
		return false
	}
	l.rest = l.rest[1:]
	return true
}

func (l *literal) value(depth int) Value {
	if depth > maxLiteralDepth {
		return l.fail()
	}
	switch {
	case l.next('{'):
		d := &Dict{}
		for l.err == nil && !l.next('}') {
			key := l.value(depth + 1)
			if !l.next(':') {
				return l.fail()
			}
			d.Pairs = append(d.Pairs, Pair{Key: key, Value: l.value(depth + 1)})
			l.next(',')
		}
		return d
	case l.next('['):
		return &List{Items: l.sequence(']', depth)}
	case l.next('('):
		return &Tuple{Items: l.sequence(')', depth)}
	case l.next('\''):
		text, rest, ok := strings.Cut(l.rest, "'")
		if !ok || strings.Contains(text, `\`) {
			return l.fail()
		}
		l.rest = rest
		return text
	}
	end := strings.IndexFunc(l.rest, func(c rune) bool { return !strings.ContainsRune("0123456789-TrueFalsNon", c) })
	if end < 0 {
		end = len(l.rest)
	}
	word := l.rest[:end]
	l.rest = l.rest[end:]
	switch word {
	case "True", "False":
		return word == "True"
	case "None":
		return nil
	}
	n, err := strconv.ParseInt(word, 10, 64)
	if err != nil {
		return l.fail()
	}
	return n
}

func (l *literal) sequence(end byte, depth int) []Value {
	items := []Value{}
	for l.err == nil && !l.next(end) {
		items = append(items, l.value(depth+1))
		l.next(',')
	}
	return items
}
