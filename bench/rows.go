package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"time"

	"sklambda/model"
	"sklambda/model/table"
)

const (
	// batchRows is the size of the batch that is timed, as in scikit_learn.py.
	batchRows = 10_000
	// timed is how long each figure is measured.
	timed = time.Second
)

// readRows reads the sample of a model, as rows and the first of them as a request body.
func readRows(s subject) (body []byte, rows [][]table.Value, err error) {
	sample, err := table.ReadSample(s.sample)
	if err != nil {
		return nil, nil, err
	}
	manifest, err := model.ReadManifest(s.artifact + "/" + model.ManifestFile)
	if err != nil {
		return nil, nil, err
	}
	for _, cells := range sample.Rows {
		row := make([]table.Value, len(cells))
		for i, cell := range cells {
			v, problem := manifest.Features[i].Accept(cell, model.RowOptions{NonFinite: true})
			if problem != nil {
				return nil, nil, errors.New(problem.Message)
			}
			row[i] = v
		}
		rows = append(rows, row)
	}
	object := map[string]any{}
	for i, name := range sample.Names {
		object[name] = plain(rows[0][i])
	}
	body, err = json.Marshal(object)
	return body, rows, err
}

// plain is a cell as encoding/json takes it.
func plain(v table.Value) any {
	switch v.Kind {
	case table.Number:
		return v.Float
	case table.Boolean:
		return v.Float == 1
	case table.Text:
		return v.Text
	}
	return nil
}

// timeRows gives the microseconds that a row takes, typed and laid out: alone, the row changing each time, and in a batch.
func timeRows(artifact string, rows [][]table.Value) (single, batch float64, err error) {
	m, err := model.Open(artifact, model.OpenOptions{})
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, m.Close()) }()
	single = perRow(m, rows, 1)
	batch = perRow(m, rows, batchRows)
	return single, batch, nil
}

func perRow(m *model.Model, rows [][]table.Value, n int) float64 {
	b := m.NewBatch()
	done, at := 0, 0
	from := time.Now()
	for time.Since(from) < timed {
		for range max(1, 1000/n) {
			b.Reset()
			for range n {
				b.Append(rows[at%len(rows)], model.RowOptions{})
				at++
			}
			m.Predict(b)
			done += n
		}
	}
	return time.Since(from).Seconds() * 1e6 / float64(done)
}

// reference is what scikit_learn.py prints, and the time to its first answer.
type reference struct {
	Start         float64 `json:"-"`       // ms from exec
	PeakMB        float64 `json:"peak_mb"` // VmHWM after the first answer
	Single, Batch float64 // µs a row
}

// scikitLearn runs scikit-learn on the same rows.
func scikitLearn(ctx context.Context, python string, s subject) (r reference, err error) {
	if _, err := os.Stat(python); err != nil {
		return r, fmt.Errorf("no Python with scikit-learn at %s: run make test once, or name one with -python", python)
	}
	command := exec.CommandContext(ctx, python, "bench/scikit_learn.py", s.pipeline, s.sample)
	command.Stderr = os.Stderr
	out, err := command.StdoutPipe()
	if err != nil {
		return r, err
	}
	from := time.Now()
	if err := command.Start(); err != nil {
		return r, err
	}
	lines := json.NewDecoder(out)
	var first float64
	if err := lines.Decode(&first); err != nil {
		return r, fmt.Errorf("scikit_learn.py: %w", errors.Join(err, command.Wait()))
	}
	r.Start = float64(time.Since(from).Microseconds()) / 1000
	if err := lines.Decode(&r); err != nil {
		return r, fmt.Errorf("scikit_learn.py: %w", errors.Join(err, command.Wait()))
	}
	return r, command.Wait()
}
