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

// scorer answers for rows: one goroutine reads blocks, one a core answers, and the caller's writes, in order. A fixed number of chunks
// goes round, so memory is flat.
type scorer struct {
	model    *model.Model
	input    *inputRows
	encoder  encoder
	features int

	rows, failed int
}

func newScorer(m *model.Model, input *inputRows, e encoder) *scorer {
	return &scorer{model: m, input: input, encoder: e, features: m.Columns().Len()}
}

// chunk is a block of rows on its way from the reader over a worker to the writer.
type chunk struct {
	block    table.Block
	out      []byte // the answers
	n        int    // of the rows
	failed   int    // of them
	err      error  // behind the rows: the block cannot be read on
	answered chan struct{}
}

// run scores all rows into w. The model is not in use any more when it returns.
func (s *scorer) run(ctx context.Context, w io.Writer, progress func(rows int)) error {
	ctx, cancel := context.WithCancel(ctx)
	workers := runtime.GOMAXPROCS(0)
	chunks := 2*workers + 2
	free, work, ordered := make(chan *chunk, chunks), make(chan *chunk, chunks), make(chan *chunk, chunks)
	for range chunks {
		free <- &chunk{answered: make(chan struct{}, 1)}
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
			case <-c.answered:
			case <-ctx.Done():
				return ctx.Err()
			}
			if _, err := w.Write(c.out); err != nil {
				return err
			}
			s.rows += c.n
			s.failed += c.failed
			progress(s.rows)
			if c.err != nil {
				return c.err
			}
			free <- c
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// read fills chunks with blocks until the input ends.
func (s *scorer) read(ctx context.Context, free <-chan *chunk, work, ordered chan<- *chunk) error {
	for {
		var c *chunk
		select {
		case c = <-free:
		case <-ctx.Done():
			return ctx.Err()
		}
		err := s.input.next(&c.block)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		ordered <- c // neither send blocks: both channels hold all chunks
		work <- c
	}
}

// answerAll answers for chunks until there are no more.
func (s *scorer) answerAll(ctx context.Context, work <-chan *chunk) {
	w := s.newWorker()
	for {
		select {
		case c, ok := <-work:
			if !ok {
				return
			}
			w.answer(c)
			c.answered <- struct{}{}
		case <-ctx.Done():
			return
		}
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
