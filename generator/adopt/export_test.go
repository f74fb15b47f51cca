package adopt

// Study is Run for a program that is loaded.
var Study = run
