package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"strings"

	"sklambda/function/replay"
	"sklambda/model"
)

// functionARN is a qualified ARN in its parts: arn:aws:lambda:REGION:ACCOUNT:function:NAME:QUALIFIER.
type functionARN struct{ region, name, qualifier string }

func parseFunctionARN(arn string) (functionARN, error) {
	parts := strings.Split(arn, ":")
	if len(parts) != 8 || parts[0] != "arn" || parts[2] != "lambda" || parts[5] != "function" {
		return functionARN{}, fmt.Errorf("TARGET_FUNCTION is %q: allowed is a qualified ARN, arn:aws:lambda:REGION:ACCOUNT:function:NAME:QUALIFIER", arn)
	}
	return functionARN{region: parts[3], name: parts[6], qualifier: parts[7]}, nil
}

// target is what the hook checks.
type target struct {
	function functionARN
	// url is the base address of the API; nil to invoke the function.
	url  *url.URL
	auth string
}

// readTarget reads the environment.
func readTarget() (t target, err error) {
	if t.function, err = parseFunctionARN(os.Getenv("TARGET_FUNCTION")); err != nil {
		return target{}, err
	}
	address, hook := os.Getenv("TARGET_URL"), os.Getenv("HOOK")
	t.auth = os.Getenv("TARGET_AUTH")
	switch {
	case hook == "pre":
		return t, nil // no traffic reaches the version yet but by its ARN
	case hook != "post":
		return target{}, fmt.Errorf("HOOK is %q: allowed are pre and post", hook)
	case address == "" || t.auth == "jwt":
		return t, nil // through the alias: a token is not to be had here
	case t.auth != "none" && t.auth != "iam":
		return target{}, fmt.Errorf("TARGET_AUTH is %q: allowed are none, iam and jwt", t.auth)
	}
	t.url, err = url.Parse(address)
	if err != nil || t.url.Host == "" {
		return target{}, fmt.Errorf("TARGET_URL is %q: allowed is the base address of the API, or nothing", address)
	}
	return t, nil
}

// verify checks that the target serves m, and replays its golden rows. An invoked function is asked twice: in batch events, which carry every row and every
// field without rounding, and, as all others, by POST /predict.
func (t target) verify(ctx context.Context, m *model.Model, c *clients) (*model.Report, error) {
	service := replay.Service(func(ctx context.Context, method, path string, body []byte) (int, []byte, error) {
		return c.request(ctx, t.function, method, path, body)
	})
	if t.url != nil {
		service = c.over(t.url, t.auth)
	}
	served, err := replay.ManifestSHA256(ctx, service)
	if err != nil {
		return nil, err
	}
	if served != m.ManifestSHA256() {
		return nil, fmt.Errorf("the target serves the model whose manifest.json has the sha256 %s, the one of this deployment has %s", served, m.ManifestSHA256())
	}
	if t.url == nil {
		if report, err := t.replayBatches(ctx, m, c); err != nil || report.Failed > 0 {
			return report, err
		}
	}
	result, err := replay.Golden(ctx, m, service, func(int, int) {})
	if err != nil {
		return nil, err
	}
	return result.Report, nil
}

// eventBytes bounds the rows of a batch event, inputs and expected answers together: Lambda takes, and gives, 6 MB.
const eventBytes = 2 << 20

// replayBatches replays every golden row in batch events, as few as fit.
func (t target) replayBatches(ctx context.Context, m *model.Model, c *clients) (*model.Report, error) {
	report, comparer := &model.Report{}, model.NewComparer(m.Manifest())
	var rows []model.GoldenRow
	var size int
	ask := func() error {
		results, err := c.score(ctx, t.function, rows)
		if err != nil {
			return err
		}
		for i, row := range rows {
			report.Add(report.Rows, comparer.Compare(row.Expected, results[i]))
		}
		rows, size = rows[:0], 0
		return nil
	}
	err := m.EachGolden(ctx, func(_ int, g model.GoldenRow) error {
		if len(rows) > 0 && size+len(g.Input)+len(g.Expected) > eventBytes {
			if err := ask(); err != nil {
				return err
			}
		}
		rows, size = append(rows, g), size+len(g.Input)+len(g.Expected)
		return nil
	})
	if err == nil {
		err = ask()
	}
	return report, err
}

// score has a function answer golden rows in a batch event.
func (c *clients) score(ctx context.Context, f functionARN, rows []model.GoldenRow) ([]json.RawMessage, error) {
	items := make([]json.RawMessage, len(rows))
	for i, row := range rows {
		items[i] = row.Input
	}
	event, err := json.Marshal(map[string]any{"Items": items})
	if err != nil {
		return nil, err
	}
	answer, err := c.invoke(ctx, f, event)
	if err != nil {
		return nil, err
	}
	var got struct{ Results []json.RawMessage }
	if err := json.Unmarshal(answer, &got); err != nil || len(got.Results) != len(rows) {
		return nil, fmt.Errorf("sent %d rows, got %d results: %s", len(rows), len(got.Results), replay.Excerpt(answer))
	}
	return got.Results, nil
}
