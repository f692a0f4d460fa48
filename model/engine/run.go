package engine

import (
	"math"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"unsafe"
)

// sessionBytes is about what the frames of a chunk take: they stay in the second-level cache while steps pass over them.
const sessionBytes = 128 << 10

// maxChunk bounds the rows of a chunk; beyond it the cost of dispatching a step is lost in the noise.
const maxChunk = 256

// Batch is rows to be scored, N of them, laid out as Plan.Inputs says.
type Batch struct {
	// N is the number of rows.
	N int
	// Numbers is row-major, N × the Number and Integer inputs in plan order.
	Numbers []float64
	// Texts is row-major, N × the Text inputs in plan order.
	Texts []string
}

// Result receives the answers of Run. Its slices are grown as needed and reused, so one Result serves many runs.
type Result struct {
	// Values is row-major, N × Plan.Width, outputs side by side in plan order. All values of a row with an error are NaN.
	Values []float64
	// Errors has N items; Code is OK for a row that has an answer.
	Errors []RowError
}

// session is the scratch memory of one goroutine for one chunk of rows.
type session struct {
	width       int
	textWidth   int
	rows        int             // of a chunk
	floats      []float64       // rows × width, row by row; column by column while steps run by runColumns
	texts       []string        // rows × textWidth
	keys32      [][lanes]uint32 // blocks of rows × key columns of narrow trees, then room for one narrowKeys
	keys64      [][lanes]uint64 // the same of wide trees
	walks       group           // of the trees that are being walked
	featureKeys []uint64        // of small trees: the keys of a row
	ends        []int32         // of small trees: for each feature the end of the splits that fire
	words       leafWords       // of small trees: the leaves that are left; all bits are set between rows
	errs        []RowError
	failed      bool // some row has an error

	sparseWidth int
	registers   []sparseRow // rows × sparseWidth
	textual     textScratch
}

// row is the frame of row r.
func (s *session) row(r int) []float64 {
	return s.floats[r*s.width : (r+1)*s.width]
}

// text is the text slot t of row r.
func (s *session) text(r int, t TextSlot) *string {
	return &s.texts[r*s.textWidth+int(t)]
}

// mark notes the error of row r unless it has one.
func (s *session) mark(r int, code ErrorCode, feature int32) {
	if s.errs[r].Code == OK {
		s.errs[r], s.failed = RowError{Code: code, Feature: feature}, true
	}
}

// span is the slots of sp in row r.
func (s *session) span(r int, sp Span) []float64 {
	at := r*s.width + int(sp.Start)
	return s.floats[at : at+int(sp.N)]
}

// eachColumn applies a function of one number to the columns of in in the first n rows. Columns are outside: a slice of a row costs more than a few numbers in it.
func (s *session) eachColumn(n int, in, out Span, apply func(float64) float64) {
	floats, to := s.floats[:n*s.width], int(out.Start)-int(in.Start)
	for i := range in.N {
		for at := int(in.Start + i); at < len(floats); at += s.width {
			floats[at+to] = apply(floats[at])
		}
	}
}

// Run scores the rows of in and writes one result a row, in order, to out. It panics if in is not of the size its N says, or if the plan is closed.
// Equal rows have equal results whatever the batch. A batch of more than one chunk is shared out over GOMAXPROCS goroutines. After the
// first call nothing is allocated, but for those goroutines and their shares.
func (p *Plan) Run(in *Batch, out *Result) {
	if p.chunk == 0 {
		panic("engine: plan is closed")
	}
	if in.N < 0 || len(in.Numbers) != in.N*len(p.numberSlots) || len(in.Texts) != in.N*len(p.textSlots) {
		panic("engine: batch does not have the size that N and the plan's inputs say")
	}
	out.Values = slices.Grow(out.Values[:0], in.N*p.width)[:in.N*p.width]
	out.Errors = slices.Grow(out.Errors[:0], in.N)[:in.N]
	if chunks := (in.N + p.chunk - 1) / p.chunk; chunks > 1 { // GOMAXPROCS takes a lock
		if workers := min(runtime.GOMAXPROCS(0), chunks); workers > 1 {
			p.runParallel(in, out, workers)
			return
		}
	}
	s := p.session()
	for at := 0; at < in.N; at += p.chunk {
		p.runChunk(s, in, out, at, min(p.chunk, in.N-at))
	}
	p.release(s)
}

// share is the rows of a batch that one worker takes first: from next to before end. Each is in a cache line of its own.
type share struct {
	next atomic.Int64
	end  int
	_    [cacheLine - 16]byte
}

// runParallel gives each of the workers, of which the caller is one, a share of the batch; one that is done with its own helps the others. Who computes a
// row does not change its answer.
func (p *Plan) runParallel(in *Batch, out *Result, workers int) {
	shares := shareOut(in.N, p.chunk, workers)
	var group sync.WaitGroup
	for i := range workers - 1 {
		group.Go(func() { p.runShares(in, out, shares, i+1) })
	}
	p.runShares(in, out, shares, 0)
	group.Wait()
}

