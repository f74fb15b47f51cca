package demo

import "strings"

// Browser says in words what a User-Agent claims to be: "Firefox on Linux". It tells a person which of their devices
// is meant, and proves nothing, because a client sends what it likes. So it names no version, and says no more than
// the text does: Brave and others call themselves Chrome, and an iPad calls itself a Mac.
func Browser(userAgent string) string {
	name, system := firstOf(userAgent, browsers), firstOf(userAgent, systems)
	if name == "Safari" && system == "a Mac" {
		system = "a Mac or an iPad"
	}
	switch {
	case name == "" && system == "":
		return "Unknown browser"
	case name == "":
		return "Unknown browser on " + system
	case system == "":
		return name
	}
	return name + " on " + system
}

// A sign is what a User-Agent has in it if it is the one that name says.
type sign struct{ text, name string }

// browsers are the well-known ones. Those that pretend to be another as well stand before it.
var browsers = []sign{
	{"Edg/", "Edge"}, {"EdgA/", "Edge"}, {"EdgiOS/", "Edge"},
	{"OPR/", "Opera"},
	{"Vivaldi/", "Vivaldi"},
	{"SamsungBrowser/", "Samsung Internet"},
	{"Firefox/", "Firefox"}, {"FxiOS/", "Firefox"},
	{"HeadlessChrome/", "Headless Chrome"}, {"Chrome/", "Chrome"}, {"CriOS/", "Chrome"},
	{"Safari/", "Safari"},
	{"curl/", "curl"},
}

// systems are likewise: Android calls itself Linux too, and an iPhone "like Mac OS X".
var systems = []sign{
	{"iPhone", "an iPhone"},
	{"iPad", "an iPad"},
	{"Android", "Android"},
	{"Windows", "Windows"},
	{"CrOS", "ChromeOS"},
	{"Macintosh", "a Mac"},
	{"Linux", "Linux"},
}

func firstOf(text string, signs []sign) string {
	for _, s := range signs {
		if strings.Contains(text, s.text) {
			return s.name
		}
	}
	return ""
}
