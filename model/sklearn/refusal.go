package sklearn

import (
	"fmt"
	"strings"

	"sklambda/model/pickle"
)

// Reason is one reason why a pipeline cannot be compiled.
type Reason struct {
	// Path is the step's place in the pipeline, e.g. "pipeline.preprocess.num".
	Path string
	// Class is the dotted class name of the step.
	Class string
	// What is what was got: a class, a parameter with its value, an attribute.
	What string
	// Why says what is not supported about it.
	Why string
	// Do says what the user can do.
	Do string
}

// String returns the reason on one line.
func (r Reason) String() string {
	return r.Path + " (" + r.Class + "): " + r.What + ": " + r.Why + "; " + r.Do
}

// Refusal is the error of Compile for a file that is readable but not supported. It lists every reason that was found.
type Refusal struct{ Reasons []Reason }

// Error returns the reasons, one a line.
func (r *Refusal) Error() string {
	lines := make([]string, len(r.Reasons))
	for i, reason := range r.Reasons {
		lines[i] = reason.String()
	}
	return strings.Join(lines, "\n")
}

// dumpItself says what to dump instead of a root that is no estimator: of a dict, the estimator that it holds.
func dumpItself(root pickle.Value) string {
	if d, ok := root.(*pickle.Dict); ok {
		for _, p := range d.Pairs {
			if obj, ok := p.Value.(*pickle.Object); ok {
				return fmt.Sprintf("dump what it holds under %s, %s: joblib.dump(d[%s], path)", describe(p.Key), obj.ClassName(), describe(p.Key))
			}
		}
	}
	return "dump the fitted pipeline itself: joblib.dump(pipeline, path)"
}
