package main

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// Limits of AWS that a Config is checked against.
const (
	minMemoryMB, maxMemoryMB = 128, 10240
	// maxTimeoutSeconds stays below the 30 seconds after which an HTTP API gives up on its integration.
	maxTimeoutSeconds = 29
	// maxStepMinutes is the longest step of a deployment, maxShiftMinutes all of them: CodeDeploy gives up after two days.
	maxStepMinutes, maxShiftMinutes = 1440, 2880
	// maxBatchConcurrency is Lambda's default limit on an account.
	maxBatchConcurrency = 1000
)

// retentionDays are the retentions that CloudWatch Logs knows (PutRetentionPolicy).
var retentionDays = []int{1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653}

var (
	namePattern    = regexp.MustCompile(`^[a-z][a-z0-9-]{0,31}$`)
	accountPattern = regexp.MustCompile(`^[0-9]{12}$`)
	regionPattern  = regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-[0-9]$`)
	stagePattern   = regexp.MustCompile(`^(\$default|[A-Za-z0-9_-]{1,128})$`)
	domainPattern  = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$`)
	zonePattern    = regexp.MustCompile(`^Z[A-Z0-9]{1,31}$`)
	originPattern  = regexp.MustCompile(`^https?://([a-z0-9._-]+|\[[0-9a-f:]+\])(:[1-9][0-9]{0,4})?$`)
	emailPattern   = regexp.MustCompile(`^[^@\s]+@[^@\s]+\.[^@\s]+$`)

	certificatePattern = regexp.MustCompile(`^arn:aws[a-z-]*:acm:[a-z0-9-]+:[0-9]{12}:certificate/[A-Za-z0-9-]+$`)
	basePathPattern    = regexp.MustCompile(`^([A-Za-z0-9$_.+!*'()-]+(/[A-Za-z0-9$_.+!*'()-]+)*)?$`)
)

// complaints gathers what is wrong with an environment.
type complaints []string

func (w *complaints) refuse(format string, args ...any) {
	*w = append(*w, fmt.Sprintf(format, args...))
}

func (w *complaints) within(field string, got, low, high int) {
	if got < low || got > high {
		w.refuse("%s is %d: allowed is %d to %d", field, got, low, high)
	}
}

func (w *complaints) atLeast(field string, got, low int, unit string) {
	if got < low {
		w.refuse("%s is %d: allowed is %d or more %s", field, got, low, unit)
	}
}

func (w *complaints) matches(field, got string, pattern *regexp.Regexp, allowed string) {
	if !pattern.MatchString(got) {
		w.refuse("%s is %q: %s", field, got, allowed)
	}
}

func oneOf[T ~string](w *complaints, field string, got T, allowed ...T) {
	if !slices.Contains(allowed, got) {
		w.refuse("%s is %q: allowed are %s", field, got, strings.Trim(strings.Join(strings.Fields(fmt.Sprint(allowed)), ", "), "[]"))
	}
}

// validate names everything that is wrong with the environment: what was got, and what is allowed.
func (c Config) validate() error {
	var wrong complaints
	c.validatePlace(&wrong)
	c.validateFunction(&wrong)
	c.validateModels(&wrong)
	c.validateFront(&wrong)
	c.validateAuth(&wrong)
	c.validateDomain(&wrong)
	c.validateDeploy(&wrong)
	c.validateAlarms(&wrong)
	c.validateBatch(&wrong)
	c.validateTags(&wrong)
	if wrong == nil {
		return nil
	}
	return fmt.Errorf("environment %q: %s", c.Name, strings.Join(wrong, "; "))
}

func (c Config) validatePlace(wrong *complaints) {
	wrong.matches("Name", c.Name, namePattern, "allowed are lower-case letters, digits and hyphens, a letter first, at most 32")
	if c.Account != "" {
		wrong.matches("Account", c.Account, accountPattern, "allowed are 12 digits, or nothing")
	}
	if c.Region != "" {
		wrong.matches("Region", c.Region, regionPattern, "allowed is a name such as eu-central-1, or nothing")
	}
	if c.Account != "" && c.Region == "" {
		wrong.refuse("Account is %q without a Region: give both", c.Account)
	}
}

