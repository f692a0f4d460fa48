// Package e2e deploys the app into a local AWS emulator and calls it there: `make e2e`. The tests run real commands of the CDK and
// real processes of the bootstrap; they only start with E2E=1 in the environment, because they need what the make target prepares.
//
// The emulator is ministack, started through a wrapper (e2e/emulator) that fills its gaps and prints what it changes. One test runs
// against ministack as it is. What neither can show is in docs/operations.md, and infra's tests assert it in the template.
package e2e
