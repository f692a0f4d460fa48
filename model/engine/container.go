package engine

import (
	"errors"
	"io"
)

func (p *Plan) WriteTo(w io.Writer) (int64, error) { return 0, errors.New("not yet") }
func Load(data []byte) (*Plan, error)              { return nil, errors.New("not yet") }
func Open(path string) (*Plan, error)              { return nil, errors.New("not yet") }
func (p *Plan) Close() error                       { return nil }
