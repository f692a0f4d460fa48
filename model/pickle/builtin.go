package pickle

// fold replaces copyreg's constructors by the instance they make.
func fold(name string, args []Value) (Value, error) {
	if len(args) == 0 || !isCallable(args[0]) {
		return nil, errOpaque
	}
	switch {
	case name == "_reconstructor" && len(args) == 3 && args[2] == nil:
		if base, ok := args[1].(*Global); ok && *base == (Global{"builtins", "object"}) {
			return &Object{Class: args[0]}, nil
		}
	case name == "__newobj__":
		return &Object{Class: args[0], Args: args[1:]}, nil
	case name == "__newobj_ex__" && len(args) == 3:
		pos, ok1 := args[1].(*Tuple)
		kw, ok2 := args[2].(*Dict)
		if ok1 && ok2 {
			return &Object{Class: args[0], Args: pos.Items, Kwargs: kw}, nil
		}
	}
	return nil, errOpaque
}

// builtin makes the values that older protocols write as calls of builtins.
func (r *reader) builtin(name string, args []Value) (Value, error) {
	switch name {
	case "set", "frozenset":
		s := &Set{Frozen: name == "frozenset"}
		if len(args) == 0 {
			return s, nil
		}
		items, ok := sequence(args[0])
		if !ok || len(args) > 1 {
			return nil, errOpaque
		}
		if err := r.charge(pushCost * len(items)); err != nil {
			return nil, err
		}
		return s, r.addItems(s, items)
	case "bytes", "bytearray":
		return r.builtinBytes(args)
	case "complex":
		if len(args) == 2 {
			re, ok1 := args[0].(float64)
			im, ok2 := args[1].(float64)
			if ok1 && ok2 {
				return complex(re, im), nil
			}
		}
	}
	return nil, errOpaque
}

// builtinBytes is bytes() or bytearray() of nothing, of a bytes, or of a str in latin-1.
func (r *reader) builtinBytes(args []Value) (Value, error) {
	switch {
	case len(args) == 0:
		return Bytes{}, nil
	case len(args) == 1:
		if b, ok := args[0].(Bytes); ok {
			return b, nil
		}
	case len(args) == 2 && isLatin1(args[1]):
		return r.encodeLatin1(args[0])
	}
	return nil, errOpaque
}

func isLatin1(v Value) bool { return v == "latin1" || v == "latin-1" }

// encodeLatin1 makes the bytes that protocols 0 to 2 write as a str.
func (r *reader) encodeLatin1(v Value) (Value, error) {
	s, ok := v.(string)
	if !ok {
		return nil, errOpaque
	}
	if err := r.charge(len(s)); err != nil {
		return nil, err
	}
	b, ok := latin1(s)
	if !ok {
		return nil, r.errorf("a bytes written as a str with a character above U+00FF")
	}
	return b, nil
}

// sequence returns the items of a list or tuple.
func sequence(v Value) ([]Value, bool) {
	switch v := v.(type) {
	case *List:
		return v.Items, true
	case *Tuple:
		return v.Items, true
	default:
		return nil, false
	}
}
