package sklearn

import (
	"strings"

	"sklambda/model/pickle"
)

// imblearnPipelineClass is the Pipeline of imbalanced-learn.
const imblearnPipelineClass = "imblearn.pipeline.Pipeline"

// imblearnConverters holds the classes of imbalanced-learn. A Pipeline of it answers for new rows as one of scikit-learn does: see pipelineSteps.
func imblearnConverters() map[string]converter {
	return map[string]converter{
		imblearnPipelineClass: {transform: transformPipeline, predict: predictPipeline, composite: true},
	}
}

// isPipeline reports whether a class is a Pipeline.
func isPipeline(class string) bool { return class == pipelineClass || class == imblearnPipelineClass }

// isSampler reports whether a step of imblearn.pipeline.Pipeline has fit_resample: such a step changes the rows of the fit alone, and _iter leaves it out of
// everything that answers for new rows. These modules hold nothing else that a pipeline takes.
func isSampler(v pickle.Value) bool {
	obj, ok := v.(*pickle.Object)
	if !ok {
		return false
	}
	class := obj.ClassName()
	for _, module := range []string{"imblearn.over_sampling.", "imblearn.under_sampling.", "imblearn.combine."} {
		if strings.HasPrefix(class, module) {
			return true
		}
	}
	return class == "imblearn.base.FunctionSampler"
}
