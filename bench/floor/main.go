// Command floor is the smallest bootstrap that answers: aws-lambda-go with a constant handler. Cold starts are measured against it.
package main

import (
	"context"

	"github.com/aws/aws-lambda-go/lambda"
)

// constant answers every event alike.
type constant struct{}

// Invoke implements lambda.Handler.
func (constant) Invoke(context.Context, []byte) ([]byte, error) { return []byte("{}"), nil }

func main() { lambda.Start(constant{}) }