// shareOut splits rows into shares of whole chunks. The chunks of a share lie together: what its worker writes is then in no page that another one writes,
// and still in its processor's cache when the next batch of the same size comes.
func shareOut(rows, chunk, workers int) []share {
	shares, chunks := make([]share, workers), (rows+chunk-1)/chunk
	for i := range shares {
		shares[i].next.Store(int64(chunks * i / workers * chunk))
		shares[i].end = min(chunks*(i+1)/workers*chunk, rows)
	}
	return shares
}

// runShares takes chunks of the shares as they come, those of the first one first, then those of the next ones.
func (p *Plan) runShares(in *Batch, out *Result, shares []share, first int) {
	s := p.session()
	for i := range shares {
		part := &shares[(first+i)%len(shares)]
		for {
			at := int(part.next.Add(int64(p.chunk))) - p.chunk
			if at >= part.end {
				break
			}
			p.runChunk(s, in, out, at, min(p.chunk, part.end-at))
		}
	}
	p.release(s)
}

// runChunk scores n rows of the batch from row at on.
func (p *Plan) runChunk(s *session, in *Batch, out *Result, at, n int) {
	s.errs = out.Errors[at : at+n]
	clear(s.errs)
	numbers, values := in.Numbers[at*len(p.numberSlots):(at+n)*len(p.numberSlots)], out.Values[at*p.width:(at+n)*p.width]
	texts := in.Texts[at*len(p.textSlots):]
	for i, slot := range p.textSlots {
		for r := range n {
			*s.text(r, slot) = texts[r*len(p.textSlots)+i]
		}
	}
	if p.columns != nil && n >= columnarRows {
		p.runColumns(s, numbers, values, n)
	} else {
		p.runRows(s, numbers, values, n)
	}
	if s.failed {
		p.blank(s.errs, values)
	}
	s.errs, s.failed = nil, false
	clear(s.texts) // the caller's strings are not kept alive by the pool
}

// blank makes NaN of all values of rows with an error.
func (p *Plan) blank(errs []RowError, values []float64) {
	for r, e := range errs {
		if e.Code != OK {
			for i := range p.width {
				values[r*p.width+i] = math.NaN()
			}
		}
	}
}

// runRows scores n rows whose numbers and values are given row by row, as the slots lie.
func (p *Plan) runRows(s *session, numbers, values []float64, n int) {
	features, floats := len(p.numberSlots), s.floats[:n*s.width]
	for i, slot := range p.numberSlots {
		for from, to := i, int(slot); to < len(floats); from, to = from+features, to+s.width {
			floats[to] = numbers[from]
		}
	}
	for _, step := range p.steps {
		step.run(s, n)
	}
	for i, slot := range p.outputSlots {
		for from, to := int(slot), i; to < len(values); from, to = from+s.width, to+p.width {
			values[to] = floats[from]
		}
	}
}

// session takes the spare session or one from the pool, or makes one.
func (p *Plan) session() *session {
	if s := p.spare.Swap(nil); s != nil {
		return s
	}
	if s, ok := p.sessions.Get().(*session); ok {
		return s
	}
	s := &session{
		width:       p.floats,
		rows:        p.chunk,
		textWidth:   p.texts,
		floats:      make([]float64, p.chunk*p.floats),
		texts:       make([]string, p.chunk*p.texts),
		keys32:      narrowBlocks(blocks(p.chunk) * p.keys32),
		keys64:      make([][lanes]uint64, blocks(p.chunk)*p.keys64),
		featureKeys: apart[uint64](p.features),
		ends:        apart[int32](p.features),

		sparseWidth: p.sparse,
		registers:   make([]sparseRow, p.chunk*p.sparse),
	}
	for i := range s.words {
		s.words[i] = allLeaves
	}
	return s
}

// cacheLine is the bytes that processors own together: of two that write into one, each waits for the other.
const cacheLine = 64

// apart makes a short list that is written for every row, so that no line of it is in a list of another session.
func apart[T uint64 | int32](n int) []T {
	var item T
	return make([]T, n+cacheLine/int(unsafe.Sizeof(item)))[:n]
}

// release gives a session back.
func (p *Plan) release(s *session) {
	if !p.spare.CompareAndSwap(nil, s) {
		p.sessions.Put(s)
	}
}

// chunkRows chooses the rows of a chunk so that what a session holds for them, a number of bytes each, takes about sessionBytes. Trees walk
// eight rows at once.
func chunkRows(rowBytes int) int {
	rows := min(max(sessionBytes/max(rowBytes, 1), 1), maxChunk)
	if rows > lanes {
		rows -= rows % lanes
	}
	return rows
}