func (c Config) validateFunction(wrong *complaints) {
	oneOf(wrong, "Architecture", c.Architecture, "arm64", "amd64")
	wrong.within("MemoryMB", c.MemoryMB, minMemoryMB, maxMemoryMB)
	wrong.within("TimeoutSeconds", c.TimeoutSeconds, 1, maxTimeoutSeconds)
	oneOf(wrong, "Model", c.Model, ModelInLayer, ModelInFunction)
	oneOf(wrong, "LogLevel", c.LogLevel, "debug", "info", "warn", "error")
	if !slices.Contains(retentionDays, c.LogRetentionDays) {
		wrong.refuse("LogRetentionDays is %d: allowed are %s", c.LogRetentionDays, strings.Trim(fmt.Sprint(retentionDays), "[]"))
	}
	wrong.atLeast("ReservedConcurrency", c.ReservedConcurrency, 0, "environments")
	p := c.ProvisionedConcurrency
	if p == nil {
		return
	}
	wrong.atLeast("ProvisionedConcurrency.Min", p.Min, 1, "environments")
	if most := max(p.Min, p.Max); c.ReservedConcurrency > 0 && most > c.ReservedConcurrency {
		wrong.refuse("ProvisionedConcurrency goes up to %d: allowed is up to ReservedConcurrency, %d", most, c.ReservedConcurrency)
	}
	switch {
	case p.Max == 0 && p.TargetPercent != 0:
		wrong.refuse("ProvisionedConcurrency.TargetPercent is %d without a Max: give both, or neither", p.TargetPercent)
	case p.Max != 0 && p.Max <= p.Min:
		wrong.refuse("ProvisionedConcurrency.Max is %d: allowed is more than Min, %d, or 0 for no scaling", p.Max, p.Min)
	case p.Max != 0:
		wrong.within("ProvisionedConcurrency.TargetPercent", p.TargetPercent, 10, 90)
	}
}

func (c Config) validateModels(wrong *complaints) {
	seen := map[string]bool{}
	for _, m := range c.Models {
		if m.Name != "" {
			wrong.matches("Models.Name", m.Name, namePattern, "allowed are lower-case letters, digits and hyphens, a letter first, at most 32, or nothing")
		}
		if id := pascal(m.Name); seen[id] {
			wrong.refuse("Models has %q twice: allowed is a name once, hyphens aside", m.Name)
		} else {
			seen[id] = true
		}
	}
	if c.Front == FrontFunctionURL && (len(c.Models) > 1 || len(c.Models) == 1 && c.Models[0].Name != "") {
		wrong.refuse("Models needs Front %q: a Function URL has one model, without a name", FrontHTTPAPI)
	}
}

func (c Config) validateFront(wrong *complaints) {
	oneOf(wrong, "Front", c.Front, FrontHTTPAPI, FrontFunctionURL)
	wrong.matches("Stage", c.Stage, stagePattern, "allowed are $default, or up to 128 letters, digits, - and _")
	if c.Front == FrontFunctionURL && c.Stage != defaultStage {
		wrong.refuse("Stage is %q: allowed with Front %q is $default, it has no stages", c.Stage, FrontFunctionURL)
	}
	wrong.atLeast("RateLimit", c.RateLimit, 1, "requests a second")
	wrong.atLeast("BurstLimit", c.BurstLimit, 1, "requests")
	for _, origin := range c.CORSOrigins {
		if problem := checkOrigin(origin, len(c.CORSOrigins)); problem != "" {
			wrong.refuse("CORSOrigins has %q: %s", origin, problem)
		}
	}
}

func (c Config) validateAuth(wrong *complaints) {
	oneOf(wrong, "Auth.Kind", c.Auth.Kind, AuthNone, AuthIAM, AuthJWT)
	if c.Front == FrontFunctionURL && c.Auth.Kind != AuthIAM {
		wrong.refuse("Auth.Kind is %q: allowed with Front %q is %s", c.Auth.Kind, FrontFunctionURL, AuthIAM)
	}
	if c.Auth.Kind != AuthJWT {
		if c.Auth.Issuer != "" || len(c.Auth.Audiences) > 0 {
			wrong.refuse("Auth.Issuer and Auth.Audiences are for Auth.Kind %q: it is %q", AuthJWT, c.Auth.Kind)
		}
		return
	}
	if problem := checkIssuer(c.Auth.Issuer); problem != "" {
		wrong.refuse("Auth.Issuer is %q: %s", c.Auth.Issuer, problem)
	}
	blank := func(audience string) bool { return strings.TrimSpace(audience) == "" }
	if len(c.Auth.Audiences) == 0 || slices.ContainsFunc(c.Auth.Audiences, blank) {
		wrong.refuse("Auth.Audiences are %q: allowed are one or more, none of them empty", c.Auth.Audiences)
	}
}

