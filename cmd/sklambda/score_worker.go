package main

import (
	"errors"
	"io"

	"sklambda/model"
	"sklambda/model/table"
)

// worker answers for the rows of blocks, some at a time.
type worker struct {
	*scorer
	reader   table.RowReader
	inputs   func(floats []float64, texts []string) bool // reads a row straight into the batch, if it can; nil for formats that cannot
	batch    *model.Batch
	row      []table.Value
	problems []*table.Problem // of each row, nil if it is in the batch
	ids      []table.Value    // of each row, one after the other
}

func (s *scorer) newWorker() *worker {
	w := &worker{scorer: s, reader: s.input.reader(), batch: s.model.NewBatch(), row: make([]table.Value, s.input.ids.Columns().Len())}
	if csv, ok := w.reader.(*table.CSVReader); ok {
		w.inputs = csv.ReadInputs
	}
	return w
}

// answer writes a line for each row of a chunk.
func (w *worker) answer(c *chunk) {
	c.out, c.n, c.failed, c.err = c.out[:0], 0, 0, nil
	w.reader.Reset(c.block)
	for c.err == nil {
		c.err = w.read()
		w.write(c)
	}
	if errors.Is(c.err, io.EOF) {
		c.err = nil
	}
	c.err = w.input.named(c.err)
}

// read reads the next rows into the batch, or notes what is wrong with them; rows that were read before an error are kept.
func (w *worker) read() error {
	w.batch.Reset()
	w.problems, w.ids = w.problems[:0], w.ids[:0]
	for len(w.problems) < w.model.Plan().Chunk() { // the cores have blocks of their own
		if w.inputs != nil && w.batch.AppendInputs(w.inputs) {
			w.problems = append(w.problems, nil)
			continue
		}
		problems, err := w.reader.Read(w.row)
		if err != nil {
			return err
		}
		w.problems = append(w.problems, w.add(problems))
		w.ids = w.input.ids.AppendValues(w.ids, w.row)
	}
	return nil
}

// add puts the row into the batch if it is sound, and returns what is wrong with it otherwise.
func (w *worker) add(problems []table.Problem) *table.Problem {
	if len(problems) == 0 {
		if problem := w.input.ids.Problem(w.row); problem != nil {
			return problem
		}
		problems = w.batch.Append(w.row[:w.features], model.RowOptions{NonFinite: true})
	}
	if len(problems) == 0 {
		return nil
	}
	return &problems[0]
}

// write answers for the rows that were read.
func (w *worker) write(c *chunk) {
	predictions := w.model.Predict(w.batch)
	at, width := 0, w.input.ids.Len() // in predictions; ids of a row
	for i, problem := range w.problems {
		ids := w.ids[i*width : (i+1)*width]
		if problem != nil {
			c.failed++
			c.out = w.encoder.failure(c.out, ids, problem)
			continue
		}
		if predictions.Problem(at) != nil {
			c.failed++
		}
		c.out = w.encoder.answer(c.out, ids, predictions, at)
		at++
	}
	c.n += len(w.problems)
}
