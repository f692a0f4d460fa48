package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// An output is where score writes. Nothing is seen under the final name before Commit.
type output struct {
	io.Writer
	file  *os.File // nil for standard output
	final string   // where Commit puts the file; empty for a device or a pipe, which is written straight
}

// apart refuses an output that is the file of the rows: the answers would take their place.
func apart(rows io.Reader, out string) error {
	file, ok := rows.(*os.File)
	if !ok || out == "-" {
		return nil
	}
	from, err := file.Stat()
	if err != nil {
		return err
	}
	if to, err := os.Stat(out); err == nil && from.Mode().IsRegular() && os.SameFile(from, to) {
		return fmt.Errorf("--out %s is the file of the rows, which the answers would replace: name another file", out)
	}
	return nil
}

// createOutput opens path for writing aside; "-" is standard output.
func createOutput(path string, stdout io.Writer) (*output, error) {
	if path == "-" {
		return &output{Writer: stdout}, nil
	}
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		return nil, fmt.Errorf("--out %s is a folder, want a file", path)
	case err == nil && !info.Mode().IsRegular(): // a device or a pipe is not to be replaced
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			return nil, err
		}
		return &output{Writer: f, file: f}, nil
	case err == nil:
		if path, err = filepath.EvalSymlinks(path); err != nil { // replace what a link points to, not the link
			return nil, err
		}
	case !errors.Is(err, fs.ErrNotExist):
		return nil, err
	}
	aside := filepath.Join(filepath.Dir(path), fmt.Sprintf(".%s.%d.partial", filepath.Base(path), os.Getpid()))
	f, err := os.OpenFile(aside, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o666)
	if err != nil {
		return nil, fmt.Errorf("--out %s: its folder has to exist and be writable: %w", path, err)
	}
	return &output{Writer: f, file: f, final: path}, nil
}

// Commit closes the file and puts it under its final name.
func (o *output) Commit() error {
	if o.file == nil {
		return nil
	}
	err := o.file.Close()
	if err == nil && o.final != "" {
		err = os.Rename(o.file.Name(), o.final)
	}
	if err != nil {
		o.Discard()
	}
	return err
}

// Discard removes what was written aside.
func (o *output) Discard() {
	if o.file == nil {
		return
	}
	o.file.Close()
	if o.final != "" {
		os.Remove(o.file.Name())
	}
}
