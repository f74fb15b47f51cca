// Package concurrency has the tests of sessions that many requests use at once, for whoever has a store to run them on:
// package session's own tests, and those of stores that are modules of their own.
//
// They run as several processes of a site would: each process has a store and a manager, and so locks and a memory of
// touches, of its own. Within one process the local lock decides, between two it is compare-and-swap.
package concurrency

import (
	"testing"

	"github.com/sessiongen/sessiongen/runtime/session"
)

// processes is how many most tests have.
const processes = 2

// Run runs all of them on one store. connect returns the store as one more process has it, until the end of a test.
func Run(t *testing.T, connect func(t testing.TB) session.Store) {
	for _, test := range []struct {
		name string
		run  func(t *testing.T, connect func() session.Store)
	}{
		{"OfManyRequestsThatEachSetAFieldAllSurvive", OfManyRequestsThatEachSetAFieldAllSurvive},
		{"CountersOfManyRequestsAddUp", CountersOfManyRequestsAddUp},
		{"WhatManyRequestsAppendIsThereOnce", WhatManyRequestsAppendIsThereOnce},
		{"PutsAndDeletesOfDifferentKeysAllHold", PutsAndDeletesOfDifferentKeysAllHold},
		{"OnOneKeyOfAMapAndOnOneFieldTheLaterSaveHolds", OnOneKeyOfAMapAndOnOneFieldTheLaterSaveHolds},
		{"AFlashIsTakenOnceHoweverManyTry", AFlashIsTakenOnceHoweverManyTry},
		{"OfManyGuessesAtOnceExactlyTheLimitPasses", OfManyGuessesAtOnceExactlyTheLimitPasses},
		{"AReadOnlyRequestNeverUndoesAWrite", func(t *testing.T, connect func() session.Store) {
			AReadOnlyRequestNeverUndoesAWrite(t, connect)
		}},
		{"TwoRacingLoginsGiveTwoWholeSessions", TwoRacingLoginsGiveTwoWholeSessions},
		{"ALoginKeepsWhatOthersSavedSinceItWasLoaded", ALoginKeepsWhatOthersSavedSinceItWasLoaded},
		{
			"ARequestWithTheIdFromBeforeALoginIsAnonymousAndHarmsNothing",
			ARequestWithTheIdFromBeforeALoginIsAnonymousAndHarmsNothing,
		},
		{"ALogoutEndsTheSessionThatARenewalWentOnWith", ALogoutEndsTheSessionThatARenewalWentOnWith},
		{"ASlowRequestCannotBringBackASessionThatHasEnded", ASlowRequestCannotBringBackASessionThatHasEnded},
		{"OfRacesBetweenSaveAndDestroyNoSessionIsResurrected", OfRacesBetweenSaveAndDestroyNoSessionIsResurrected},
		{"TwoBinariesOfARollingDeployShareASessionAndLoseNothing", TwoBinariesOfARollingDeployShareASessionAndLoseNothing},
		{"ASessionThatEverybodySavesDoesNotStarve", ASessionThatEverybodySavesDoesNotStarve},
		{"AnEndAllEndsWhateverItRacesWith", AnEndAllEndsWhateverItRacesWith(200)},
		{"ALoginAsAnotherIsWholeWhateverItRacesWith", ALoginAsAnotherIsWholeWhateverItRacesWith},
		{"OfManyLoginsAtOnceTheLatestFiveLive", OfManyLoginsAtOnceTheLatestFiveLive},
		{"OfManyRenewalsAtOnceOneIsAcknowledgedAndLives", OfManyRenewalsAtOnceOneIsAcknowledgedAndLives},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.run(t, func() session.Store { return connect(t) })
		})
	}
}
