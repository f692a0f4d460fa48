package pickle

import (
	"math"
)

// do executes one opcode other than STOP. The groups are those of pickletools.
func (r *reader) do(op byte) error {
	switch op {
	case opNone:
		return r.push(nil, 0)
	case opNewTrue:
		return r.push(true, 0)
	case opNewFalse:
		return r.push(false, 0)
	case opMark:
		if err := r.charge(pushCost); err != nil {
			return err
		}
		r.marks = append(r.marks, len(r.stack))
		return nil
	case opPop:
		return r.doPop()
	case opPopMark:
		_, err := r.popMark()
		return err
	case opDup:
		if err := r.need(1); err != nil {
			return err
		}
		return r.push(r.top(), 0)
	case opProto:
		return r.doProto()
	case opFrame:
		return r.frame()
	case opInt, opLong, opBinInt, opBinInt1, opBinInt2, opLong1, opLong4, opFloat, opBinFloat:
		return r.doNumber(op)
	case opGet, opBinGet, opLongBinGet, opPut, opBinPut, opLongBinPut, opMemoize:
		return r.doMemo(op)
	case opGlobal, opStackGlobal, opReduce, opNewObj, opNewObjEx, opInst, opObj, opBuild:
		return r.doObject(op)
	case opExt1, opExt2, opExt4:
		return r.errorf("an extension code of copyreg: such a registry is private to the program that wrote the file")
	case opPersID, opBinPersID:
		return r.errorf("a persistent id: the object it names is stored outside the file")
	case opNextBuffer:
		return r.errorf("an out-of-band buffer: its bytes are stored outside the file")
	case opReadonlyBuffer:
		return r.doReadonly()
	}
	if done, err := r.doBytes(op); done {
		return err
	}
	return r.doContainer(op)
}

func (r *reader) doProto() error {
	n, err := r.uint(1)
	if err != nil {
		return err
	}
	if n > 5 {
		return r.errorf("protocol %d, at most 5 is known", n)
	}
	r.proto = int(n)
	return nil
}

// doReadonly checks READONLY_BUFFER's operand; the tree does not tell bytes from bytearray.
func (r *reader) doReadonly() error {
	if err := r.need(1); err != nil {
		return err
	}
	if _, ok := r.top().(Bytes); !ok {
		return r.errorf("needs a bytes, got %s", describe(r.top()))
	}
	return nil
}

// doPop drops the top of the stack, or the mark that stands there.
//
// pickle writes REDUCE, POP for a __reduce__ with a state setter (its sixth item): the call
// setter(obj, state) changes obj, and its result is dropped. The call is kept as the state of obj.
func (r *reader) doPop() error {
	if len(r.stack) == r.floor() && len(r.marks) > 0 {
		_, err := r.popMark()
		return err
	}
	v, err := r.pop()
	if err != nil || r.last != opReduce {
		return err
	}
	call, ok := v.(*Object)
	if !ok || len(call.Args) != 2 {
		return nil
	}
	if obj, ok := call.Args[0].(*Object); ok && obj.State == nil {
		obj.State = call
	}
	return nil
}

func (r *reader) doNumber(op byte) error {
	switch op {
	case opBinInt1, opBinInt2:
		n, err := r.uint(1 + int(op-opBinInt1)/2)
		if err != nil {
			return err
		}
		return r.push(int64(n), 0)
	case opBinInt:
		n, err := r.uint(4)
		if err != nil {
			return err
		}
		return r.push(int64(int32(n)), 0)
	case opLong1, opLong4:
		return r.doLong(op)
	case opBinFloat:
		b, err := r.read(8, "a float")
		if err != nil {
			return err
		}
		return r.push(math.Float64frombits(bits(b, true)), 0)
	case opFloat:
		return r.textFloat()
	default:
		return r.textInt(op)
	}
}

func (r *reader) doMemo(op byte) error {
	var i uint64
	var err error
	switch op {
	case opGet, opPut:
		i, err = r.textIndex()
	case opBinGet, opBinPut:
		i, err = r.uint(1)
	case opLongBinGet, opLongBinPut:
		i, err = r.uint(4)
	default:
		i = uint64(r.memo.len())
	}
	if err != nil {
		return err
	}
	switch op {
	case opGet, opBinGet, opLongBinGet:
		return r.get(i)
	default:
		return r.put(i)
	}
}

// doBytes executes the opcodes of str and bytes; done is false for other opcodes.
func (r *reader) doBytes(op byte) (done bool, err error) {
	switch op {
	case opShortBinUnicode:
		return true, r.unicode(1)
	case opBinUnicode:
		return true, r.unicode(4)
	case opBinUnicode8:
		return true, r.unicode(8)
	case opShortBinBytes:
		return true, r.bytes(1)
	case opBinBytes:
		return true, r.bytes(4)
	case opBinBytes8, opByteArray8:
		return true, r.bytes(8)
	case opShortBinString:
		return true, r.binString(1)
	case opBinString:
		return true, r.binString(4)
	case opString:
		return true, r.textString()
	case opUnicode:
		return true, r.textUnicode()
	default:
		return false, nil
	}
}

func (r *reader) doContainer(op byte) error {
	switch op {
	case opEmptyTuple:
		return r.push(&Tuple{}, containerCost)
	case opTuple1, opTuple2, opTuple3:
		n := int(op-opTuple1) + 1
		if err := r.need(n); err != nil {
			return err
		}
		items := r.stack[len(r.stack)-n:]
		r.stack = r.stack[:len(r.stack)-n]
		return r.push(&Tuple{Items: clone(items)}, containerCost)
	case opEmptyList:
		return r.push(&List{}, containerCost)
	case opEmptyDict:
		return r.push(&Dict{}, containerCost)
	case opEmptySet:
		return r.push(&Set{}, containerCost)
	case opTuple, opList, opDict, opFrozenSet, opAppends, opSetItems, opAddItems:
		items, err := r.popMark()
		if err != nil {
			return err
		}
		return r.doMarked(op, items)
	case opAppend:
		if err := r.need(2); err != nil {
			return err
		}
		v, _ := r.pop()
		return r.extend(r.top(), []Value{v})
	case opSetItem:
		if err := r.need(3); err != nil {
			return err
		}
		kv := r.stack[len(r.stack)-2:]
		r.stack = r.stack[:len(r.stack)-2]
		return r.setItems(r.top(), kv)
	default:
		return r.errorf("not an opcode of pickle: is this a pickle or joblib file?")
	}
}

// doMarked executes an opcode that takes all values above the last mark.
func (r *reader) doMarked(op byte, items []Value) error {
	switch op {
	case opTuple:
		return r.push(&Tuple{Items: clone(items)}, containerCost)
	case opList:
		return r.push(&List{Items: clone(items)}, containerCost)
	case opDict:
		d := &Dict{}
		if err := r.setItems(d, items); err != nil {
			return err
		}
		return r.push(d, containerCost)
	case opFrozenSet:
		s := &Set{Frozen: true}
		if err := r.addItems(s, items); err != nil {
			return err
		}
		return r.push(s, containerCost)
	}
	if err := r.need(1); err != nil {
		return err
	}
	switch op {
	case opAppends:
		return r.extend(r.top(), items)
	case opSetItems:
		return r.setItems(r.top(), items)
	default: // opAddItems
		s, ok := r.top().(*Set)
		if !ok || s.Frozen {
			return r.errorf("needs a set, got %s", describe(r.top()))
		}
		return r.addItems(s, items)
	}
}
