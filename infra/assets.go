package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// modelFolder is the folder of the model within a layer (/opt/model) and within a function's zip (/var/task/model).
const modelFolder = "model"

// Assets are the folders that CDK zips and uploads, and what they hold. A test fills them with stubs.
type Assets struct {
	// Function holds the bootstrap, and with ModelInFunction the model folder.
	Function string
	// Layer holds the model folder; empty with ModelInFunction.
	Layer string
	// Model says which model it is.
	Model ModelIdentity
}

// ModelIdentity names a model.
type ModelIdentity struct {
	Name    string
	Version string
	// SHA256 of manifest.json, in hex. The manifest holds that of every other file.
	SHA256 string
}

// prepareAssets proves the artifact at modelDir, builds the bootstrap and lays both out in a new folder below dist/. The
// caller calls remove when CDK has taken its copy; on an error nothing stays.
func prepareAssets(ctx context.Context, config Config, modelDir string) (assets Assets, remove func(), err error) {
	artifact, err := openArtifact(ctx, modelDir)
	if err != nil {
		return Assets{}, nil, err
	}
	if err := os.MkdirAll(distDir, 0o755); err != nil {
		return Assets{}, nil, err
	}
	stage, err := os.MkdirTemp(distDir, "synth-*")
	if err != nil {
		return Assets{}, nil, err
	}
	defer func() {
		if err != nil {
			os.RemoveAll(stage)
		}
	}()

	assets = Assets{Function: filepath.Join(stage, "function"), Model: artifact.identity}
	if err := buildBootstrap(ctx, config.Architecture, filepath.Join(assets.Function, bootstrapName)); err != nil {
		return Assets{}, nil, err
	}
	carrier := assets.Function
	if config.Model == ModelInLayer {
		assets.Layer = filepath.Join(stage, "layer")
		carrier = assets.Layer
	}
	if err := artifact.stage(filepath.Join(carrier, modelFolder)); err != nil {
		return Assets{}, nil, err
	}
	return assets, func() { os.RemoveAll(stage) }, nil
}

// copyFile copies a file with the given mode, whatever the umask: Lambda runs as another user than the one who zips.
func copyFile(to, from string, mode os.FileMode, also ...io.Writer) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	if _, err := io.Copy(io.MultiWriter(append(also, out)...), in); err != nil {
		return fmt.Errorf("copy %s: %w", from, err)
	}
	return out.Chmod(mode)
}

// makeFolder makes a folder that everybody may enter, whatever the umask.
func makeFolder(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	return os.Chmod(dir, 0o755)
}
