package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// checkers is where make puts cfn-lint and checkov, pinned by requirements.txt.
const checkers = "../.tmp/checkers/bin"

// checkTimeout bounds one run of a checker.
const checkTimeout = 3 * time.Minute

// runChecker runs a checker over the templates of all environments and variants, and returns what it printed. It does not look for
// news of itself, and its status says only whether there are findings.
func runChecker(t *testing.T, name string, args ...string) []byte {
	t.Helper()
	if _, err := os.Stat(filepath.Join(checkers, name)); err != nil {
		if os.Getenv("REQUIRE_ALL") != "" {
			t.Fatalf("%v: run make checkers", err)
		}
		t.Skipf("%v: run make checkers", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), checkTimeout)
	defer cancel()
	command := exec.CommandContext(ctx, filepath.Join(checkers, name), args...)
	for _, config := range slices.Concat(environments(), variants()) {
		synthesize(t, config)
		command.Args = append(command.Args, templatePath(config))
	}
	command.WaitDelay = time.Second
	var out, problems bytes.Buffer
	command.Stdout, command.Stderr = &out, &problems
	if err := command.Run(); err != nil && command.ProcessState.ExitCode() < 0 || out.Len() == 0 {
		t.Fatalf("%s: %v\n%s", name, err, problems.Bytes())
	}
	return out.Bytes()
}

// checkAcknowledged holds that each acknowledgement of a tool is of use: used has id and reason of what the tool passed over.
func checkAcknowledged(t *testing.T, tool string, used map[string]bool) {
	t.Helper()
	for _, a := range acknowledged {
		if a.tool == tool && !used[a.id+": "+a.reason] {
			t.Errorf("%s %s is acknowledged (%s), but nothing has it", a.tool, a.id, a.reason)
		}
	}
}

func TestCfnLint(t *testing.T) {
	var findings []struct {
		Filename string
		Message  string
		Rule     struct {
			ID string `json:"Id"`
		}
	}
	if err := json.Unmarshal(runChecker(t, "cfn-lint", "--format", "json"), &findings); err != nil {
		t.Fatal(err)
	}
	for _, f := range findings {
		t.Errorf("%s: %s: %s", filepath.Base(f.Filename), f.Rule.ID, f.Message)
	}
}

func TestCheckov(t *testing.T) {
	type check struct {
		CheckID     string `json:"check_id"`
		CheckName   string `json:"check_name"`
		FilePath    string `json:"file_path"`
		Resource    string
		CheckResult struct {
			Comment string `json:"suppress_comment"`
		} `json:"check_result"`
	}
	var report struct {
		Results struct {
			Failed  []check `json:"failed_checks"`
			Skipped []check `json:"skipped_checks"`
		}
		Summary struct {
			Passed        int
			ParsingErrors int `json:"parsing_errors"`
		}
	}
	if err := json.Unmarshal(runChecker(t, "checkov", "--framework", "cloudformation", "--compact", "--skip-download", "--output", "json", "--file"), &report); err != nil {
		t.Fatal(err)
	}
	if report.Summary.Passed == 0 || report.Summary.ParsingErrors > 0 {
		t.Errorf("%d checks passed, %d templates could not be read", report.Summary.Passed, report.Summary.ParsingErrors)
	}
	for _, f := range report.Results.Failed {
		t.Errorf("%s: %s: %s: %s", filepath.Base(f.FilePath), f.Resource, f.CheckID, f.CheckName)
	}
	used := map[string]bool{}
	for _, s := range report.Results.Skipped {
		used[s.CheckID+": "+s.CheckResult.Comment] = true
	}
	checkAcknowledged(t, checkov, used)
}

func TestCDKNag(t *testing.T) {
	used := map[string]bool{}
	for _, config := range slices.Concat(environments(), variants()) {
		synthesize(t, config)
		var report struct {
			Lines []struct{ RuleID, ResourceID, Compliance, ExceptionReason, RuleInfo string }
		}
		readJSON(t, filepath.Join(assemblies, config.Name, fmt.Sprintf("AwsSolutions-sklambda-%s-NagReport.json", config.Name)), &report)
		if len(report.Lines) == 0 {
			t.Errorf("%s: cdk-nag looked at nothing", config.Name)
		}
		for _, line := range report.Lines {
			switch line.Compliance {
			case "Compliant":
			case "Suppressed":
				_, reason, found := strings.Cut(line.ExceptionReason, "] ") // [what it names] reason
				if !found {
					reason = line.ExceptionReason
				}
				used[line.RuleID+": "+reason] = true
			default:
				t.Errorf("%s: %s is %s: %s", line.ResourceID, line.RuleID, line.Compliance, line.RuleInfo)
			}
		}
	}
	checkAcknowledged(t, cdkNag, used)
}

// Actions of the workflows are pinned by commit, with the version that it was: a tag can be moved.
func TestWorkflowsArePinned(t *testing.T) {
	files, err := filepath.Glob("../.github/workflows/*.yml")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	pinned := regexp.MustCompile(`uses: [\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$`)
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(data)) {
			if line = strings.TrimSpace(line); strings.Contains(line, "uses:") && !pinned.MatchString(line) {
				t.Errorf("%s: %s is not pinned by a commit", filepath.Base(file), line)
			}
		}
	}
}
