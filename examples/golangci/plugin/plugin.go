// Package plugin gives golangci-lint the analyzers of sessionvet, as its module plugin system wants them.
package plugin

import (
	"github.com/golangci/plugin-module-register/register"
	"github.com/sessiongen/sessiongen/generator/vet"
	"golang.org/x/tools/go/analysis"
)

func init() { register.Plugin("sessionvet", newPlugin) }

func newPlugin(any) (register.LinterPlugin, error) { return plugin{}, nil }

type plugin struct{}

func (plugin) BuildAnalyzers() ([]*analysis.Analyzer, error) { return vet.Analyzers(), nil }

// GetLoadMode asks for types: without them there are no sessions.
func (plugin) GetLoadMode() string { return register.LoadModeTypesInfo }
