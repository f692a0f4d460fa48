package pickle

import (
	"bytes"
	"fmt"
)

// What a value is taken to cost against Limits.Memory, in bytes: pushCost is its slot in a
// container and its box, the others are added for what the value itself allocates. aliasCost is for each
// value of a tuple or list that is used as it is: it bounds the edges of the tree.
const (
	aliasCost     = 8
	pushCost      = 40
	containerCost = 64
	objectCost    = 200
	indexCost     = 100
)

// budget is what is left of Limits.Memory; a nested stream shares it. Nothing is ever given back,
// so that the bound holds for all that was allocated.
type budget struct{ left, total int64 }

// reader is the pickle machine of CPython's pickle._Unpickler, with names in place of code.
type reader struct {
	data []byte
	pos  int
	// frameEnd is the end of the current frame, -1 outside a frame.
	frameEnd int
	// op and opPos are the current opcode and its position; last is the opcode before it.
	op, last byte
	opPos    int
	proto    int
	stack    []Value
	// marks are the stack heights at which a MARK stands; nothing pops below the last of them.
	marks []int
	memo  memo
	// joblib says that a NumpyArrayWrapper is followed by its array's bytes.
	joblib bool
	lim    Limits
	budget *budget
	index  keyIndex
	dtypes map[*DType]*dtypeInfo
	// pending are the memo slots of arrays that BUILD has not filled yet.
	pending map[*Array]uint64
}

func newReader(data []byte, b *budget, lim Limits) *reader {
	return &reader{
		data: data, frameEnd: -1, lim: lim, budget: b,
		index:   keyIndex{},
		dtypes:  map[*DType]*dtypeInfo{},
		pending: map[*Array]uint64{},
	}
}

// run executes opcodes up to STOP and returns the value that STOP returns.
func (r *reader) run() (Value, error) {
	for {
		if r.pos == r.frameEnd {
			r.frameEnd = -1
		}
		r.opPos = r.pos
		if r.pos >= len(r.data) {
			return nil, &Error{Offset: int64(r.pos), Err: fmt.Errorf("%w before the STOP opcode", ErrCut)}
		}
		r.last, r.op = r.op, r.data[r.pos]
		r.pos++
		if r.op == opStop {
			return r.pop()
		}
		if err := r.do(r.op); err != nil {
			return nil, err
		}
	}
}

// errorf makes an error at the current opcode.
func (r *reader) errorf(format string, args ...any) error {
	return &Error{Offset: int64(r.opPos), Opcode: opcodeName(r.op), Err: fmt.Errorf(format, args...)}
}

// charge takes n bytes from the memory budget.
func (r *reader) charge(n int) error {
	r.budget.left -= int64(n)
	if n < 0 || r.budget.left < 0 {
		r.budget.left = 0
		return r.errorf("the values need more than %d bytes of memory (Limits.Memory): %w", r.budget.total, ErrLimit)
	}
	return nil
}

// read takes n bytes of the stream as a view; what names them in the error.
func (r *reader) read(n uint64, what string) ([]byte, error) {
	if r.pos == r.frameEnd && n > 0 {
		r.frameEnd = -1
	}
	if left := uint64(len(r.data) - r.pos); n > left {
		return nil, r.errorf("%w inside %s: %d bytes needed, %d left", ErrCut, what, n, left)
	}
	if r.frameEnd >= 0 && n > uint64(r.frameEnd-r.pos) {
		return nil, r.errorf("frame ends inside %s: %d bytes needed, %d left in the frame", what, n, r.frameEnd-r.pos)
	}
	b := r.data[r.pos : r.pos+int(n) : r.pos+int(n)]
	r.pos += int(n)
	return b, nil
}

// uint reads a little-endian unsigned number of 1, 2, 4 or 8 bytes.
func (r *reader) uint(size int) (uint64, error) {
	b, err := r.read(uint64(size), "its argument")
	if err != nil {
		return 0, err
	}
	return bits(b, false), nil
}

// counted reads a length of size bytes, then that many bytes.
func (r *reader) counted(size int, what string) ([]byte, error) {
	n, err := r.uint(size)
	if err != nil {
		return nil, err
	}
	return r.read(n, what)
}

