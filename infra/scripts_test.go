package main

import (
	"cmp"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// runScript runs a script of this folder with an AWS CLI that answers as told: by the command's first two words, "" for a failure. It returns
// what the script printed, and the calls that the CLI got.
func runScript(t *testing.T, answers map[string]string, script string, args ...string) (output, calls string, err error) {
	t.Helper()
	bin := t.TempDir()
	var fake strings.Builder
	fmt.Fprintf(&fake, "#!/bin/bash\necho \"$@\" >> %s/calls\ncase \"$1 $2\" in\n", bin)
	for call, answer := range answers {
		if answer == "" {
			fmt.Fprintf(&fake, "%q) echo 'Unable to locate credentials' >&2; exit 255;;\n", call)
			continue
		}
		fmt.Fprintf(&fake, "%q) printf %q;;\n", call, answer)
	}
	fake.WriteString("*) echo \"not expected: $@\" >&2; exit 254;;\nesac\n")
	if err := os.WriteFile(filepath.Join(bin, "aws"), []byte(fake.String()), 0o755); err != nil {
		t.Fatal(err)
	}
	path, err := filepath.Abs(script)
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), path, args...)
	command.Env = append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"), "AWS_REGION=", "AWS_DEFAULT_REGION=")
	command.Dir = ".."
	printed, err := command.CombinedOutput()
	recorded, _ := os.ReadFile(filepath.Join(bin, "calls"))
	return string(printed), string(recorded), err
}

func TestRollback(t *testing.T) {
	const region, outputs, alias, versions = "configure get", "cloudformation describe-stacks", "lambda get-alias", "lambda list-versions-by-function"
	for _, tt := range []struct {
		name     string
		answers  map[string]string
		args     []string
		want     string // in the output
		wantMove string // version that the alias is moved to; empty for a refusal
	}{
		{"to the one before", map[string]string{outputs: "predict", alias: "10\t0", versions: "$LATEST\t9\t10\t2"}, nil,
			"was at version 10, and is at version 9 now", "9"},
		{"to a version of one's choice", map[string]string{alias: "2\t0", versions: "$LATEST\t1\t2\t3"}, []string{"predict", "3"},
			"was at version 2, and is at version 3 now", "3"},
		{"at the first", map[string]string{outputs: "predict", alias: "1\t0", versions: "$LATEST\t1"}, nil, "there is no version before it", ""},
		{"no such version", map[string]string{alias: "2\t0", versions: "$LATEST\t1\t2"}, []string{"predict", "7"}, "predict has no version 7: there are 1 2", ""},
		{"there already", map[string]string{alias: "2\t0", versions: "$LATEST\t1\t2"}, []string{"predict", "2"}, "is at version 2 already", ""},
		{"in the middle of a canary", map[string]string{outputs: "predict", alias: "1\t1"}, nil, "aws deploy stop-deployment --auto-rollback-enabled", ""},
		{"several functions", map[string]string{outputs: "predict\tchurn"}, nil, "name one by FUNCTION=…: predict\tchurn", ""},
		{"no credentials", map[string]string{outputs: ""}, nil, "Unable to locate credentials", ""},
		{"no region", map[string]string{region: "\n"}, nil, "rollback: no region: name that of the stack, by AWS_REGION=…", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.answers["lambda update-alias"] = "arn"
			tt.answers[region] = cmp.Or(tt.answers[region], "eu-central-1")
			output, calls, err := runScript(t, tt.answers, "rollback.sh", append([]string{"sklambda-dev"}, tt.args...)...)
			if (err == nil) != (tt.wantMove != "") || !strings.Contains(output, tt.want) {
				t.Errorf("got %v, printed %q, want %q in it", err, output, tt.want)
			}
			move := "update-alias --function-name predict --name live --function-version " + tt.wantMove + " "
			if moved := strings.Contains(calls, "update-alias"); moved != (tt.wantMove != "") || moved && !strings.Contains(calls, move) {
				t.Errorf("called\n%swant a move to %q", calls, tt.wantMove)
			}
		})
	}
}

func TestPreflight(t *testing.T) {
	if _, err := os.Stat("../dist/sklambda"); err != nil {
		t.Skip("dist/sklambda is not built: run make build")
	}
	const identity, region, bootstrap = "sts get-caller-identity", "configure get", "cloudformation describe-stacks"
	bad := writeArtifact(t, 0)
	for _, tt := range []struct {
		name    string
		answers map[string]string
		args    []string
		want    []string // in the output
		asked   string   // the region in which the bootstrap stack is looked for; empty for not at all
		wantErr bool
	}{
		{"all there", map[string]string{identity: "123456789012", region: "eu-central-1", bootstrap: "CREATE_COMPLETE"}, []string{"model/artifact"},
			[]string{"account 123456789012, region eu-central-1"}, "eu-central-1", false},
		{"a pinned environment", map[string]string{identity: "123456789012", bootstrap: "CREATE_COMPLETE"}, []string{"model/artifact", "eu-west-1", "123456789012"},
			[]string{"account 123456789012, region eu-west-1"}, "eu-west-1", false},
		{"no bootstrap where it is pinned to", map[string]string{identity: "123456789012", bootstrap: ""}, []string{"model/artifact", "eu-west-1"},
			[]string{"aws://123456789012/eu-west-1"}, "eu-west-1", true},
		{"credentials of another account", map[string]string{identity: "123456789012"}, []string{"model/artifact", "eu-west-1", "210987654321"},
			[]string{"pinned to account 210987654321", "credentials of account 123456789012"}, "", true},
		{"no credentials and no proof", map[string]string{identity: "", region: "eu-central-1"}, []string{bad},
			[]string{"no credentials", "Unable to locate credentials", "is not proven"}, "", true},
		{"no region", map[string]string{identity: "123456789012", region: "\n"}, []string{"model/artifact"}, []string{"no region"}, "", true},
		{"nothing", map[string]string{identity: "", region: "\n"}, []string{bad}, []string{"no region", "no credentials", "is not proven"}, "", true},
		{"no bootstrap", map[string]string{identity: "123456789012", region: "eu-central-1", bootstrap: ""}, []string{"model/artifact"},
			[]string{"npx cdk bootstrap --app '' aws://123456789012/eu-central-1"}, "eu-central-1", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			output, calls, err := runScript(t, tt.answers, "preflight.sh", tt.args...)
			if (err != nil) != tt.wantErr {
				t.Errorf("got %v: %s", err, output)
			}
			for _, want := range tt.want {
				if !strings.Contains(output, want) {
					t.Errorf("printed %q, want %q in it", output, want)
				}
			}
			_, asked, _ := strings.Cut(calls, bootstrap+" --region ")
			if got, _, _ := strings.Cut(asked, " "); got != tt.asked {
				t.Errorf("called\n%swant a look for the bootstrap stack in region %q", calls, tt.asked)
			}
		})
	}
}
