package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"sklambda/model"
	"sklambda/model/engine"
	"sklambda/model/table"
)

// readRows reads the sample of a model folder as typed rows.
func readRows(m *model.Manifest, folder string) ([][]table.Value, error) {
	sample, err := table.ReadSample(filepath.Join(folder, "sample.csv"))
	if err != nil {
		return nil, err
	}
	var rows [][]table.Value
	for _, cells := range sample.Rows {
		row := make([]table.Value, len(cells))
		for i, cell := range cells {
			v, problem := m.Features[i].Accept(cell, model.RowOptions{NonFinite: true})
			if problem != nil {
				return nil, errors.New(problem.Message)
			}
			row[i] = v
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// timeRows is our side of contender. Rows are typed against the signature and laid out anew for each call, or laid out beforehand. With a count it answers so many
// rows, one by one, and nothing else.
func timeRows(folder string, laidOut bool, count int, in io.Reader, out io.Writer) (err error) {
	m, err := model.Open(filepath.Join(folder, "artifact"), model.OpenOptions{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, m.Close()) }()
	rows, err := readRows(m.Manifest(), folder)
	if err != nil {
		return err
	}
	if count > 0 {
		call := runLaidOut(m, rows, 1)
		for range count {
			call()
		}
		return nil
	}
	for lines := bufio.NewScanner(in); lines.Scan(); {
		var n int
		var seconds float64
		if _, err := fmt.Sscan(lines.Text(), &n, &seconds); err != nil {
			return err
		}
		call := typed(m, rows, n)
		if laidOut {
			call = runLaidOut(m, rows, n)
		}
		fmt.Fprintln(out, microseconds(call, n, seconds))
	}
	return nil
}

// typed is the call that types n rows, the next ones each time, and answers them.
func typed(m *model.Model, rows [][]table.Value, n int) func() {
	b, at := m.NewBatch(), 0
	return func() {
		b.Reset()
		for range n {
			b.Append(rows[at%len(rows)], model.RowOptions{})
			at++
		}
		m.Predict(b)
	}
}

// runLaidOut is the call that answers n rows, the next ones each time, which lie as the engine wants them.
func runLaidOut(m *model.Model, rows [][]table.Value, n int) func() {
	calls := 1
	if n < len(rows) {
		calls = len(rows) / n
	}
	var list []engine.Batch
	for c := range calls {
		one := engine.Batch{N: n}
		for i := range n {
			appendRow(&one, m.Plan().Inputs(), rows[(c*n+i)%len(rows)])
		}
		list = append(list, one)
	}
	var out engine.Result
	at := 0
	return func() {
		m.Plan().Run(&list[at%len(list)], &out)
		at++
	}
}

// appendRow lays a row out; the samples miss no value.
func appendRow(b *engine.Batch, inputs []engine.Input, row []table.Value) {
	for _, in := range inputs {
		if v := row[in.Feature]; in.Kind == engine.Text {
			b.Texts = append(b.Texts, v.Text)
		} else {
			b.Numbers = append(b.Numbers, v.Float)
		}
	}
}

// microseconds repeats a call of some rows for some seconds, at least once, and gives the time a row. The clock is read every few calls.
func microseconds(call func(), rows int, seconds float64) float64 {
	call()
	group := max(1, 100/rows)
	for done, from := 0, time.Now(); ; {
		for range group {
			call()
		}
		done += group
		if took := time.Since(from).Seconds(); took >= seconds {
			return took * 1e6 / float64(done*rows)
		}
	}
}
