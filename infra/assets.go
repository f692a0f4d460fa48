package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
)

// modelFolder is the folder of the model within a layer (/opt/model) and within a function's zip (/var/task/model).
const modelFolder = "model"

// Assets are the folders that CDK zips and uploads, and what they hold. A test fills them with stubs.
type Assets struct {
	// Models are one or more, in the order of the config.
	Models []ModelAssets
}

// ModelAssets are those of one model.
type ModelAssets struct {
	// Name is the model's in its routes, "" for /predict.
	Name string
	// Function holds the bootstrap, and with ModelInFunction the model folder.
	Function string
	// Layer holds the model folder; empty with ModelInFunction.
	Layer string
	// Hook holds the bootstrap of the deploy hooks, and with ModelInFunction the model folder; empty with StrategyDirect.
	Hook string
	// Model says which model it is.
	Model ModelIdentity
}

// ModelIdentity names a model.
type ModelIdentity struct {
	Name    string
	Version string
	// SHA256 of manifest.json, in hex. The manifest holds that of every other file.
	SHA256 string
	// LongestResult of a row in a batch, in bytes.
	LongestResult int
}

// prepareAssets proves the artifact of every model, builds the bootstrap and lays all out in a new folder below dist/. The caller
// calls remove when CDK has taken its copy; on an error nothing stays.
func prepareAssets(ctx context.Context, config Config, models []ModelConfig) (assets Assets, remove func(), err error) {
	artifacts := make([]*artifact, len(models))
	for i, m := range models {
		if artifacts[i], err = openArtifact(ctx, m.Dir); err != nil {
			return Assets{}, nil, err
		}
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

	built := map[string]string{} // the bootstrap's file, by the command's name
	for _, command := range commands(config) {
		built[command] = filepath.Join(stage, command, bootstrapName)
		if err := buildBootstrap(ctx, config.Architecture, command, built[command]); err != nil {
			return Assets{}, nil, err
		}
	}
	for i, m := range models {
		made, err := stageModel(filepath.Join(stage, strconv.Itoa(i)), config, artifacts[i], built)
		if err != nil {
			return Assets{}, nil, err
		}
		made.Name = m.Name
		assets.Models = append(assets.Models, made)
	}
	return assets, func() { os.RemoveAll(stage) }, nil
}

// stageModel lays out the folders of one model in dir. built are the bootstraps.
func stageModel(dir string, config Config, artifact *artifact, built map[string]string) (ModelAssets, error) {
	folders := map[string]string{}
	for command, bootstrap := range built {
		folders[command] = filepath.Join(dir, command)
		if err := makeFolder(folders[command]); err != nil {
			return ModelAssets{}, err
		}
		if err := copyFile(filepath.Join(folders[command], bootstrapName), bootstrap, 0o755); err != nil {
			return ModelAssets{}, err
		}
	}
	made := ModelAssets{Function: folders[functionCommand], Hook: folders[hookCommand], Model: artifact.identity}
	if config.Model == ModelInLayer {
		made.Layer = filepath.Join(dir, "layer")
		return made, artifact.stage(filepath.Join(made.Layer, modelFolder))
	}
	for _, folder := range folders {
		if err := artifact.stage(filepath.Join(folder, modelFolder)); err != nil {
			return ModelAssets{}, err
		}
	}
	return made, nil
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
