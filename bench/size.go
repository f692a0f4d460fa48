package main

import (
	"archive/zip"
	"compress/flate"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// printSizes shows the bytes of the bootstrap for both architectures and of each model's layer, plain and zipped.
func printSizes(ctx context.Context, dir string) error {
	fmt.Println()
	for _, arch := range []string{"arm64", "amd64"} {
		out := filepath.Join(dir, arch)
		if err := build(ctx, arch, "./function", out); err != nil {
			return err
		}
		if err := printSize("bootstrap "+arch, out); err != nil {
			return err
		}
	}
	for _, s := range subjects() {
		files, err := filepath.Glob(filepath.Join(s.artifact, "*"))
		if err != nil {
			return err
		}
		if err := printSize("layer "+s.name, files...); err != nil {
			return err
		}
	}
	return nil
}

func printSize(name string, files ...string) error {
	var plain int64
	zipped := new(counter)
	w := zip.NewWriter(zipped)
	w.RegisterCompressor(zip.Deflate, func(out io.Writer) (io.WriteCloser, error) { return flate.NewWriter(out, flate.BestCompression) })
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		plain += int64(len(data))
		entry, err := w.Create(filepath.Base(file))
		if err != nil {
			return err
		}
		if _, err := entry.Write(data); err != nil {
			return err
		}
	}
	if err := w.Close(); err != nil {
		return err
	}
	_, err := fmt.Printf("%-22s %10d bytes, %9d zipped\n", name, plain, *zipped)
	return err
}

// counter counts what is written.
type counter int64

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}
