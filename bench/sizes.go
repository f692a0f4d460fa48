package main

import (
	"archive/zip"
	"compress/flate"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"sklambda/function/runtimetest"
)

// sizes shows the bytes of the bootstrap for both architectures, and of each model's layer beside its joblib file, plain and zipped.
func (b *bench) sizes(context.Context) error {
	var lines [][]string
	add := func(name string, source int64, files ...string) (plain, zipped int64, err error) {
		plain, zipped, err = size(files...)
		line := []string{name, megabytes(plain), megabytes(zipped), "", ""}
		if source > 0 {
			line[3], line[4] = megabytes(source), times(float64(source)/float64(plain))
		}
		lines = append(lines, line)
		return plain, zipped, err
	}
	for _, arch := range []string{"arm64", "amd64"} {
		out := b.program("bootstrap-" + arch)
		if err := runtimetest.Build("function", arch, out); err != nil {
			return err
		}
		plain, zipped, err := add("bootstrap "+arch, 0, out)
		if err != nil {
			return err
		}
		b.report.atMost("bootstrap", arch, float64(plain)/1e6, 7, "MB")
		b.report.atMost("bootstrap, zipped", arch, float64(zipped)/1e6, 3.2, "MB")
	}
	for _, model := range models {
		source, err := os.Stat(b.model(model, "pipeline.joblib"))
		if err != nil {
			return err
		}
		files, err := filepath.Glob(b.model(model, "artifact", "*"))
		if err != nil {
			return err
		}
		plain, _, err := add("layer "+model, source.Size(), files...)
		if err != nil {
			return err
		}
		if model == "M4" {
			b.report.atMost("layer, part of the joblib file", model, float64(plain)/float64(source.Size()), 0.25, "")
		}
	}
	b.report.table("sizes", []string{"", "plain MB", "zipped MB", "joblib MB", "joblib to plain"}, lines)
	return nil
}

func megabytes(n int64) string { return fmt.Sprintf("%.3f", float64(n)/1e6) }

// size gives the bytes of files, and of a zip with them.
func size(files ...string) (plain, zipped int64, err error) {
	count := new(counter)
	w := zip.NewWriter(count)
	w.RegisterCompressor(zip.Deflate, func(out io.Writer) (io.WriteCloser, error) { return flate.NewWriter(out, flate.BestCompression) })
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			return 0, 0, err
		}
		plain += int64(len(data))
		entry, err := w.Create(filepath.Base(file))
		if err != nil {
			return 0, 0, err
		}
		if _, err := entry.Write(data); err != nil {
			return 0, 0, err
		}
	}
	err = w.Close()
	return plain, int64(*count), err
}

// counter counts what is written.
type counter int64

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}