func (c Config) validateDomain(wrong *complaints) {
	d := c.Domain
	if d == nil {
		return
	}
	if c.Front != FrontHTTPAPI {
		wrong.refuse("Domain needs Front %q: a Function URL has the address that AWS gives it", FrontHTTPAPI)
	}
	wrong.matches("Domain.Name", d.Name, domainPattern, "allowed is a host name in lower case such as predict.example.com")
	wrong.matches("Domain.CertificateARN", d.CertificateARN, certificatePattern, "allowed is the ARN of a certificate, arn:aws:acm:REGION:ACCOUNT:certificate/ID")
	wrong.matches("Domain.BasePath", d.BasePath, basePathPattern, "allowed are letters, digits and $ - _ . + ! * ' ( ) /, no slash at an end, or nothing")
	if parts := strings.Split(d.CertificateARN, ":"); len(parts) > 4 && c.Region != "" && (parts[3] != c.Region || c.Account != "" && parts[4] != c.Account) {
		wrong.refuse("Domain.CertificateARN is %q: allowed is a certificate of the stack's own region and account, %s %s", d.CertificateARN, c.Region, c.Account)
	}
	if d.HostedZoneID != "" {
		wrong.matches("Domain.HostedZoneID", d.HostedZoneID, zonePattern, "allowed is the id of a Route 53 zone such as Z0123456789ABC, or nothing")
	}
}

func (c Config) validateDeploy(wrong *complaints) {
	oneOf(wrong, "Deploy.Strategy", c.Deploy.Strategy, StrategyDirect, StrategyAllAtOnce, StrategyCanary, StrategyLinear)
	switch c.Deploy.Strategy {
	case StrategyCanary, StrategyLinear:
		wrong.within("Deploy.Percent", c.Deploy.Percent, 1, 99)
		wrong.within("Deploy.Minutes", c.Deploy.Minutes, 1, maxStepMinutes)
		if steps := (99 + c.Deploy.Percent) / max(1, c.Deploy.Percent); c.Deploy.Strategy == StrategyLinear && (steps-1)*c.Deploy.Minutes > maxShiftMinutes {
			wrong.refuse("Deploy takes %d minutes, at %d %% every %d: allowed is up to %d", (steps-1)*c.Deploy.Minutes, c.Deploy.Percent, c.Deploy.Minutes, maxShiftMinutes)
		}
	default:
		if c.Deploy.Percent != 0 || c.Deploy.Minutes != 0 {
			wrong.refuse("Deploy.Percent and Deploy.Minutes are for the strategies canary and linear: it is %q", c.Deploy.Strategy)
		}
	}
}

func (c Config) validateAlarms(wrong *complaints) {
	if c.Alarms.Email != "" {
		wrong.matches("Alarms.Email", c.Alarms.Email, emailPattern, "allowed is an address such as team@example.com, or nothing")
	}
	wrong.within("Alarms.PeriodMinutes", c.Alarms.PeriodMinutes, 1, 60)
	wrong.atLeast("Alarms.ServerErrors", c.Alarms.ServerErrors, 1, "answers")
	wrong.atLeast("Alarms.FunctionErrors", c.Alarms.FunctionErrors, 1, "invocations")
	wrong.atLeast("Alarms.Throttles", c.Alarms.Throttles, 1, "invocations")
	wrong.within("Alarms.P99Milliseconds", c.Alarms.P99Milliseconds, 1, max(1, c.TimeoutSeconds)*1000)
	if c.Budget != nil {
		wrong.atLeast("Budget.MonthlyUSD", c.Budget.MonthlyUSD, 1, "dollars a month")
	}
}

func (c Config) validateBatch(wrong *complaints) {
	b := c.Batch
	if b == nil {
		return
	}
	wrong.within("Batch.MaxConcurrency", b.MaxConcurrency, 1, maxBatchConcurrency)
	wrong.atLeast("Batch.ExpireDays", b.ExpireDays, 1, "days")
	if c.ReservedConcurrency > 0 && b.MaxConcurrency >= c.ReservedConcurrency {
		wrong.refuse("Batch.MaxConcurrency is %d: allowed is less than ReservedConcurrency, %d, of which the API needs some", b.MaxConcurrency, c.ReservedConcurrency)
	}
}

// checkOrigin says what is wrong with one of n allowed origins; browsers compare the Origin header byte by byte, so that
// a path, a trailing slash or an upper-case letter would never match.
func checkOrigin(origin string, n int) string {
	if origin == "*" {
		if n > 1 {
			return "allowed is * alone, or origins without it"
		}
		return ""
	}
	if !originPattern.MatchString(origin) {
		return "allowed is scheme://host or scheme://host:port in lower case, https or http, with nothing behind it and no * in it"
	}
	return ""
}

// checkIssuer says what is wrong with the issuer of tokens. API Gateway asks https alone; a local emulator of it may have its issuer
// beside it.
func checkIssuer(issuer string) string {
	u, err := url.Parse(issuer)
	local := err == nil && u.Scheme == "http" && (u.Hostname() == "localhost" || u.Hostname() == "127.0.0.1")
	if err != nil || (u.Scheme != "https" && !local) || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return "allowed is the https address of an OpenID Connect issuer, as its tokens have it in iss"
	}
	return ""
}
