package adopt

import "github.com/sessiongen/sessiongen/generator/load"

// Study is Run for a program that is loaded.
var Study = run

// NewSurvey returns the selection of function bodies that Run makes.
func NewSurvey() load.Selection { return newSurvey() }
