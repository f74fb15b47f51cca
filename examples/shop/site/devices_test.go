package main

import (
	"strings"
	"testing"
)

func TestADeviceThatIsLoggedOutIsAStrangerAtItsNextClick(t *testing.T) {
	s := serve(t)
	phone, desk := s.visitor(t), s.visitor(t)
	phone.login("ann")
	desk.login("ann")
	_, body := desk.get("/devices")
	if n := strings.Count(body, "this device"); n != 1 {
		t.Errorf("%d devices are this one:\n%s", n, body)
	}
	_, body = desk.post("/devices/end", "device", hidden(body, "device"))
	desk.wants(body, "The device is logged out.", "No other device is logged in.")
	resp, _ := phone.get("/account")
	phone.ends(resp, "/login?next=%2Faccount")
	_, body = desk.get("/account")
	desk.wants(body, "Hello, Ann.")
}

func TestAllOtherDevicesAreLoggedOutAtOnce(t *testing.T) {
	s := serve(t)
	phone, laptop, desk, bob := s.visitor(t), s.visitor(t), s.visitor(t), s.visitor(t)
	for _, v := range []*visitor{phone, laptop, desk} {
		v.login("ann")
	}
	bob.login("bob")
	_, body := desk.post("/devices/end-others")
	desk.wants(body, "All other devices are logged out.", "No other device is logged in.")
	for _, v := range []*visitor{phone, laptop} {
		resp, _ := v.get("/devices")
		v.ends(resp, "/login?next=%2Fdevices")
	}
	_, body = bob.get("/account")
	bob.wants(body, "Hello, Bob.")
}

func TestADeviceOfAnotherAccountCannotBeLoggedOut(t *testing.T) {
	s := serve(t)
	ann, bob := s.visitor(t), s.visitor(t)
	ann.login("ann")
	s.visitor(t).login("ann")
	_, body := ann.get("/devices")
	theirs := hidden(body, "device")
	bob.login("bob")
	_, body = bob.post("/devices/end", "device", theirs)
	bob.wants(body, "That device is not logged in any more.")
	_, body = ann.get("/devices")
	ann.wants(body, theirs)
}

func TestToLogThisDeviceOutIsALogout(t *testing.T) {
	s := serve(t)
	v := s.visitor(t)
	v.login("ann")
	other := s.visitor(t)
	other.login("ann")
	_, body := other.get("/devices")
	_, body = v.post("/devices/end", "device", hidden(body, "device"))
	v.wants(body, "You are logged out.")
}
