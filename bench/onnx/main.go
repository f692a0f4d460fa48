// Command onnx answers rows of a model with onnxruntime through cgo, as bench/alternatives.py does with Python: onnx LIBRARY FOLDER, where
// LIBRARY is onnxruntime's shared library. With $AWS_LAMBDA_RUNTIME_API it is a Lambda function; otherwise it reads lines of "ROWS SECONDS"
// and prints the microseconds a row.
package main

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/yalue/onnxruntime_go"
)

func main() {
	m, err := open(os.Args[1], os.Args[2])
	if err != nil {
		log.Fatal(err)
	}
	if os.Getenv("AWS_LAMBDA_RUNTIME_API") != "" {
		lambda.Start(handler{m})
		return
	}
	if err := timeRows(m, filepath.Join(os.Args[2], "sample.csv")); err != nil {
		log.Fatal(err)
	}
}

// model is a session, with the kind of each input: one float tensor of all columns, or a tensor a column.
type model struct {
	session *onnxruntime_go.DynamicAdvancedSession
	inputs  []onnxruntime_go.InputOutputInfo
}

func open(library, folder string) (*model, error) {
	onnxruntime_go.SetSharedLibraryPath(library)
	if err := onnxruntime_go.InitializeEnvironment(); err != nil {
		return nil, err
	}
	path := filepath.Join(folder, "model.onnx")
	inputs, _, err := onnxruntime_go.GetInputOutputInfo(path)
	if err != nil {
		return nil, err
	}
	names := make([]string, len(inputs))
	for i, in := range inputs {
		names[i] = in.Name
	}
	options, err := onnxruntime_go.NewSessionOptions()
	if err != nil {
		return nil, err
	}
	defer options.Destroy()
	if err := options.SetIntraOpNumThreads(1); err != nil {
		return nil, err
	}
	session, err := onnxruntime_go.NewDynamicAdvancedSession(path, names, []string{"probabilities"}, options)
	return &model{session, inputs}, err
}

// tensors puts rows into tensors; cell gives the text of a cell of a column.
func (m *model) tensors(rows, columns int, cell func(row, column int) string) ([]onnxruntime_go.Value, error) {
	if len(m.inputs) == 1 {
		numbers := make([]float32, rows*columns)
		for i := range numbers {
			number, err := strconv.ParseFloat(cell(i/columns, i%columns), 32)
			if err != nil {
				return nil, err
			}
			numbers[i] = float32(number)
		}
		tensor, err := onnxruntime_go.NewTensor(onnxruntime_go.NewShape(int64(rows), int64(columns)), numbers)
		return []onnxruntime_go.Value{tensor}, err
	}
	var tensors []onnxruntime_go.Value
	for c, in := range m.inputs {
		tensor, err := column(in, rows, func(row int) string { return cell(row, c) })
		if err != nil {
			return nil, err
		}
		tensors = append(tensors, tensor)
	}
	return tensors, nil
}

// column is the tensor of one column.
func column(in onnxruntime_go.InputOutputInfo, rows int, cell func(row int) string) (onnxruntime_go.Value, error) {
	shape := onnxruntime_go.NewShape(int64(rows), 1)
	if in.DataType == onnxruntime_go.TensorElementDataTypeString {
		tensor, err := onnxruntime_go.NewStringTensor(shape)
		if err != nil {
			return nil, err
		}
		texts := make([]string, rows)
		for i := range texts {
			texts[i] = cell(i)
		}
		return tensor, tensor.SetContents(texts)
	}
	numbers := make([]float32, rows)
	for i := range numbers {
		number, err := strconv.ParseFloat(cell(i), 32)
		if err != nil {
			return nil, err
		}
		numbers[i] = float32(number)
	}
	return onnxruntime_go.NewTensor(shape, numbers)
}

// run gives the probabilities.
func (m *model) run(tensors []onnxruntime_go.Value) ([]float32, error) {
	out := []onnxruntime_go.Value{nil}
	if err := m.session.Run(tensors, out); err != nil {
		return nil, err
	}
	defer out[0].Destroy()
	return append([]float32(nil), out[0].(*onnxruntime_go.Tensor[float32]).GetData()...), nil
}

// handler answers events with an object of features.
type handler struct{ model *model }

// Invoke implements lambda.Handler.
func (h handler) Invoke(_ context.Context, event []byte) ([]byte, error) {
	var object map[string]any
	if err := json.Unmarshal(event, &object); err != nil {
		return nil, err
	}
	names := make([]string, 0, len(object))
	if len(h.model.inputs) == 1 {
		for i := range len(object) {
			names = append(names, "feature_"+strconv.Itoa(i+1))
		}
	} else {
		for _, in := range h.model.inputs {
			names = append(names, in.Name)
		}
	}
	tensors, err := h.model.tensors(1, len(names), func(_, c int) string { return fmt.Sprint(object[names[c]]) })
	if err != nil {
		return nil, err
	}
	probabilities, err := h.model.run(tensors)
	if err != nil {
		return nil, err
	}
	return json.Marshal(map[string]float32{"probability": probabilities[1]})
}

// timeRows answers lines of ROWS SECONDS.
func timeRows(m *model, sample string) error {
	file, err := os.Open(sample)
	if err != nil {
		return err
	}
	defer file.Close()
	records, err := csv.NewReader(file).ReadAll()
	if err != nil {
		return err
	}
	rows := records[1:]
	calls := map[int][][]onnxruntime_go.Value{}
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		var count int
		var seconds float64
		if _, err := fmt.Sscan(lines.Text(), &count, &seconds); err != nil {
			return err
		}
		for i := len(calls[count]); i < max(1, 100/count); i++ {
			tensors, err := m.tensors(count, len(rows[0]), func(row, c int) string { return rows[(i*count+row)%len(rows)][c] })
			if err != nil {
				return err
			}
			calls[count] = append(calls[count], tensors)
		}
		done, from := 0, time.Now()
		for done == 0 || time.Since(from).Seconds() < seconds {
			if _, err := m.run(calls[count][done%len(calls[count])]); err != nil {
				return err
			}
			done++
		}
		fmt.Println(time.Since(from).Seconds() * 1e6 / float64(done*count))
	}
	return nil
}
