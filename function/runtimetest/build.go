package runtimetest

import (
	"fmt"
	"os"
	"os/exec"
)

// Build builds the package in the folder dir for an architecture, as the Makefile and infra do.
func Build(dir, goarch, out string) error {
	build := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-tags", "lambda.norpc,nethttpomithttp2", "-ldflags", "-s -w", "-o", out, ".")
	build.Dir = dir
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+goarch)
	if output, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("go build of %s for %s: %w\n%s", dir, goarch, err, output)
	}
	return nil
}
