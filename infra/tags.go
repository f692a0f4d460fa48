package main

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/jsii-runtime-go"
)

// Keys of the tags on every resource.
const (
	projectTag     = "project"
	environmentTag = "environment"
)

// AWS's limits on the tags of a resource.
const (
	maxTags     = 48 // of 50, with the stack's own two
	maxTagKey   = 128
	maxTagValue = 256
)

var tagPattern = regexp.MustCompile(`^[\p{L}\p{Z}\p{N}_.:/=+@-]*$`)

// tagsOf are the tags of every resource.
func tagsOf(config Config) map[string]*string {
	tags := map[string]*string{projectTag: jsii.String("sklambda"), environmentTag: jsii.String(config.Name)}
	for key, value := range config.Tags {
		tags[key] = jsii.String(value)
	}
	return tags
}

// validateTags compares keys without case, as IAM does: it takes no role with both "owner" and "Owner".
func (c Config) validateTags(wrong *complaints) {
	if len(c.Tags) > maxTags {
		wrong.refuse("Tags has %d: allowed are up to %d", len(c.Tags), maxTags)
	}
	seen := map[string]string{}
	for _, key := range slices.Sorted(maps.Keys(c.Tags)) {
		if problem := checkTag(key, c.Tags[key]); problem != "" {
			wrong.refuse("Tags has %q=%q: %s", key, c.Tags[key], problem)
		}
		if other, ok := seen[strings.ToLower(key)]; ok {
			wrong.refuse("Tags has %q and %q: allowed is a key once, upper and lower case alike", other, key)
		}
		seen[strings.ToLower(key)] = key
	}
}

func checkTag(key, value string) string {
	switch {
	case strings.EqualFold(key, projectTag) || strings.EqualFold(key, environmentTag):
		return "the key is set by the stack itself"
	case key == "" || len(key) > maxTagKey || strings.HasPrefix(strings.ToLower(key), "aws:"):
		return fmt.Sprintf("allowed is a key of 1 to %d bytes that does not start with aws:", maxTagKey)
	case !tagPattern.MatchString(key + value):
		return "allowed are letters, digits, spaces and _ . : / = + - @"
	case len(value) > maxTagValue:
		return fmt.Sprintf("allowed is a value of up to %d bytes", maxTagValue)
	}
	return ""
}
