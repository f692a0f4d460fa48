package model

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"

	"sklambda/model/table"
)

// maxManifest is the largest manifest.json that is read.
const maxManifest = 32 << 20

// ReadManifest reads and checks manifest.json. Unknown fields, fields that occur twice and another schema_version are refused.
func ReadManifest(path string) (*Manifest, error) {
	m, _, err := readManifest(path)
	return m, err
}

// readManifest is ReadManifest with the sha256 of what was read, in hex.
func readManifest(path string) (m *Manifest, sum string, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, "", err
	}
	if info.Size() > maxManifest {
		return nil, "", fmt.Errorf("%s: %d bytes; at most %d are read", path, info.Size(), maxManifest)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, "", err
	}
	if m, err = decodeManifest(data); err != nil {
		return nil, "", fmt.Errorf("%s: %w", path, err)
	}
	hash := sha256.Sum256(data)
	return m, hex.EncodeToString(hash[:]), nil
}

// decodeManifest is ReadManifest for bytes.
func decodeManifest(data []byte) (*Manifest, error) {
	m, d := &Manifest{}, table.NewDecoder(data)
	err := readManifestFields(d, m)
	if err != nil || m.SchemaVersion != SchemaVersion {
		return nil, cmp.Or(checkVersion(data), notManifest(err)) // what another version has may well be unknown here
	}
	if err := d.End(); err != nil {
		return nil, notManifest(err)
	}
	if err := m.validate(); err != nil {
		return nil, err
	}
	return m, m.validateFiles()
}

func notManifest(err error) error { return fmt.Errorf("not a manifest: %w", err) }

// checkVersion says what is wrong with the schema_version.
func checkVersion(data []byte) error {
	var head struct {
		SchemaVersion *int `json:"schema_version"`
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return notManifest(err)
	}
	if head.SchemaVersion == nil {
		return errors.New("schema_version is missing: this is not a manifest of sklambda")
	}
	if v := *head.SchemaVersion; v != SchemaVersion {
		return fmt.Errorf("schema_version is %d, this sklambda reads %d: build the artifact again with this sklambda, or use the one that built it",
			v, SchemaVersion)
	}
	return nil
}

// Encode returns the bytes of manifest.json: the same manifest gives the same bytes.
func (m *Manifest) Encode() ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(m); err != nil {
		return nil, err
	}
	if b.Len() > maxManifest {
		return nil, fmt.Errorf("%s would have %d bytes; at most %d are allowed", ManifestFile, b.Len(), maxManifest)
	}
	return b.Bytes(), nil
}

// validateFiles checks Files and Golden.
func (m *Manifest) validateFiles() error {
	want := 1
	if m.Golden != nil {
		want = 2
		if _, ok := m.Files[GoldenFile]; !ok {
			return fmt.Errorf("files does not name %s, which golden describes", GoldenFile)
		}
		if err := m.Golden.validate(); err != nil {
			return err
		}
	}
	if _, ok := m.Files[PlanFile]; !ok || len(m.Files) != want {
		return fmt.Errorf("files names %d files; %s, and %s if there is golden, are allowed", len(m.Files), PlanFile, GoldenFile)
	}
	for name, f := range m.Files {
		if len(f.SHA256) != 64 || strings.Trim(f.SHA256, "0123456789abcdef") != "" || f.Size < 1 {
			return fmt.Errorf("files: %s has the sha256 %q and the size %d; 64 hexadecimal digits and at least 1 are allowed", name, f.SHA256, f.Size)
		}
	}
	return nil
}

func (g *Golden) validate() error {
	if g.Rows < 1 || g.Undecided < 0 || len(g.SelfTest) < min(g.Rows, selfTestRows) || len(g.SelfTest) > selfTestRows {
		return fmt.Errorf("golden has %d rows, %d undecided and %d self-test rows; at least 1, 0 and %d are allowed",
			g.Rows, g.Undecided, len(g.SelfTest), min(g.Rows, selfTestRows))
	}
	if g.Hunt != nil && (g.Hunt.Rows < 0 || g.Hunt.Largest < 0) {
		return fmt.Errorf("golden: hunt has %d rows and the largest error %g; at least 0 are allowed", g.Hunt.Rows, g.Hunt.Largest)
	}
	last := -1
	for _, row := range g.SelfTest {
		if row <= last || row >= g.Rows {
			return fmt.Errorf("golden: self_test is %v; ascending rows below %d are allowed", g.SelfTest, g.Rows)
		}
		last = row
	}
	return nil
}

// MinGoldenRows is how many golden rows an artifact needs to be certified.
const MinGoldenRows = 200

// Uncertified says why the artifact is not certified; it is empty if it is.
func (m *Manifest) Uncertified() string {
	switch {
	case m.Golden == nil:
		return "it has no golden rows: nobody has compared its answers with scikit-learn's; make it with python -m sklambda export"
	case m.Golden.Rows < MinGoldenRows:
		return fmt.Sprintf("it has %d golden rows, %d are needed; make it with python -m sklambda export", m.Golden.Rows, MinGoldenRows)
	default:
		return ""
	}
}
