package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"runtime"
	"strconv"
	"sync"

	"sklambda/model"
)

// textFloor is what score could do at most if the engine took no time and the text were read and written by strconv: it splits the rows of a CSV file at newlines and
// commas, parses the cells that are numbers, and writes some numbers a row, on all cores, in any order. It looks for no quotes, checks nothing, and names no class.
type textFloor struct {
	numbers int // written a row

	mu   sync.Mutex // of in, rest and out
	in   io.Reader
	rest []byte // the start of a row
	out  io.Writer
}

// runTextFloor reads the CSV file in, and writes as many numbers a row to out as the answers of a model have.
func runTextFloor(folder, in, out string) (err error) {
	m, err := model.Open(folder, model.OpenOptions{})
	if err != nil {
		return err
	}
	floor := textFloor{numbers: 1} // probability is one of probabilities, again
	for _, output := range m.Manifest().Outputs {
		if output.Name != model.LabelOutput {
			floor.numbers += output.Width
		}
	}
	source, err := os.Open(in)
	if err != nil {
		return err
	}
	defer source.Close()
	file, err := os.Create(out)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close(), m.Close()) }()
	floor.in, floor.out = source, file
	errs := make([]error, runtime.GOMAXPROCS(0))
	var group sync.WaitGroup
	for i := range errs {
		group.Go(func() { errs[i] = floor.work() })
	}
	group.Wait()
	return errors.Join(errs...)
}

// work reads, splits, parses and writes until the file ends.
func (t *textFloor) work() error {
	block, line := make([]byte, 0, 256<<10), []byte(nil)
	for {
		var err error
		if block, err = t.next(block); len(block) == 0 || err != nil {
			return err
		}
		line = line[:0]
		for rows := block; len(rows) > 0; {
			var row []byte
			row, rows, _ = bytes.Cut(rows, []byte("\n"))
			line = t.answer(line, row)
		}
		t.mu.Lock()
		_, err = t.out.Write(line)
		t.mu.Unlock()
		if err != nil {
			return err
		}
	}
}

// answer appends the numbers for a row: the mean of its numbers, which has as many digits as a probability.
func (t *textFloor) answer(dst, row []byte) []byte {
	sum, cells := 0.0, 0.0
	for more := true; more; cells++ {
		var cell []byte
		cell, row, more = bytes.Cut(row, []byte(","))
		if f, err := strconv.ParseFloat(string(cell), 64); err == nil {
			sum += f
		}
	}
	for range t.numbers {
		dst = append(strconv.AppendFloat(dst, sum/cells, 'f', -1, 64), ',')
	}
	return append(dst, '\n')
}

// next reads some whole rows in place of those in block; none at the end.
func (t *textFloor) next(block []byte) ([]byte, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	block = append(block[:0], t.rest...)
	n, err := io.ReadFull(t.in, block[len(block):cap(block)])
	block = block[:len(block)+n]
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		t.rest = nil
		return block, nil
	}
	end := bytes.LastIndexByte(block, '\n') + 1
	t.rest = append(t.rest[:0], block[end:]...)
	return block[:end], err
}
