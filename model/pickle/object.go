package pickle

import (
	"errors"
	"fmt"
	"unicode/utf8"
)

// doObject executes the opcodes of globals and instances.
func (r *reader) doObject(op byte) error {
	switch op {
	case opGlobal:
		g, err := r.lineGlobal()
		if err != nil {
			return err
		}
		return r.push(g, 0)
	case opStackGlobal:
		return r.stackGlobal()
	case opInst:
		g, err := r.lineGlobal()
		if err != nil {
			return err
		}
		args, err := r.popMark()
		if err != nil {
			return err
		}
		return r.push(&Object{Class: g, Args: clone(args)}, objectCost)
	case opObj:
		args, err := r.popMark()
		if err != nil {
			return err
		}
		if len(args) == 0 {
			return r.errorf("needs a class after the MARK, got nothing")
		}
		if err := r.callable(args[0]); err != nil {
			return err
		}
		return r.push(&Object{Class: args[0], Args: clone(args[1:])}, objectCost)
	case opReduce:
		return r.doReduce()
	case opNewObj, opNewObjEx:
		return r.doNewObj(op)
	default:
		return r.doBuild()
	}
}

// lineGlobal reads a module and a name, a line each.
func (r *reader) lineGlobal() (*Global, error) {
	module, err := r.line()
	if err != nil {
		return nil, err
	}
	name, err := r.line()
	if err != nil {
		return nil, err
	}
	if !utf8.Valid(module) || !utf8.Valid(name) {
		return nil, r.errorf("a name that is not UTF-8")
	}
	return r.global(string(module), string(name))
}

// global makes a Global, with Python 2's names replaced as CPython's find_class does below protocol 3.
func (r *reader) global(module, name string) (*Global, error) {
	g := Global{module, name}
	if r.proto < 3 {
		g = python3Name(g)
	}
	return &g, r.charge(containerCost + len(module) + len(name))
}

func (r *reader) stackGlobal() error {
	if err := r.need(2); err != nil {
		return err
	}
	n, _ := r.pop()
	m, _ := r.pop()
	name, ok1 := n.(string)
	module, ok2 := m.(string)
	if !ok1 || !ok2 {
		return r.errorf("needs two str, got %s and %s", describe(m), describe(n))
	}
	g, err := r.global(module, name)
	if err != nil {
		return err
	}
	return r.push(g, 0)
}

func (r *reader) doReduce() error {
	if err := r.need(2); err != nil {
		return err
	}
	a, _ := r.pop()
	fn, _ := r.pop()
	args, ok := a.(*Tuple)
	if !ok {
		return r.errorf("needs a tuple of arguments, got %s", describe(a))
	}
	v, err := r.call(fn, args.Items)
	if err != nil {
		return err
	}
	return r.push(v, objectCost)
}

func (r *reader) doNewObj(op byte) error {
	n := 2
	if op == opNewObjEx {
		n = 3
	}
	if err := r.need(n); err != nil {
		return err
	}
	var kwargs *Dict
	if op == opNewObjEx {
		v, _ := r.pop()
		d, ok := v.(*Dict)
		if !ok {
			return r.errorf("needs a dict of keyword arguments, got %s", describe(v))
		}
		kwargs = d
	}
	a, _ := r.pop()
	class, _ := r.pop()
	args, ok := a.(*Tuple)
	if !ok {
		return r.errorf("needs a tuple of arguments, got %s", describe(a))
	}
	if err := r.callable(class); err != nil {
		return err
	}
	return r.push(&Object{Class: class, Args: args.Items, Kwargs: kwargs}, objectCost+aliasCost*len(args.Items))
}

// errOpaque is returned for a call that has no meaning of its own here: it becomes an Object.
var errOpaque = errors.New("opaque")

// call makes the value of a call: a plain value or a numpy value where the function is known, else an Object.
func (r *reader) call(fn Value, args []Value) (Value, error) {
	if err := r.charge(aliasCost * len(args)); err != nil {
		return nil, err
	}
	opaque := &Object{Class: fn, Args: args}
	g, ok := fn.(*Global)
	if !ok {
		return opaque, r.callable(fn)
	}
	v, err := r.understand(g, args)
	if err == nil {
		return v, nil
	}
	if _, stop := errors.AsType[*Error](err); stop {
		return nil, err
	}
	if !errors.Is(err, errOpaque) {
		opaque.BuildErr = err
	}
	return opaque, nil
}

// isCallable says that a value may be a class or function: a global, or the result of a call.
func isCallable(v Value) bool {
	switch v.(type) {
	case *Global, *Object:
		return true
	}
	return false
}

func (r *reader) callable(v Value) error {
	if !isCallable(v) {
		return r.errorf("calls %s", describe(v))
	}
	return nil
}

// understand makes the value of a call of a known function. Its error is errOpaque, or the reason why
// the arguments of a numpy function are not understood, or an *Error, which ends the reading.
func (r *reader) understand(g *Global, args []Value) (Value, error) {
	switch g.Module {
	case "builtins":
		return r.builtin(g.Name, args)
	case "copyreg":
		return fold(g.Name, args)
	case "collections":
		if g.Name == "OrderedDict" && len(args) == 0 {
			return &Dict{}, nil
		}
	case "_codecs":
		if g.Name == "encode" && len(args) == 2 && isLatin1(args[1]) {
			return r.encodeLatin1(args[0])
		}
	case "numpy":
		if g.Name == "dtype" {
			return r.newDType(args)
		}
	case "numpy.core.multiarray", "numpy._core.multiarray":
		switch g.Name {
		case "_reconstruct":
			return r.reconstruct(args)
		case "scalar":
			return r.newScalar(args)
		}
	case "numpy.core.numeric", "numpy._core.numeric":
		if g.Name == "_frombuffer" {
			return r.fromBuffer(args)
		}
	case "numpy.core._internal", "numpy._core._internal":
		if g.Name == "_convert_to_stringdtype_kwargs" {
			return r.stringDType(), nil
		}
	}
	return nil, errOpaque
}

// doBuild gives an instance its state.
func (r *reader) doBuild() error {
	if err := r.need(2); err != nil {
		return err
	}
	state, _ := r.pop()
	switch v := r.top().(type) {
	case *Array:
		return r.buildArray(v, state)
	case *DType:
		return r.buildDType(v, state)
	case *Object:
		if v.State != nil {
			return r.errorf("%s gets its state twice", describe(v))
		}
		v.State = state
		if !r.joblib {
			return nil
		}
		return r.joblibArray(v)
	default:
		return r.errorf("needs an object to give a state to, got %s", describe(v))
	}
}

// replaceTop puts another value in place of the top of the stack.
func (r *reader) replaceTop(v Value) { r.stack[len(r.stack)-1] = v }

// plainInt returns an int that indexes or counts something.
func plainInt(v Value, what string) (int, error) {
	n, ok := v.(int64)
	if !ok || n < 0 || n != int64(int(n)) {
		return 0, fmt.Errorf("%s must be an int that is not negative, got %s", what, describe(v))
	}
	return int(n), nil
}
