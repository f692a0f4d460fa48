// A module of its own: the project does not depend on cgo or onnxruntime.
module sklambda/bench/onnx

go 1.26

require (
	github.com/aws/aws-lambda-go v1.55.1
	github.com/yalue/onnxruntime_go v1.27.0
)
