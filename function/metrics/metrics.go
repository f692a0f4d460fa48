// Package metrics writes metrics in CloudWatch's embedded metric format: a JSON line on standard output that is a log line as well, from which
// CloudWatch makes the metrics. It needs no SDK, no call and no timer, which a frozen environment would not honour.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
package metrics

import (
	"io"
	"log/slog"
	"strconv"
	"sync/atomic"
	"time"

	"sklambda/function/api"
	"sklambda/function/web"
	"sklambda/model/table"
)

// Namespace holds all metrics. They have one dimension, Dimension, whose value is the name of the Lambda function.
const (
	Namespace = "sklambda"
	Dimension = "Function"
)

// Names of the metrics.
const (
	// Rows were read by a request: Count.
	Rows = "Rows"
	// Latency is the time that the handler took for an event: Milliseconds.
	Latency = "Latency"
	// ClientErrors is 1 for an answer with a status of 400 to 499, else 0: Count. Its average is the rate.
	ClientErrors = "ClientErrors"
	// ServerErrors is 1 for an answer with a status of 500 or more, else 0: Count.
	ServerErrors = "ServerErrors"
	// ColdStarts is 1 for the first request of a process, else 0: Count.
	ColdStarts = "ColdStarts"
	// GoldenMismatches are golden rows that a deployed version did not answer as scikit-learn does: Count. The deploy hook writes it.
	GoldenMismatches = "GoldenMismatches"
)

// Units of the metrics.
const (
	count        = "Count"
	milliseconds = "Milliseconds"
)

// metric is one number of a line.
type metric struct {
	name, unit string
	value      float64
}

// Recorder writes the line of each request. It is safe for concurrent use.
type Recorder struct {
	out               io.Writer
	function, version string
	started           atomic.Bool
}

// NewRecorder returns a Recorder that writes to out, for a function and the version of its model.
func NewRecorder(out io.Writer, function, version string) *Recorder {
	return &Recorder{out: out, function: function, version: version}
}

// Request writes the line of a request: its metrics, and for the log what else there is to tell of it. It is written whatever LOG_LEVEL says:
// alarms read it. Nobody is left to hear that it could not be written.
func (r *Recorder) Request(request *api.Request) {
	level := "INFO"
	if request.Status >= web.StatusInternalServerError {
		level = "ERROR"
	}
	metrics := [...]metric{
		{Rows, count, float64(request.Rows)},
		{Latency, milliseconds, api.Milliseconds(request.Took)},
		{ClientErrors, count, one(request.Status >= web.StatusBadRequest && request.Status < web.StatusInternalServerError)},
		{ServerErrors, count, one(request.Status >= web.StatusInternalServerError)},
		{ColdStarts, count, one(!r.started.Swap(true))},
	}
	properties := [...]slog.Attr{
		slog.String(slog.LevelKey, level), slog.String("message", "request"), slog.String(api.LogMethod, request.Method),
		slog.String(api.LogRoute, request.Route), slog.Int(api.LogStatus, request.Status), slog.String(api.LogRequestID, request.ID),
		slog.String(api.LogModelVersion, r.version), slog.String(api.LogCode, string(request.Code)),
	}
	n := len(properties)
	if request.Code == "" {
		n--
	}
	_, _ = r.out.Write(appendLine(nil, time.Now(), r.function, metrics[:], properties[:n]))
}

// WriteGoldenMismatches writes how many golden rows a deployed version of a function did not answer as scikit-learn does.
func WriteGoldenMismatches(out io.Writer, function, version string, mismatches int) {
	metrics := [...]metric{{GoldenMismatches, count, float64(mismatches)}}
	properties := [...]slog.Attr{slog.String(slog.LevelKey, "INFO"), slog.String("message", "golden rows"), slog.String(api.LogModelVersion, version)}
	_, _ = out.Write(appendLine(nil, time.Now(), function, metrics[:], properties[:]))
}

func one(is bool) float64 {
	if is {
		return 1
	}
	return 0
}

// appendLine appends one line of the format: the definitions under _aws, then dimension, metrics and properties side by side. A property is a
// string or an integer.
func appendLine(dst []byte, at time.Time, function string, metrics []metric, properties []slog.Attr) []byte {
	dst = append(dst, `{"_aws":{"Timestamp":`...)
	dst = strconv.AppendInt(dst, at.UnixMilli(), 10)
	dst = append(dst, `,"CloudWatchMetrics":[{"Namespace":"`+Namespace+`","Dimensions":[["`+Dimension+`"]],"Metrics":[`...)
	for i, m := range metrics {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(append(append(append(append(dst, `{"Name":"`...), m.name...), `","Unit":"`...), m.unit...), `"}`...)
	}
	dst = append(dst, `]}]},"timestamp":"`...)
	dst = at.UTC().AppendFormat(dst, time.RFC3339Nano)
	dst = append(dst, `","`+Dimension+`":`...)
	dst = table.AppendString(dst, function)
	for _, m := range metrics {
		dst = table.AppendFloat(append(append(append(dst, `,"`...), m.name...), `":`...), m.value)
	}
	for _, p := range properties {
		dst = append(append(append(dst, `,"`...), p.Key...), `":`...)
		if p.Value.Kind() == slog.KindInt64 {
			dst = strconv.AppendInt(dst, p.Value.Int64(), 10)
		} else {
			dst = table.AppendString(dst, p.Value.String())
		}
	}
	return append(dst, "}\n"...)
}
