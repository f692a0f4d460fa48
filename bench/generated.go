package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// compileTimeout bounds the compiler on generated code.
const compileTimeout = 4 * time.Minute

// generatedMain times the generated code of generated.py as contender wants it.
//
//go:embed generated.go.txt
var generatedMain []byte

// generated compares M2 with Go code that m2cgen generates for its forest, which gets rows that are transformed already. The program is kept.
func (b *bench) generated(ctx context.Context) (err error) {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	program, took, err := b.compileGenerated(ctx)
	if err != nil {
		return err
	}
	var list []*contender
	defer func() {
		for _, c := range list {
			err = errors.Join(err, c.close())
		}
	}()
	for _, c := range [][]string{{"sklambda", self, "-answer", b.model("M2")}, {"m2cgen", program, filepath.Join(filepath.Dir(program), "rows.json")}} {
		one, err := contend(ctx, c[0], 1, c[1], c[2:]...)
		if err != nil {
			return err
		}
		list = append(list, one)
	}
	got, err := fastest(list, 1, rowRounds, rowSeconds)
	if err != nil {
		return err
	}
	info, err := os.Stat(program)
	if err != nil {
		return err
	}
	if took > 0 {
		b.report.Figures["m2cgen compile"] = took.Seconds()
	}
	b.report.table("generated", []string{"sklambda, whole pipeline, µs a row", "m2cgen, forest alone, µs a row", "ratio", "its compiler, s", "its program, MB"},
		[][]string{{figure(got["sklambda"]), figure(got["m2cgen"]), times(got["m2cgen"] / got["sklambda"]), figure(b.report.Figures["m2cgen compile"]), megabytes(info.Size())}})
	return nil
}

// compileGenerated makes the program unless it is there.
func (b *bench) compileGenerated(ctx context.Context) (program string, took time.Duration, err error) {
	folder := filepath.Join(b.dir, "m2cgen")
	program = filepath.Join(folder, "m2cgen")
	if _, err := os.Stat(program); err == nil {
		return program, 0, nil
	}
	write := exec.CommandContext(ctx, b.python, filepath.Join("bench", "generated.py"), b.model("M2"), folder)
	if output, err := write.CombinedOutput(); err != nil {
		return "", 0, fmt.Errorf("generated.py: %w\n%s", err, output)
	}
	for name, data := range map[string][]byte{"main.go": generatedMain, "go.mod": []byte("module m2cgen\n\ngo 1.26\n")} {
		if err := os.WriteFile(filepath.Join(folder, name), data, 0o644); err != nil {
			return "", 0, err
		}
	}
	bounded, cancel := context.WithTimeout(ctx, compileTimeout)
	defer cancel()
	from := time.Now()
	compile := exec.CommandContext(bounded, "go", "build", "-C", folder, "-o", program, ".")
	if output, err := compile.CombinedOutput(); err != nil {
		return "", 0, fmt.Errorf("m2cgen's Go code: %w\n%s", errors.Join(err, bounded.Err()), output)
	}
	return program, time.Since(from), nil
}