// line reads up to a newline, and drops it.
func (r *reader) line() ([]byte, error) {
	if r.pos == r.frameEnd {
		r.frameEnd = -1
	}
	end, where := len(r.data), "file"
	if r.frameEnd >= 0 {
		end, where = r.frameEnd, "frame"
	}
	n := bytes.IndexByte(r.data[r.pos:end], '\n')
	if n < 0 {
		return nil, r.errorf("%s ends inside a line of text", where)
	}
	b := r.data[r.pos : r.pos+n]
	r.pos += n + 1
	return b, nil
}

// frame starts a frame.
func (r *reader) frame() error {
	n, err := r.uint(8)
	if err != nil {
		return err
	}
	if r.frameEnd >= 0 && r.pos < r.frameEnd {
		return r.errorf("a frame begins %d bytes before the end of the frame around it", r.frameEnd-r.pos)
	}
	if left := uint64(len(r.data) - r.pos); n > left {
		return r.errorf("%w inside a frame: %d bytes needed, %d left", ErrCut, n, left)
	}
	r.frameEnd = r.pos + int(n)
	return nil
}

// floor is the stack height below which the current opcode may not reach.
func (r *reader) floor() int {
	if len(r.marks) == 0 {
		return 0
	}
	return r.marks[len(r.marks)-1]
}

// push puts a value on the stack; extra is what it costs beside its slot.
func (r *reader) push(v Value, extra int) error {
	if err := r.charge(pushCost + extra); err != nil {
		return err
	}
	r.stack = append(r.stack, v)
	return nil
}

// need checks that n values stand on the stack above the last mark.
func (r *reader) need(n int) error {
	if have := len(r.stack) - r.floor(); have < n {
		return r.errorf("needs %d values on the stack, %d are there", n, have)
	}
	return nil
}

func (r *reader) pop() (Value, error) {
	if err := r.need(1); err != nil {
		return nil, err
	}
	v := r.stack[len(r.stack)-1]
	r.stack = r.stack[:len(r.stack)-1]
	return v, nil
}

// top returns the last value, which the caller knows to exist.
func (r *reader) top() Value { return r.stack[len(r.stack)-1] }

// popMark removes the last MARK and the values above it. They are valid until the next push.
func (r *reader) popMark() ([]Value, error) {
	if len(r.marks) == 0 {
		return nil, r.errorf("no MARK on the stack")
	}
	at := r.floor()
	items := r.stack[at:]
	r.stack = r.stack[:at]
	r.marks = r.marks[:len(r.marks)-1]
	return items, nil
}

// put stores the top of the stack in the memo.
func (r *reader) put(i uint64) error {
	if err := r.need(1); err != nil {
		return err
	}
	if r.memo.len() >= r.lim.Memo {
		return r.errorf("more than %d memo entries (Limits.Memo): %w", r.lim.Memo, ErrLimit)
	}
	if err := r.charge(r.memo.cost(i)); err != nil {
		return err
	}
	v := r.top()
	r.memo.put(i, v)
	if a, ok := v.(*Array); ok {
		if _, ok := r.pending[a]; ok {
			r.pending[a] = i
		}
	}
	return nil
}

// get pushes a memo entry.
func (r *reader) get(i uint64) error {
	v, ok := r.memo.get(i)
	if !ok {
		return r.errorf("nothing is stored under memo %d", i)
	}
	return r.push(v, 0)
}

// memo maps the numbers of PUT to values. Picklers count from 0, so nearly all of it is dense.
type memo struct {
	dense  []Value
	sparse map[uint64]Value
}

func (m *memo) len() int { return len(m.dense) + len(m.sparse) }

// cost is what put(i) allocates.
func (m *memo) cost(i uint64) int {
	switch {
	case i < uint64(len(m.dense)):
		return 0
	case i == uint64(len(m.dense)):
		return 32
	default:
		return indexCost
	}
}

func (m *memo) put(i uint64, v Value) {
	switch {
	case i < uint64(len(m.dense)):
		m.dense[i] = v
	case i == uint64(len(m.dense)):
		delete(m.sparse, i)
		m.dense = append(m.dense, v)
	default:
		if m.sparse == nil {
			m.sparse = map[uint64]Value{}
		}
		m.sparse[i] = v
	}
}

func (m *memo) get(i uint64) (Value, bool) {
	if i < uint64(len(m.dense)) {
		return m.dense[i], true
	}
	v, ok := m.sparse[i]
	return v, ok
}
