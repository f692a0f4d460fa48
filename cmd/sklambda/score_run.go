package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"sync"
	"time"

	"sklambda/model"
	"sklambda/model/table"
)

// scoreChunk is the number of rows that a worker takes at a time.
const scoreChunk = 256

// scorer answers for rows: one goroutine reads, one a core answers, and the caller's writes, in order. A fixed number of chunks
// goes round, so memory is flat.
type scorer struct {
	model    *model.Model
	input    *inputRows
	encoder  encoder
	features int
	width    int // columns of an input row: the features, then ids that are no features

	rows, failed int
}

func newScorer(m *model.Model, input *inputRows, e encoder) *scorer {
	return &scorer{model: m, input: input, encoder: e, features: m.Columns().Len(), width: input.Columns().Len()}
}

// chunk is some rows on their way from the reader over a worker to the writer.
type chunk struct {
	n        int
	values   []table.Value    // n × width
	problems []*table.Problem // of each row, nil if it was read well
	out      []byte           // the answers
	failed   int
	done     chan struct{}
}

func (s *scorer) newChunk() *chunk {
	return &chunk{values: make([]table.Value, scoreChunk*s.width), problems: make([]*table.Problem, scoreChunk), done: make(chan struct{}, 1)}
}

func (c *chunk) row(i, width int) []table.Value { return c.values[i*width : (i+1)*width] }

// run scores all rows into w. The model is not in use any more when it returns.
func (s *scorer) run(ctx context.Context, w io.Writer, progress func(rows int)) error {
	ctx, cancel := context.WithCancel(ctx)
	workers := runtime.GOMAXPROCS(0)
	chunks := 2*workers + 2
	free, work, ordered := make(chan *chunk, chunks), make(chan *chunk, chunks), make(chan *chunk, chunks)
	for range chunks {
		free <- s.newChunk()
	}
	var readErr error
	go func() { // not waited for: a read from a pipe cannot be interrupted
		defer close(ordered)
		defer close(work)
		readErr = s.read(ctx, free, work, ordered)
	}()
	var group sync.WaitGroup
	for range workers {
		group.Go(func() { s.answerAll(ctx, work) })
	}
	defer group.Wait()
	defer cancel()

	if _, err := w.Write(s.encoder.header()); err != nil {
		return err
	}
	for {
		select {
		case c, ok := <-ordered:
			if !ok {
				return readErr
			}
			select {
			case <-c.done:
			case <-ctx.Done():
				return ctx.Err()
			}
			if _, err := w.Write(c.out); err != nil {
				return err
			}
			s.rows += c.n
			s.failed += c.failed
			progress(s.rows)
			free <- c
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// read fills chunks with rows until the input ends.
func (s *scorer) read(ctx context.Context, free <-chan *chunk, work, ordered chan<- *chunk) error {
	for {
		var c *chunk
		select {
		case c = <-free:
		case <-ctx.Done():
			return ctx.Err()
		}
		err := s.fill(c)
		if c.n > 0 { // neither send blocks: both channels hold all chunks
			ordered <- c
			work <- c
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// fill reads up to a chunk of rows; rows that were read before an error are kept.
func (s *scorer) fill(c *chunk) error {
	for c.n = 0; c.n < scoreChunk; c.n++ {
		row := c.row(c.n, s.width)
		problems, err := s.input.Read(row)
		if err != nil {
			return err
		}
		c.problems[c.n] = nil
		if len(problems) > 0 {
			c.problems[c.n] = &problems[0]
		} else {
			c.problems[c.n] = s.input.ids.Problem(row)
		}
	}
	return nil
}

// answerAll answers for chunks until there are no more.
func (s *scorer) answerAll(ctx context.Context, work <-chan *chunk) {
	batch := s.model.NewBatch()
	for {
		select {
		case c, ok := <-work:
			if !ok {
				return
			}
			s.answer(c, batch)
			c.done <- struct{}{}
		case <-ctx.Done():
			return
		}
	}
}

// answer scores the rows of a chunk that are sound, and writes a line for each.
func (s *scorer) answer(c *chunk, batch *model.Batch) {
	batch.Reset()
	for i := range c.n {
		if c.problems[i] != nil {
			continue
		}
		if problems := batch.Append(c.row(i, s.width)[:s.features], model.RowOptions{NonFinite: true}); len(problems) > 0 {
			c.problems[i] = &problems[0]
		}
	}
	predictions := s.model.Predict(batch)
	c.out, c.failed = c.out[:0], 0
	var ids []table.Value
	at := 0 // in predictions
	for i := range c.n {
		ids = s.input.ids.AppendValues(ids[:0], c.row(i, s.width))
		if problem := c.problems[i]; problem != nil {
			c.failed++
			c.out = s.encoder.failure(c.out, ids, problem)
			continue
		}
		if predictions.Problem(at) != nil {
			c.failed++
		}
		c.out = s.encoder.answer(c.out, ids, predictions, at)
		at++
	}
}

// progressOf draws the number of rows on a terminal, and nothing anywhere else.
func progressOf(std stdio) func(rows int) {
	if !std.terminal {
		return func(int) {}
	}
	var last time.Time
	return func(rows int) {
		if now := time.Now(); now.Sub(last) > 200*time.Millisecond {
			last = now
			fmt.Fprintf(std.err, "\r%d rows\r", rows)
		}
	}
}
