package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"sklambda/function/replay"
	"sklambda/model"
)

// requestTimeout bounds a request to a live endpoint.
const requestTimeout = 40 * time.Second

func verifyCommand() *command {
	return &command{
		name:    "verify",
		usage:   "--model DIR [--url URL]",
		summary: "replay the golden rows, here or against a live endpoint",
		about: "Compares the answers to the artifact's golden rows with those of scikit-learn that stand beside them. With --url the answers are those of\n" +
			"a live endpoint: the fields that it returns, at its rounding.",
		example: "sklambda verify --model model/artifact\nsklambda verify --model model/artifact --url http://127.0.0.1:8080",
		exit:    "0 no difference; 1 a difference, or any failure",
		setup: func(fs *flag.FlagSet) action {
			dir := fs.String("model", "", "artifact `DIR`")
			var base *url.URL // nil without --url
			fs.Func("url", "base `URL` of a live endpoint, or that of its /predict", func(given string) (err error) {
				base, err = baseURL(given)
				return err
			})
			return func(ctx context.Context, _ []string, std stdio) error { return verify(ctx, *dir, base, std) }
		},
	}
}

// verify replays the golden rows of the artifact in dir: here, or where base is not nil against the endpoint there.
func verify(ctx context.Context, dir string, base *url.URL, std stdio) (err error) {
	m, err := openModel(dir, std)
	if err != nil {
		return err
	}
	defer closeModel(m, &err)
	draw := progressOf(std)
	progress := func(done, _ int) { draw(done) }
	if base == nil {
		report, err := m.Verify(ctx, progress)
		if err != nil {
			return err
		}
		return printReport(std.out, report, 0)
	}
	client := &http.Client{Timeout: requestTimeout}
	defer client.CloseIdleConnections()
	service := replay.Over(client, base, nil)
	result, err := replay.Golden(ctx, m, service, progress)
	if err != nil {
		return fmt.Errorf("%s: %w%s", base, err, otherModel(ctx, m, service))
	}
	if err := printReport(std.out, result.Report, result.Unsent); err != nil {
		return fmt.Errorf("%w%s", err, otherModel(ctx, m, service))
	}
	return nil
}

// otherModel explains differences: the endpoint serves another artifact than m. It is empty if it does not, or does not say.
func otherModel(ctx context.Context, m *model.Model, service replay.Service) string {
	served, err := replay.ManifestSHA256(ctx, service)
	if err != nil || served == m.ManifestSHA256() {
		return ""
	}
	return fmt.Sprintf(": the endpoint serves another artifact: its manifest.json has the sha256 %s, that of --model %s", served, m.ManifestSHA256())
}

// baseURL is the address that /predict stands below, given that or the address of /predict.
func baseURL(given string) (*url.URL, error) {
	u, err := url.Parse(given)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, errors.New("it is not an http or https address, such as http://127.0.0.1:8080")
	}
	u.Path = strings.TrimSuffix(strings.TrimSuffix(u.Path, "/"), "/predict")
	return u, nil
}

// printReport writes what a replay found. Its error says that there are differences.
func printReport(w io.Writer, report *model.Report, unsent int) error {
	fmt.Fprintf(w, "golden rows: %d replayed, %d undecided\n", report.Rows, report.Undecided)
	if unsent > 0 {
		fmt.Fprintf(w, "not sent: %d rows with a number that HTTP cannot carry\n", unsent)
	}
	printErrors(w, report.Outputs)
	for _, d := range report.Differences {
		fmt.Fprintf(w, "%s line %d: %s\n", model.GoldenFile, d.Line, oneLine(d.Text))
	}
	if report.Rows == 0 {
		return errors.New("no golden row could be replayed")
	}
	if report.Failed > 0 {
		return fmt.Errorf("%d of %d golden rows differ from scikit-learn", report.Failed, report.Rows)
	}
	return nil
}

// printErrors writes the largest error of each output that has numbers, with what is allowed.
func printErrors(w io.Writer, outputs []model.OutputError) {
	for _, o := range outputs {
		if o.Compared == 0 {
			continue
		}
		fmt.Fprintf(w, "largest error of %s: %g, allowed is %s\n", o.Name, o.Largest, toleranceText(o.Tolerance, o.Reason))
	}
}
