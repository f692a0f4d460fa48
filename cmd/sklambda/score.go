package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"sklambda/model"
	"sklambda/model/table"
)

const (
	csvFormat   = "csv"
	jsonlFormat = "jsonl"
)

// scoreFlags are the flags of score.
type scoreFlags struct {
	model, in, out      string
	inFormat, outFormat string
	ids                 stringList
}

func scoreCommand() *command {
	return &command{
		name:    "score",
		usage:   "--model DIR --in ROWS.csv|ROWS.jsonl|- --out OUT.jsonl|OUT.csv|-",
		summary: "answer for every row of a file",
		about: "Answers for every row of a CSV or JSON Lines file: one output row per input row, in order, on all cores, in memory that does not grow\n" +
			"with the file. A row that cannot be scored has the field error (CSV: error_code, error_field, error_message). Columns that are not the model's\n" +
			"are refused by name. The output appears under its name when it is complete.",
		example: "sklambda score --model model/artifact --in rows.csv --out answers.jsonl --id customer\n" +
			"head -1000 rows.csv | sklambda score --model model/artifact --in - --in-format csv --out - --out-format csv",
		exit: exitUsual + "; rows with an error are no failure",
		setup: func(fs *flag.FlagSet) action {
			var f scoreFlags
			fs.StringVar(&f.model, "model", "", "artifact `DIR`")
			fs.StringVar(&f.in, "in", "", "`FILE` of rows, .csv or .jsonl; - is standard input")
			fs.StringVar(&f.out, "out", "", "`FILE` of answers, .jsonl or .csv; - is standard output")
			fs.StringVar(&f.inFormat, "in-format", "", "`FORMAT` of --in, csv or jsonl, where its name does not tell; - is jsonl")
			fs.StringVar(&f.outFormat, "out-format", "", "`FORMAT` of --out, csv or jsonl, where its name does not tell; - is jsonl")
			fs.Var(&f.ids, "id", "copy this input `COLUMN` to the output; may be repeated")
			return func(ctx context.Context, _ []string, std stdio) error { return score(ctx, &f, std) }
		},
	}
}

func score(ctx context.Context, f *scoreFlags, std stdio) (err error) {
	inFormat, outFormat, err := f.formats()
	if err != nil {
		return err
	}
	m, err := openModel(f.model, std)
	if err != nil {
		return err
	}
	defer closeModel(m, &err)

	in := std.in
	if f.in != "-" {
		file, err := os.Open(f.in)
		if err != nil {
			return err
		}
		defer file.Close()
		in = file
	}
	if err := apart(in, f.out); err != nil {
		return err
	}
	rows, err := openRows(in, inputName(f.in), inFormat, m, f.ids)
	if err != nil {
		return err
	}
	encoder, err := newEncoder(outFormat, m, f.ids)
	if err != nil {
		return err
	}
	out, err := createOutput(f.out, std.out)
	if err != nil {
		return err
	}
	s := newScorer(m, rows, encoder)
	start := time.Now()
	if err := s.run(ctx, out, progressOf(std)); err != nil {
		out.Discard()
		return err
	}
	if err := out.Commit(); err != nil {
		return err
	}
	fmt.Fprintf(std.err, "scored %d rows, %d with an error, in %.2f s\n", s.rows, s.failed, time.Since(start).Seconds())
	return nil
}

func inputName(path string) string {
	if path == "-" {
		return "standard input"
	}
	return path
}

func (f *scoreFlags) formats() (in, out string, err error) {
	if err := errors.Join(required("model", f.model, "an artifact folder"), required("in", f.in, "a file of rows, or -"),
		required("out", f.out, "a file for the answers, or -")); err != nil {
		return "", "", err
	}
	if in, err = formatOf("in", f.in, f.inFormat); err != nil {
		return "", "", err
	}
	if out, err = formatOf("out", f.out, f.outFormat); err != nil {
		return "", "", err
	}
	for i, id := range f.ids {
		if slices.Contains(f.ids[:i], id) {
			return "", "", fmt.Errorf("--id %q is given twice", id)
		}
	}
	return in, out, nil
}

// formatOf settles the format of a file: as said, else by the extension of its name; standard input and output are JSON Lines.
func formatOf(name, path, said string) (string, error) {
	format := said
	if format == "" && path == "-" {
		format = jsonlFormat
	}
	if format == "" {
		format = strings.TrimPrefix(strings.ToLower(filepath.Ext(path)), ".")
	}
	if format != csvFormat && format != jsonlFormat {
		return "", fmt.Errorf("--%s %s: the format is %q, want csv or jsonl: name the file .csv or .jsonl, or give --%s-format", name, path, format, name)
	}
	return format, nil
}

// inputRows are blocks of rows whose first columns are the model's features, in order; those behind are ids only.
type inputRows struct {
	name   string // of the input, for errors
	ids    *model.IDs
	blocks *table.BlockReader
	first  table.Block            // read ahead, to see the columns before anything is written
	reader func() table.RowReader // for a goroutine, of the blocks
}

func openRows(in io.Reader, name, format string, m *model.Model, ids []string) (*inputRows, error) {
	r := &inputRows{name: name, ids: m.NewIDs(ids), blocks: table.NewBlockReader(in, format == csvFormat)}
	err := r.blocks.Next(&r.first)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, r.named(err)
	}
	if format == csvFormat {
		return r, r.named(r.openCSV())
	}
	return r, r.named(r.openJSONL())
}

// openCSV reads the header.
func (r *inputRows) openCSV() error {
	csv, err := table.NewCSVReader(r.first, r.ids.Columns())
	if err != nil {
		return err
	}
	if err := r.ids.CheckColumns(csv.Has); err != nil {
		return fmt.Errorf("the header %w", err)
	}
	csv.Types(r.ids.Kinds())
	if places := r.ids.Inputs(); places != nil {
		csv.Inputs(places)
	}
	r.first = csv.Rest()
	r.reader = func() table.RowReader { return csv.Clone() }
	return nil
}

// openJSONL looks for unknown names on the first line.
func (r *inputRows) openJSONL() error {
	r.reader = func() table.RowReader { return table.NewJSONLReader(r.ids.Columns()) }
	reader := r.reader()
	reader.Reset(r.first)
	problems, _ := reader.Read(make([]table.Value, r.ids.Columns().Len())) // an error comes again in its place
	var unknown []string
	for _, p := range problems {
		if p.Code == table.UnknownField {
			unknown = append(unknown, fmt.Sprintf("%q", p.Field))
		}
	}
	if len(unknown) > 0 {
		return fmt.Errorf("line %d: unknown columns %s; leave them out, or copy them with --id", reader.Line(), strings.Join(unknown, ", "))
	}
	return nil
}

// named says which input an error is about; the end of the input is none.
func (r *inputRows) named(err error) error {
	if err == nil || errors.Is(err, io.EOF) {
		return err
	}
	return fmt.Errorf("%s: %w", r.name, err)
}

// next reads a block of rows in place of that in block, whose memory it takes; io.EOF at the end.
func (r *inputRows) next(block *table.Block) error {
	if r.first.Data != nil {
		*block, r.first = r.first, table.Block{}
		return nil
	}
	return r.named(r.blocks.Next(block))
}
