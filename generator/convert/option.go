package convert

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/sessiongen/sessiongen/generator/diag"
	"github.com/sessiongen/sessiongen/generator/schema"
)

// optionNames lists the options in the order in which messages name them.
var optionNames = [...]string{"renew", "owner", "counter", "flash", "secret", "ttl", "max", "was", "json"}

// foreignOptions are options of other tags that people carry over, and why there are none of them here.
var foreignOptions = map[string]string{
	"omitempty": "a field that was never set is not stored anyway; remove the option",
	"omitzero":  "a field that was never set is not stored anyway; remove the option",
	"string":    "values are stored in binary; remove the option",
	"inline":    "embed the struct to promote its fields",
	"expires":   "use ttl=10m",
	"expire":    "use ttl=10m",
	"once":      "use flash",
	"redact":    "use secret",
	"sensitive": "use secret",
	"limit":     "use max=64",
	"user":      "use owner",
	"principal": "use owner",
	"-":         "write `session:\"-\"` to leave the field out",
}

func isOption(name string) bool {
	for _, known := range optionNames {
		if name == known {
			return true
		}
	}
	return false
}

// applyOptions sets a field's options from those of its tag. Package check decides whether they suit the field and each
// other.
func applyOptions(f *schema.Field, options []Option) []fault {
	var faults []fault
	seen := map[string]bool{}
	for _, o := range options {
		message := ""
		switch {
		case !isOption(o.Name):
			message = unknownOption(o)
		case seen[o.Name] && o.Name != "was":
			message = fmt.Sprintf("option %s given twice: remove one", o.Name)
		default:
			seen[o.Name] = true
			message = applyOption(f, o)
		}
		if message != "" {
			faults = append(faults, fault{At: o.At, Message: message})
		}
	}
	return faults
}

func applyOption(f *schema.Field, o Option) string {
	flag := map[string]*bool{
		"renew": &f.Renew, "counter": &f.Counter, "flash": &f.Flash, "secret": &f.Secret, "json": &f.JSON,
	}[o.Name]
	if flag != nil {
		*flag = true
		if o.hasValue {
			return fmt.Sprintf("option %s takes no value: write just %s", o.Name, o.Name)
		}
		return ""
	}
	if o.Name == "owner" {
		return applyOwner(f, o)
	}
	example := map[string]string{"ttl": "10m", "max": "64", "was": "old_key"}[o.Name]
	if o.Value == "" {
		return fmt.Sprintf("option %s needs a value, as in %s=%s", o.Name, o.Name, example)
	}
	switch o.Name {
	case "ttl":
		return applyTTL(f, o.Value)
	case "max":
		n, err := strconv.Atoi(o.Value)
		if err != nil || n <= 0 {
			return fmt.Sprintf("max=%s is not a positive whole number: write it as in max=64", o.Value)
		}
		f.Max = n
	case "was":
		if message := keyFault(o.Value); message != "" {
			return "option was: " + message
		}
		f.Was = append(f.Was, o.Value)
	}
	return ""
}

// defaultOwner is how many sessions an owner has at a time if the option does not say.
const defaultOwner, maxOwner = 100, 1000

func applyOwner(f *schema.Field, o Option) string {
	f.Owner, f.Renew = defaultOwner, true
	if !o.hasValue {
		return ""
	}
	n, err := strconv.Atoi(o.Value)
	if err != nil || n < 1 || n > maxOwner {
		return fmt.Sprintf("owner=%s is not a whole number from 1 to %d: write how many sessions an owner may have at a time, "+
			"as in owner=5, or just owner for %d", o.Value, maxOwner, defaultOwner)
	}
	f.Owner = n
	return ""
}

func applyTTL(f *schema.Field, value string) string {
	d, err := time.ParseDuration(value)
	if err == nil && d > 0 {
		f.TTL = d
		return ""
	}
	if err == nil {
		return fmt.Sprintf("ttl=%s is not positive: the field would never be there", value)
	}
	if n, err := strconv.Atoi(value); err == nil && n > 0 {
		return fmt.Sprintf("ttl=%s has no unit: write %ss, %sm or %sh", value, value, value, value)
	}
	if days, found := strings.CutSuffix(value, "d"); found {
		if n, err := strconv.Atoi(days); err == nil && n > 0 {
			return fmt.Sprintf("ttl=%s: durations have no days; write ttl=%dh", value, 24*n)
		}
	}
	return fmt.Sprintf("ttl=%s is not a duration: write it as in ttl=90s, ttl=10m or ttl=1h30m", value)
}

func unknownOption(o Option) string {
	name := strings.TrimSpace(o.Name)
	lower := strings.ToLower(name)
	switch {
	case name == "" && !o.hasValue:
		return "empty option: remove the comma"
	case name != o.Name && isOption(name):
		return fmt.Sprintf("space around option %s: remove it", name)
	case isOption(lower):
		return fmt.Sprintf("unknown option %q: did you mean %s? options are written in lower case", name, lower)
	}
	if word, value, found := strings.Cut(name, ":"); found && isOption(strings.ToLower(word)) && value != "" {
		return fmt.Sprintf("unknown option %q: did you mean %s=%s?", name, strings.ToLower(word), value)
	}
	if why := foreignOptions[lower]; why != "" {
		return fmt.Sprintf("unknown option %q: %s", name, why)
	}
	if near := diag.Closest(lower, optionNames[:]...); near != "" {
		return fmt.Sprintf("unknown option %q: did you mean %s?", name, near)
	}
	return fmt.Sprintf("unknown option %q: the options are %s", name, strings.Join(optionNames[:], ", "))
}
